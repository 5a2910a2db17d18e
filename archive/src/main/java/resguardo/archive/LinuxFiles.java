package resguardo.archive;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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
  static final int EINTR = 4;
  static final int ENXIO = 6;
  static final int EACCES = 13;
  static final int EEXIST = 17;
  static final int ENOTDIR = 20;
  static final int EISDIR = 21;
  static final int EINVAL = 22;
  static final int EFBIG = 27;
  static final int ERANGE = 34;
  static final int ELOOP = 40;
  static final int ENODATA = 61;
  static final int EOPNOTSUPP = 95;

  static final int O_WRONLY = 1;
  static final int O_CREAT = 0100;
  static final int O_EXCL = 0200;
  static final int O_CLOEXEC = 02000000;

  /** Only hold it. */
  static final int O_PATH = 010000000;

  /** These two differ between processors. */
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

  static final int O_DIRECTORY = ARM ? 040000 : 0200000;
  static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;

  /** Not through a link, not for child processes, and not waiting should it be a FIFO now. */
  static final int TO_READ = O_NOFOLLOW | O_CLOEXEC | 04000;

  /** Leave the time of the last access as it is; only for the file's owner and who may do all. */
  static final int O_NOATIME = 01000000;

  static final int SEEK_SET = 0;
  static final int SEEK_DATA = 3;
  static final int SEEK_HOLE = 4;

  /** What is meant is what is open in the place of the folder. */
  static final int AT_EMPTY_PATH = 0x1000;

  /** In place of nanoseconds: this time is to stay as it is. */
  static final long UTIME_OMIT = (1L << 30) - 2;

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

  /** As setxattr(2), which follows links: for what is open. */
  static native int setxattr(byte[] path, byte[] name, byte[] value, long size, int flags);

  /** As fsetxattr(2). */
  static native int fsetxattr(int file, byte[] name, byte[] value, long size, int flags);

  /** As readlink(2): how many bytes the link has, which do not end in a zero byte. */
  static native long readlink(byte[] path, byte[] target, long size);

  /** As open(2). */
  static native int open(byte[] path, int flags);

  /** As openat(2). */
  static native int openat(int folder, byte[] name, int flags, int mode);

  /** As mkdirat(2). */
  static native int mkdirat(int folder, byte[] name, int mode);

  /** As unlinkat(2). */
  static native int unlinkat(int folder, byte[] name, int flags);

  /** As symlinkat(2). */
  static native int symlinkat(byte[] target, int folder, byte[] name);

  /** As linkat(2). */
  static native int linkat(int fromFolder, byte[] from, int folder, byte[] name, int flags);

  /**
   * As write(2).
   *
   * @param bytes the address of what is written
   */
  static native long write(int file, long bytes, long count);

  /**
   * As read(2).
   *
   * @param bytes the address of where to
   */
  static native long read(int file, long bytes, long count);

  /** As lseek(2). */
  static native long lseek(int file, long offset, int whence);

  /** As ftruncate(2). */
  static native int ftruncate(int file, long length);

  /** As fchown(2). */
  static native int fchown(int file, int uid, int gid);

  /** As fchownat(2). */
  static native int fchownat(int folder, byte[] name, int uid, int gid, int flags);

  /** As fchmod(2). */
  static native int fchmod(int file, int mode);

  /** As fchmodat(2). */
  static native int fchmodat(int folder, byte[] name, int mode, int flags);

  /** As futimens(3), with both times as pairs of seconds and nanoseconds. */
  static native int futimens(int file, long[] times);

  /** As utimensat(2), with times as above. */
  static native int utimensat(int folder, byte[] name, long[] times, int flags);

  /** As close(2). */
  static native int close(int file);

  /** As strerror(3). */
  static native String strerror(int error);

  /** The bytes of a path as these calls take it. */
  static byte[] path(Path path) {
    return ended(RawPaths.bytes(path));
  }

  /** A path to what is open, whatever has its name now. */
  static byte[] ofOpen(int file) {
    return ended(("/proc/self/fd/" + file).getBytes(StandardCharsets.US_ASCII));
  }

  /** The same with a zero byte at the end. */
  static byte[] ended(byte[] name) {
    return Arrays.copyOf(name, name.length + 1);
  }

  /**
   * Looks at what a call gave.
   *
   * @param what was to be done, in words
   * @throws IOException with the reason, when it failed
   */
  static int checked(int result, Object what) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": " + lastError());
    }
    return result;
  }

  /** What the last call that failed says of a path. */
  static IOException failure(Path path) {
    int error = Native.getLastError();
    return switch (error) {
      case ENOENT -> new NoSuchFileException(path.toString());
      case EACCES -> new AccessDeniedException(path.toString());
      default -> new FileSystemException(path.toString(), null, strerror(error));
    };
  }

  /** Whether the last call that failed is one that this process may not do. */
  static boolean isForbidden() {
    return Native.getLastError() == EPERM;
  }

  /** What the last call that failed says, in words. */
  static String lastError() {
    return strerror(Native.getLastError());
  }
}
