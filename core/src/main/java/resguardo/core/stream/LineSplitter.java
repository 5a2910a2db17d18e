package resguardo.core.stream;

import java.io.IOException;
import resguardo.core.protocol.MalformedMessageException;

/** Takes bytes apart into lines, wherever the bytes are cut. For one thread. */
public final class LineSplitter {
  private final int longest;
  private final Taker taker;
  private final LineBuffer line = new LineBuffer();

  /** Takes lines in their order. */
  public interface Taker {
    /** The next line, without its newline. */
    void take(byte[] line) throws IOException, MalformedMessageException;
  }

  /**
   * @param longest how long a line may grow before its end has come, in bytes
   */
  public LineSplitter(int longest, Taker taker) {
    this.longest = longest;
    this.taker = taker;
  }

  /**
   * Takes the next bytes.
   *
   * @param length how many of the bytes, from the first
   * @throws MalformedMessageException when a line is too long, or the taker says so
   */
  public void take(byte[] bytes, int length) throws IOException, MalformedMessageException {
    int start = 0;
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '\n') {
        line.write(bytes, start, i - start);
        start = i + 1;
        taker.take(line.take());
      }
    }
    line.write(bytes, start, length - start);
    if (line.size() > longest) {
      throw new MalformedMessageException("a line of more than " + longest + " bytes");
    }
  }

  /** Whether the last line has no end yet. */
  public boolean withinALine() {
    return line.size() > 0;
  }
}
