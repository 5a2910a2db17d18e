package resguardo.archive;

import com.sun.jna.Native;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import resguardo.core.RawPath;

/**
 * Between paths as bytes and Java's paths, which keep the bytes inside but show them as characters
 * only.
 */
public final class RawPaths {
  /** What Java shows for bytes that are no characters. */
  private static final char NO_CHARACTER = '\uFFFD';

  /** Whether Java makes bytes of a path's characters by UTF-8; that comes from the locale. */
  private static final boolean UTF_8 =
      "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));

  /** Linux has no longer ones. */
  private static final int LONGEST_LINK = 4096;

  private RawPaths() {}

  /** The Java path of these bytes. */
  public static Path path(RawPath absolute) {
    byte[] bytes = absolute.bytes();
    StringBuilder uri = new StringBuilder("file://");
    for (byte b : bytes) {
      boolean plain =
          b == '/' || (b > 0 && Character.isLetterOrDigit(b)); // a byte above 0x7F is negative
      if (plain) {
        uri.append((char) b);
      } else {
        uri.append(String.format("%%%02X", b & 0xff));
      }
    }
    return Path.of(URI.create(uri.toString()));
  }

  /** The bytes of the last name of a path. */
  public static RawPath name(Path path) {
    String shown = String.valueOf(path.getFileName());
    if (shown.indexOf(NO_CHARACTER) < 0) {
      return RawPath.ofBytes(shown.getBytes(StandardCharsets.UTF_8));
    }
    // Slow, because it looks at the file; but a URI has the bytes.
    String raw = path.toUri().getRawPath();
    String folderless = raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
    return RawPath.ofBytes(decoded(folderless.substring(folderless.lastIndexOf('/') + 1)));
  }

  /** The bytes of an absolute path. */
  public static byte[] bytes(Path path) {
    String shown = path.toString();
    if (shown.indexOf(NO_CHARACTER) < 0) {
      return shown.getBytes(StandardCharsets.UTF_8);
    }
    return decoded(path.toUri().getRawPath());
  }

  /**
   * Where a symbolic link points: the bytes as they are. Java would leave slashes out.
   *
   * @throws NoSuchFileException when there is no link of this name
   */
  public static RawPath readLink(Path link) throws IOException {
    byte[] target = new byte[LONGEST_LINK];
    long length = LinuxFiles.readlink(LinuxFiles.path(link), target, target.length);
    if (length < 0) {
      int error = Native.getLastError();
      throw error == LinuxFiles.ENOENT || error == LinuxFiles.EINVAL
          ? new NoSuchFileException(link.toString())
          : new IOException(link + ": " + LinuxFiles.strerror(error));
    }
    return RawPath.ofBytes(Arrays.copyOf(target, (int) length));
  }

  /** The path of these bytes below a folder; they may say several names, and go anywhere. */
  public static Path below(Path folder, RawPath relative) {
    byte[] bytes = relative.bytes();
    String shown = new String(bytes, StandardCharsets.UTF_8);
    boolean ascii = shown.length() == bytes.length;
    if ((ascii || UTF_8) && shown.indexOf(NO_CHARACTER) < 0) {
      return folder.resolve(shown);
    }
    return folder.resolve(Path.of("/").relativize(path(rooted(bytes))));
  }

  private static RawPath rooted(byte[] bytes) {
    byte[] rooted = new byte[bytes.length + 1];
    rooted[0] = '/';
    System.arraycopy(bytes, 0, rooted, 1, bytes.length);
    return RawPath.ofBytes(rooted);
  }

  private static byte[] decoded(String rawUriPath) {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    for (int i = 0; i < rawUriPath.length(); i++) {
      char c = rawUriPath.charAt(i);
      if (c == '%') {
        out.write(Integer.parseInt(rawUriPath.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        out.write(c);
      }
    }
    return out.toByteArray();
  }
}
