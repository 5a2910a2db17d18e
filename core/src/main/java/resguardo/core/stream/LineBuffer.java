package resguardo.core.stream;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The bytes of a line that has not ended yet. The line of a large file has megabytes: its room
 * grows by a quarter then, not to twice what it was, and is let go when the line is taken. For one
 * thread.
 */
public final class LineBuffer extends ByteArrayOutputStream {
  private static final int FIRST = 256;

  /** From this length on a line counts as long, in bytes. */
  private static final int LONG = 256 * 1024;

  /** Nothing is in it. */
  public LineBuffer() {
    super(FIRST);
  }

  /**
   * How large the room for a line is to be made.
   *
   * @param now what it is, in bytes
   * @param needed what has to fit at least, in bytes
   */
  public static int grown(int now, int needed) {
    long wanted = now < LONG ? 2L * now : now + now / 4L;
    return (int) Math.max(needed, Math.min(wanted, Integer.MAX_VALUE - 8L));
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    int needed = Math.addExact(count, length);
    if (needed > buf.length) {
      buf = Arrays.copyOf(buf, grown(buf.length, needed));
    }
    super.write(bytes, offset, length);
  }

  /** What was written since the last time; from now on it is empty. */
  public synchronized byte[] take() {
    byte[] line = toByteArray();
    reset();
    if (buf.length > LONG) {
      buf = new byte[FIRST];
    }
    return line;
  }
}
