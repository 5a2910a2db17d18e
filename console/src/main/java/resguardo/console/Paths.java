package resguardo.console;

import java.util.List;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;

/** Paths in forms and addresses, and what is said of them. */
final class Paths {
  private Paths() {}

  /**
   * The path as a value of a form or an address. Browsers make other newlines of those in a form,
   * so a path with control characters is written byte by byte.
   */
  static String value(RawPath path) {
    String text = path.text();
    if (text.startsWith(RawPath.ENCODED) || text.codePoints().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder out = new StringBuilder(RawPath.ENCODED);
    for (byte b : path.bytes()) {
      char c = (char) (b & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || "-._~/".indexOf(c) >= 0);
      out.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
    }
    return out.toString();
  }

  /** The last part; the path itself where it has none. */
  static RawPath last(RawPath path) {
    List<RawPath> parts = path.components();
    return parts.isEmpty() ? path : parts.get(parts.size() - 1);
  }

  /** All but the last part. */
  static RawPath parent(RawPath path) {
    List<RawPath> parts = path.components();
    RawPath parent = RawPath.ofBytes(new byte[0]);
    for (RawPath part : parts.subList(0, Math.max(0, parts.size() - 1))) {
      parent = parent.resolve(part);
    }
    return parent;
  }

  /** An entry's name from the registered path on, for people; that path itself is absolute. */
  static String below(RegistrationKey key, RawPath name) {
    List<RawPath> parts = name.components();
    int above = key.path().memberName().components().size();
    if (parts.size() <= above) {
      return "/" + name.text();
    }
    RawPath below = RawPath.ofBytes(new byte[0]);
    for (RawPath part : parts.subList(above, parts.size())) {
      below = below.resolve(part);
    }
    return below.text();
  }

  /** An entry's name as an absolute path. */
  static RawPath absolute(RawPath name) {
    return RawPath.parse("/").resolve(name);
  }
}
