package resguardo.agent;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import resguardo.archive.RawPaths;
import resguardo.archive.SourceFolder;
import resguardo.core.version.Entry;

/**
 * The state of a file by statx(2), whose answer has the same layout on every machine. It is asked
 * of every file of a set at every round, and Java's own way takes several times as long.
 */
final class LinuxStat {
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_EMPTY_PATH = 0x1000;

  /** All that the older stat(2) told. */
  private static final int STATX_BASIC_STATS = 0x7ff;

  private static final byte[] NO_PATH = {0};
  private static final int ANSWER = 256;
  private static final int ENOENT = 2;
  private static final int EACCES = 13;
  private static final int ENOSYS = 38;

  /** Whether this system has the call; Linux has since 4.11. */
  private static final boolean THERE = isThere();

  private LinuxStat() {}

  static native int statx(int folder, byte[] path, int flags, int mask, byte[] answer);

  private static boolean isThere() {
    try {
      Native.register(LinuxStat.class, "c");
      byte[] root = {'/', 0};
      return statx(AT_FDCWD, root, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, new byte[ANSWER]) == 0;
    } catch (UnsatisfiedLinkError olderLibrary) {
      return false;
    }
  }

  /**
   * The state of the file itself: a symbolic link is not followed.
   *
   * @return absent where the system does not have the call
   */
  static @Nullable FileState of(Path path) throws IOException {
    byte[] bytes = RawPaths.bytes(path);
    return asked(AT_FDCWD, Arrays.copyOf(bytes, bytes.length + 1), AT_SYMLINK_NOFOLLOW, path);
  }

  /**
   * The state of what has this name in an open folder: a symbolic link is not followed.
   *
   * @param path for the error
   * @return absent where the system does not have the call
   */
  static @Nullable FileState of(SourceFolder folder, byte[] name, Path path) throws IOException {
    byte[] ended = Arrays.copyOf(name, name.length + 1);
    return asked(folder.descriptor(), ended, AT_SYMLINK_NOFOLLOW, path);
  }

  /**
   * The state of an open file, wherever it is by now.
   *
   * @param path for the error
   * @return absent where the system does not have the call
   */
  static @Nullable FileState of(int descriptor, Path path) throws IOException {
    return asked(descriptor, NO_PATH, AT_EMPTY_PATH, path);
  }

  private static @Nullable FileState asked(int folder, byte[] bytes, int flags, Path path)
      throws IOException {
    if (!THERE) {
      return null;
    }
    byte[] answer = new byte[ANSWER];
    int failed = statx(folder, bytes, flags, STATX_BASIC_STATS, answer);
    if (failed == 0) {
      return state(ByteBuffer.wrap(answer).order(ByteOrder.nativeOrder()));
    }
    return failed(path, Native.getLastError());
  }

  private static @Nullable FileState failed(Path path, int error) throws IOException {
    switch (error) {
      case ENOSYS:
        return null; // forbidden to this process
      case ENOENT:
        throw new NoSuchFileException(path.toString());
      case EACCES:
        throw new AccessDeniedException(path.toString());
      default:
        throw new FileSystemException(path.toString(), null, "statx: error " + error);
    }
  }

  /** The fields of struct statx, by their offsets in linux/stat.h. */
  private static FileState state(ByteBuffer answer) {
    return new FileState(
        answer.getShort(28) & 0xffff,
        Integer.toUnsignedLong(answer.getInt(20)),
        Integer.toUnsignedLong(answer.getInt(24)),
        device(answer.getInt(136), answer.getInt(140)),
        answer.getLong(32),
        answer.getInt(16),
        device(answer.getInt(128), answer.getInt(132)),
        answer.getLong(40),
        time(answer, 112),
        time(answer, 96));
  }

  private static FileTime time(ByteBuffer answer, int at) {
    return time(answer.getLong(at), answer.getInt(at + 8));
  }

  /** Beyond what can be recorded it is the latest, or the earliest, that can be. */
  static FileTime time(long seconds, int nanos) {
    long known = Math.max(-Entry.LATEST, Math.min(Entry.LATEST, seconds));
    return FileTime.from(Instant.ofEpochSecond(known, known == seconds ? nanos : 0));
  }

  /** As the C library of Linux puts a device number together (makedev(3)). */
  private static long device(int major, int minor) {
    long high = Integer.toUnsignedLong(major);
    long low = Integer.toUnsignedLong(minor);
    return (high & 0xfffL) << 8 | (high & ~0xfffL) << 32 | low & 0xffL | (low & ~0xffL) << 12;
  }
}
