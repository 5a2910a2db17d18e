package resguardo.core.stream;

import java.nio.charset.StandardCharsets;
import resguardo.core.protocol.MalformedMessageException;

/**
 * The lines by which an agent tells a new manifest: {@code =N}: the next N lines of the base stay,
 * {@code -N}: the next N of the base go, and any other is a line of {@link
 * resguardo.core.version.EntryCodec} that comes in here. What the base has after the last line
 * goes.
 */
public final class ManifestEdit {
  private static final int LONGEST_COUNT = 19;

  private ManifestEdit() {}

  /** The next lines of the base stay. */
  public static byte[] keep(long lines) {
    return ("=" + lines + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** The next lines of the base go. */
  public static byte[] drop(long lines) {
    return ("-" + lines + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** What is done to the base. */
  public interface Reader {
    /** The next lines stay. */
    void keep(long lines) throws java.io.IOException, MalformedMessageException;

    /** The next lines go. */
    void drop(long lines) throws java.io.IOException, MalformedMessageException;

    /** A line comes in, without its newline. */
    void add(byte[] line) throws java.io.IOException, MalformedMessageException;
  }

  /** Takes the bytes of an edit apart into its lines, wherever they are cut. For one thread. */
  public static final class Decoder {
    private final LineSplitter lines;
    private final Reader reader;

    /**
     * @param longest of a line, in bytes
     */
    public Decoder(int longest, Reader reader) {
      this.lines = new LineSplitter(longest, this::takeLine);
      this.reader = reader;
    }

    /**
     * Takes the next bytes.
     *
     * @throws MalformedMessageException when a line is none
     */
    public void take(byte[] bytes) throws java.io.IOException, MalformedMessageException {
      lines.take(bytes, bytes.length);
    }

    private void takeLine(byte[] whole) throws java.io.IOException, MalformedMessageException {
      if (whole.length > 0 && whole[0] == '=') {
        reader.keep(count(whole));
      } else if (whole.length > 0 && whole[0] == '-') {
        reader.drop(count(whole));
      } else {
        reader.add(whole);
      }
    }

    private static long count(byte[] whole) throws MalformedMessageException {
      String digits = new String(whole, 1, whole.length - 1, StandardCharsets.ISO_8859_1);
      if (digits.length() > LONGEST_COUNT || !digits.matches("[1-9][0-9]*")) {
        throw new MalformedMessageException("an edit without a count");
      }
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException tooMany) {
        throw new MalformedMessageException("an edit without a count");
      }
    }

    /**
     * Nothing comes any more.
     *
     * @throws MalformedMessageException when the last line has no end
     */
    public void end() throws MalformedMessageException {
      if (lines.withinALine()) {
        throw new MalformedMessageException("the entries end within a line");
      }
    }
  }
}
