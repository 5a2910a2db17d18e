package resguardo.archive;

import com.sun.jna.Native;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
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

  /** The bits of a mode that say what a file is. */
  private enum Kind {
    FIFO(0010000),
    CHARACTER_DEVICE(0020000),
    BLOCK_DEVICE(0060000);

    private final int bits;

    Kind(int bits) {
      this.bits = bits;
    }

    static @Nullable Kind of(char tarType) {
      return switch (tarType) {
        case '3' -> CHARACTER_DEVICE;
        case '4' -> BLOCK_DEVICE;
        case '6' -> FIFO;
        default -> null;
      };
    }
  }

  /**
   * Makes one, for its owner only until its own permissions are set.
   *
   * @param tarType as in a tar header
   * @return -1 when it failed: devices are for root only, and not everywhere
   * @throws IOException when it cannot be made at all
   */
  static int make(OpenFolders.Place place, char tarType, Entry.Device device) throws IOException {
    Kind kind = Kind.of(tarType);
    if (kind == null) {
      throw new IOException("of a type that is not known: " + tarType);
    }
    long number = kind == Kind.FIFO ? 0 : number(device);
    try {
      return Loaded.mknodat(place.folder(), place.name(), kind.bits | OWNER_ONLY, number);
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
