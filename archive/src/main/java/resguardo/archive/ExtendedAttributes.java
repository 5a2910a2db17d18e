package resguardo.archive;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;

/**
 * Extended attributes of files as Linux keeps them, POSIX ACLs and capabilities among them. Of a
 * symbolic link they are its own.
 */
public final class ExtendedAttributes {
  /**
   * So many bytes of names and values are kept of one file: bsdtar refuses a PAX header of more
   * than 1 MiB, which has a path and a link of 16 KiB too. One value has at most 64 KiB.
   */
  public static final int MOST_BYTES = 768 * 1024;

  /** A value may grow between the look at its length and the reading. */
  private static final int TRIES = 3;

  private ExtendedAttributes() {}

  /**
   * What was read of a file.
   *
   * @param values in base64, by name (as {@link RawPath#text} writes bytes); absent: there are none
   * @param complete whether these are all; a value that this process may not read does not count
   */
  public record Read(@Nullable SortedMap<String, String> values, boolean complete) {
    /** There are none. */
    public static final Read NONE = new Read(null, true);

    private static final Read UNKNOWN = new Read(null, false);
  }

  /**
   * Looks whether they can be read at all.
   *
   * @throws IOException when this process cannot call the C library
   */
  public static void require() throws IOException {
    try {
      LinuxFiles.strerror(0);
    } catch (LinkageError e) {
      throw new IOException(
          "the C library cannot be called; where /tmp is mounted noexec, give java"
              + " -Djna.tmpdir=FOLDER ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  /** All that this process may read; none of a file that is gone, or where there cannot be any. */
  public static Read read(Path path) {
    return read(path, MOST_BYTES);
  }

  static Read read(Path path, int most) {
    byte[] file = LinuxFiles.path(path);
    long length = LinuxFiles.llistxattr(file, null, 0);
    if (length == 0) {
      return Read.NONE;
    }
    for (int i = 0; length > 0 && i < TRIES; i++) {
      byte[] names = new byte[(int) length];
      long listed = LinuxFiles.llistxattr(file, names, names.length);
      if (listed >= 0) {
        return values(file, Arrays.copyOf(names, (int) listed), most);
      }
      length = LinuxFiles.llistxattr(file, null, 0);
    }
    return isNothing(Native.getLastError()) ? Read.NONE : Read.UNKNOWN;
  }

  private static Read values(byte[] file, byte[] names, int most) {
    SortedMap<String, String> values = new TreeMap<>();
    boolean complete = true;
    long bytes = 0;
    for (int from = 0; from < names.length; ) {
      int end = from;
      while (end < names.length && names[end] != 0) {
        end++;
      }
      byte[] name = Arrays.copyOfRange(names, from, end);
      byte @Nullable [] value = value(file, name);
      bytes += name.length + (value == null ? 0 : value.length);
      if (value != null && bytes <= most) {
        values.put(RawPath.ofBytes(name).text(), Base64.getEncoder().encodeToString(value));
      } else {
        complete &= value == null && isNothing(Native.getLastError());
      }
      from = end + 1;
    }
    return new Read(values.isEmpty() ? null : values, complete);
  }

  private static byte @Nullable [] value(byte[] file, byte[] name) {
    byte[] ended = LinuxFiles.ended(name);
    for (int i = 0; i < TRIES; i++) {
      long length = LinuxFiles.lgetxattr(file, ended, null, 0);
      if (length < 0) {
        return null;
      }
      byte[] value = new byte[(int) length];
      long read = LinuxFiles.lgetxattr(file, ended, value, length);
      if (read >= 0) {
        return Arrays.copyOf(value, (int) read);
      }
      if (Native.getLastError() != LinuxFiles.ERANGE) {
        return null;
      }
    }
    return null;
  }

  /** Whether it says that there is none, or none for this process. */
  private static boolean isNothing(int error) {
    return switch (error) {
      case LinuxFiles.EOPNOTSUPP,
          LinuxFiles.ENODATA,
          LinuxFiles.ENOENT,
          LinuxFiles.EPERM,
          LinuxFiles.EACCES ->
          true;
      default -> false;
    };
  }

  /**
   * Sets one.
   *
   * @throws IOException when this process may not, or there cannot be any
   */
  static void set(Path path, RawPath name, byte[] value) throws IOException {
    byte[] ended = LinuxFiles.ended(name.bytes());
    if (LinuxFiles.lsetxattr(LinuxFiles.path(path), ended, value, value.length, 0) != 0) {
      throw new IOException(name + " could not be set: " + LinuxFiles.lastError());
    }
  }
}
