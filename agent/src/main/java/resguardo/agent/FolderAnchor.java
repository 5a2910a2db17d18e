package resguardo.agent;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.nio.file.Path;
import resguardo.archive.RawPaths;

/**
 * A folder under a path that is short enough to go on from. A deep one is held open, and its path
 * is then that of the open file under {@code /proc/self/fd}.
 */
final class FolderAnchor implements AutoCloseable {
  /** The two calls of the C library that Java does not give. */
  interface CLibrary extends Library {
    /** As open(2). The path ends in a zero byte. */
    int open(byte[] path, int flags);

    /** As close(2). */
    int close(int descriptor);
  }

  /**
   * From Linux's fcntl.h: only hold it, do not follow a link in its place, not for child processes.
   */
  private static final int O_PATH_DIRECTORY_NOFOLLOW_CLOEXEC =
      010000000 | 0200000 | 0400000 | 02000000;

  private static final int NONE = -1;

  private final Path path;
  private final int descriptor;

  private FolderAnchor(Path path, int descriptor) {
    this.path = path;
    this.descriptor = descriptor;
  }

  /** Loaded when it is first needed: most trees are never that deep. */
  private static final class Loaded {
    static final CLibrary LIBRARY = Native.load("c", CLibrary.class);
  }

  /** An anchor at this folder, which is held open if its path is longer than this many bytes. */
  static FolderAnchor of(Path folder, int longest) {
    // A character has at most four bytes: most paths need no closer look.
    if (folder.toString().length() <= longest / 4) {
      return new FolderAnchor(folder, NONE);
    }
    byte[] bytes = RawPaths.bytes(folder);
    if (bytes.length <= longest) {
      return new FolderAnchor(folder, NONE);
    }
    int descriptor =
        Loaded.LIBRARY.open(
            java.util.Arrays.copyOf(bytes, bytes.length + 1), O_PATH_DIRECTORY_NOFOLLOW_CLOEXEC);
    // If it cannot be held, going on with the long path gives the error that belongs to it.
    return descriptor < 0
        ? new FolderAnchor(folder, NONE)
        : new FolderAnchor(Path.of("/proc/self/fd/" + descriptor), descriptor);
  }

  /** The folder. */
  Path path() {
    return path;
  }

  @Override
  public void close() {
    if (descriptor != NONE) {
      Loaded.LIBRARY.close(descriptor);
    }
  }
}
