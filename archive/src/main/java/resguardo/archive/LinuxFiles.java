package resguardo.archive;

import com.sun.jna.Native;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Calls of the C library for what Java does not give of files. Mapped directly: some are made for
 * every file of a set. A {@code size_t} is as wide as a long on 64-bit Linux, whose constants these
 * are. Each gives -1 when it failed, and {@link Native#getLastError} says why.
 */
final class LinuxFiles {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int ENXIO = 6;
  static final int EACCES = 13;
  static final int ERANGE = 34;
  static final int ENODATA = 61;
  static final int EOPNOTSUPP = 95;

  static final int SEEK_DATA = 3;
  static final int SEEK_HOLE = 4;

  /** Not through a link, not for child processes, and not waiting should it be a FIFO now. */
  static final int TO_READ = 0400000 | 02000000 | 04000;

  static {
    Native.register(LinuxFiles.class, "c");
  }

  private LinuxFiles() {}

  /** As llistxattr(2). Without a list: how long it would be. */
  static native long llistxattr(byte[] path, byte @Nullable [] list, long size);

  /** As lgetxattr(2). Without a value: how long it would be. */
  static native long lgetxattr(byte[] path, byte[] name, byte @Nullable [] value, long size);

  /** As lsetxattr(2). */
  static native int lsetxattr(byte[] path, byte[] name, byte[] value, long size, int flags);

  /** As open(2). */
  static native int open(byte[] path, int flags);

  /** As lseek(2). */
  static native long lseek(int file, long offset, int whence);

  /** As close(2). */
  static native int close(int file);

  /** As truncate(2). */
  static native int truncate(byte[] path, long length);

  /** As strerror(3). */
  static native String strerror(int error);

  /** The bytes of a path as these calls take it. */
  static byte[] path(Path path) {
    return ended(RawPaths.bytes(path));
  }

  /** The same with a zero byte at the end. */
  static byte[] ended(byte[] name) {
    return Arrays.copyOf(name, name.length + 1);
  }

  /** What the last call that failed says, in words. */
  static String lastError() {
    return strerror(Native.getLastError());
  }
}
