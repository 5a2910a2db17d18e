package resguardo.infra.store;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;

/**
 * A range of an object that is gone on with where a connection broke, and that never ends early
 * without saying so.
 */
final class ResumingStream extends InputStream {
  /**
   * Each time at least one byte came since the last: a connection that only ever breaks is not
   * tried for ever.
   */
  private static final int BREAKS_WITHOUT_PROGRESS = 3;

  /** Opens the object, which must be the same as at first, at an offset. */
  interface Opener {
    InputStream open(long from, long to) throws StoreException;
  }

  private final ObjectKey key;
  private final long end;
  private final Opener opener;
  private long at;
  private int breaks;
  private @Nullable InputStream current;

  ResumingStream(ObjectKey key, long from, long end, Opener opener) throws StoreException {
    this.key = key;
    this.at = from;
    this.end = end;
    this.opener = opener;
    this.current = opener.open(from, end);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (at < end) {
      int read = readOrBreak(bytes, offset, (int) Math.min(length, end - at));
      if (read > 0) {
        at += read;
        breaks = 0;
        return read;
      }
      if (++breaks > BREAKS_WITHOUT_PROGRESS) {
        throw new StoreException.Unavailable(
            "Failed to read " + key + ": it broke off at " + at + " of " + end + ".", null);
      }
    }
    return -1;
  }

  private int readOrBreak(byte[] bytes, int offset, int length) throws IOException {
    InputStream open = current == null ? opener.open(at, end) : current;
    current = open;
    try {
      int read = open.read(bytes, offset, length);
      if (read < 0) {
        abandon();
      }
      return read;
    } catch (IOException broken) {
      abandon();
      return -1;
    }
  }

  private void abandon() {
    InputStream broken = current;
    current = null;
    if (broken != null) {
      try {
        broken.close();
      } catch (IOException e) {
        // it is broken: there is nothing to be saved
      }
    }
  }

  @Override
  public void close() {
    abandon();
  }
}
