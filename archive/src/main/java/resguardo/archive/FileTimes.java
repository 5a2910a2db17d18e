package resguardo.archive;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Sets times to the nanosecond, of links too, which Java cannot. The constants are those of 64-bit
 * Linux.
 */
final class FileTimes {
  /** The call of the C library. */
  interface CLibrary extends Library {
    /** As utimensat(2), with both times as pairs of seconds and nanoseconds. */
    int utimensat(int folder, byte[] path, long[] times, int flags);
  }

  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final long UTIME_OMIT = (1L << 30) - 2;

  private FileTimes() {}

  /** Loaded when it is first needed. */
  private static final class Loaded {
    static final CLibrary LIBRARY = Native.load("c", CLibrary.class);
  }

  /**
   * Sets when something was changed last; of a link, its own time.
   *
   * @throws IOException when it could not be set
   */
  static void set(Path path, long seconds, int nanos) throws IOException {
    byte[] bytes = RawPaths.bytes(path);
    long[] times = {0, UTIME_OMIT, seconds, nanos};
    byte[] ended = Arrays.copyOf(bytes, bytes.length + 1);
    if (Loaded.LIBRARY.utimensat(AT_FDCWD, ended, times, AT_SYMLINK_NOFOLLOW) != 0) {
      throw new IOException("its time could not be set (error " + Native.getLastError() + ")");
    }
  }
}
