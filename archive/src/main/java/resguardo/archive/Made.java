package resguardo.archive;

/**
 * Something that was made, as the C library sets its owner, mode, attributes and times: each call
 * gives -1 when it failed.
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

  /** What is not opened: a link, which then is meant itself, a FIFO, a device. */
  record Named(OpenFolders.Place place) implements Made {
    @Override
    public int owner(int uid, int gid) {
      return LinuxFiles.fchownat(
          place.folder(), place.name(), uid, gid, LinuxFiles.AT_SYMLINK_NOFOLLOW);
    }

    @Override
    public int mode(int mode) {
      // The call itself would follow a link that somebody has put there meanwhile.
      int flags = LinuxFiles.O_PATH | LinuxFiles.O_NOFOLLOW | LinuxFiles.O_CLOEXEC;
      int file = LinuxFiles.openat(place.folder(), place.name(), flags, 0);
      if (file < 0) {
        return file;
      }
      try {
        return LinuxFiles.fchmodat(file, LinuxFiles.ofOpen(file), mode, 0);
      } finally {
        LinuxFiles.close(file);
      }
    }

    @Override
    public int attribute(byte[] name, byte[] value) {
      return LinuxFiles.lsetxattr(OpenFolders.path(place), name, value, value.length, 0);
    }

    @Override
    public int times(long[] times) {
      return LinuxFiles.utimensat(
          place.folder(), place.name(), times, LinuxFiles.AT_SYMLINK_NOFOLLOW);
    }
  }
}
