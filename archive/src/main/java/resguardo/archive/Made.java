package resguardo.archive;

import com.sun.jna.Native;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Something that was made, as the C library sets its owner, mode, attributes and times: each call
 * gives -1 when it failed. It is open: whoever may write to the folder that it is in can move
 * something else into its place at any time.
 */
sealed interface Made {
  /** A user's and a group's number. */
  int owner(int uid, int gid);

  /** The permissions, without what it is. */
  int mode(int mode);

  /** An extended attribute; its name ends in a zero byte. */
  int attribute(byte[] name, byte[] value);

  /** When it was read and changed last, as pairs of seconds and nanoseconds. */
  int times(long[] times);

  /** A file or folder that is open. */
  record Open(int file) implements Made {
    @Override
    public int owner(int uid, int gid) {
      return LinuxFiles.fchown(file, uid, gid);
    }

    @Override
    public int mode(int mode) {
      return LinuxFiles.fchmod(file, mode);
    }

    @Override
    public int attribute(byte[] name, byte[] value) {
      return LinuxFiles.fsetxattr(file, name, value, value.length, 0);
    }

    @Override
    public int times(long[] times) {
      return LinuxFiles.futimens(file, times);
    }
  }

  /**
   * What is only held, as to open it does more: a link, which is meant itself, a FIFO, a device.
   */
  record Held(int file) implements Made, AutoCloseable {
    private static final byte[] ITSELF = {0};

    @Override
    public int owner(int uid, int gid) {
      return LinuxFiles.fchownat(file, ITSELF, uid, gid, LinuxFiles.AT_EMPTY_PATH);
    }

    @Override
    public int mode(int mode) {
      return LinuxFiles.fchmodat(file, LinuxFiles.ofOpen(file), mode, 0);
    }

    @Override
    public int attribute(byte[] name, byte[] value) {
      return LinuxFiles.setxattr(LinuxFiles.ofOpen(file), name, value, value.length, 0);
    }

    @Override
    public int times(long[] times) {
      return LinuxFiles.utimensat(file, LinuxFiles.ofOpen(file), times, 0);
    }

    @Override
    public void close() {
      LinuxFiles.close(file);
    }
  }

  /**
   * Holds what was just made.
   *
   * @return empty when that is gone, or something of another kind has taken its place: nothing is
   *     to be done to that
   */
  static Optional<Held> held(OpenFolders.Place place, SpecialFiles.Form form) throws IOException {
    int flags = LinuxFiles.O_PATH | LinuxFiles.O_NOFOLLOW | LinuxFiles.O_CLOEXEC;
    int file = LinuxFiles.openat(place.folder(), place.name(), flags, 0);
    if (file < 0 && Native.getLastError() == LinuxFiles.ENOENT) {
      return Optional.empty();
    }
    Held held = new Held(LinuxFiles.checked(file, "what was made"));
    boolean same = false;
    try {
      Map<String, Object> seen = Inode.attributes(file, "mode,rdev");
      same = form.isOf((int) Inode.number(seen, "mode"), Inode.number(seen, "rdev"));
      return same ? Optional.of(held) : Optional.empty();
    } finally {
      if (!same) {
        held.close();
      }
    }
  }
}
