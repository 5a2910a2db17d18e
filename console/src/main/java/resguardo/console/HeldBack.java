package resguardo.console;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last bytes back until it is known that all of them are right: what is broken off can be
 * told from what is whole. Nothing is opened before there is something to write.
 */
final class HeldBack extends OutputStream {
  private final Opening opening;
  private byte @Nullable [] last;
  private @Nullable OutputStream to;

  /** Begins the answer. */
  interface Opening {
    /** Where the bytes go. */
    OutputStream open() throws IOException;
  }

  HeldBack(Opening opening) {
    this.opening = opening;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return;
    }
    pass();
    last = Arrays.copyOfRange(bytes, offset, offset + length);
  }

  private void pass() throws IOException {
    byte[] now = last;
    if (now != null) {
      out().write(now);
    }
  }

  private OutputStream out() throws IOException {
    if (to == null) {
      to = opening.open();
    }
    return to;
  }

  /** All is right. */
  void release() throws IOException {
    pass();
    last = null;
    out().close();
  }
}
