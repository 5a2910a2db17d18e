package resguardo.core.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;

/**
 * Unpacks gzip of many members, wherever its bytes come from. {@link GZIPInputStream} alone takes
 * the end of a member for the end of everything when it happens that nothing more has arrived yet:
 * it asks {@link InputStream#available}, which may say 0 for a network or a pipe at any time.
 */
public final class GzipMembers {
  private GzipMembers() {}

  /**
   * The unpacked bytes of all members.
   *
   * @param in closed with the result
   * @param buffer of packed bytes
   * @throws java.util.zip.ZipException when it does not begin as gzip does
   * @throws java.io.EOFException when it is empty
   */
  public static InputStream unpacked(InputStream in, int buffer) throws IOException {
    return new GZIPInputStream(new Looking(in), buffer);
  }

  /** Says that nothing is there only after its end: it waits for the next byte to tell. */
  private static final class Looking extends PushbackInputStream {
    Looking(InputStream in) {
      super(in, 1);
    }

    @Override
    public int available() throws IOException {
      int next = read();
      if (next < 0) {
        return 0;
      }
      unread(next);
      return Math.max(1, super.available());
    }
  }
}
