package resguardo.archive;

import com.sun.jna.Native;
import java.io.IOException;
import resguardo.core.version.Entry;

/** Makes FIFOs and devices, which Java cannot. */
final class SpecialFiles {
  private static final int OWNER_ONLY = 0600;

  private SpecialFiles() {}

  /** Loaded when it is first needed: C libraries before 2021 do not have it. */
  private static final class Loaded {
    static {
      Native.register(Loaded.class, "c");
    }

    /** As mknodat(2). */
    static native int mknodat(int folder, byte[] name, int mode, long device);
  }

  /**
   * What something is that is no file and no folder.
   *
   * @param bits of a mode that say what it is
   * @param device its number; 0 where it is none
   */
  record Form(int bits, long device) {
    private static final int ALL_BITS = 0170000;

    /** A symbolic link. */
    static final Form LINK = new Form(0120000, 0);

    /**
     * One of an archive.
     *
     * @param tarType as in a tar header
     * @throws IOException when there is none of this type
     */
    static Form of(char tarType, Entry.Device device) throws IOException {
      return switch (tarType) {
        case '3' -> new Form(0020000, number(device));
        case '4' -> new Form(0060000, number(device));
        case '6' -> new Form(0010000, 0);
        default -> throw new IOException("of a type that is not known: " + tarType);
      };
    }

    /** Whether something is of this form, by what stat(2) says of it. */
    boolean isOf(int mode, long deviceNumber) {
      return (mode & ALL_BITS) == bits && (device == 0 || device == deviceNumber);
    }
  }

  /**
   * Makes one, for its owner only until its own permissions are set.
   *
   * @return -1 when it failed: devices are for root only, and not everywhere
   * @throws IOException when it cannot be made at all
   */
  static int make(OpenFolders.Place place, Form form) throws IOException {
    try {
      return Loaded.mknodat(place.folder(), place.name(), form.bits | OWNER_ONLY, form.device);
    } catch (LinkageError e) {
      throw new IOException("the C library has no mknodat", e);
    }
  }

  /** As the C library of Linux puts a device number together (makedev(3)). */
  private static long number(Entry.Device device) {
    long major = Integer.toUnsignedLong(device.major());
    long minor = Integer.toUnsignedLong(device.minor());
    return (major & ~0xfffL) << 32 | (major & 0xfff) << 8 | (minor & ~0xffL) << 12 | minor & 0xff;
  }
}
