package resguardo.console;

import java.util.Arrays;
import java.util.List;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Texts;

/** Paths in forms and addresses, and what is said of them. */
final class Paths {
  /** Characters that are shown: as many as a path has that programs can open. */
  private static final int LONGEST_SHOWN = 4096;

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

  /** A name for people: cut, with an ellipsis, where a node has it longer than anybody reads. */
  static String shown(String name) {
    return Texts.cut(name, LONGEST_SHOWN);
  }

  /** The last part; the path itself where it has none. */
  static RawPath last(RawPath path) {
    byte[] bytes = path.bytes();
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == '/') {
      end--;
    }
    int begin = end;
    while (begin > 0 && bytes[begin - 1] != '/') {
      begin--;
    }
    return begin == end ? path : RawPath.ofBytes(Arrays.copyOfRange(bytes, begin, end));
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
    int above = key.path().memberName().components().size();
    byte[] bytes = name.bytes();
    int at = afterSlashes(bytes, 0);
    for (int i = 0; i < above && at < bytes.length; i++) {
      while (at < bytes.length && bytes[at] != '/') {
        at++;
      }
      at = afterSlashes(bytes, at);
    }
    return at == bytes.length
        ? "/" + name.text()
        : RawPath.ofBytes(Arrays.copyOfRange(bytes, at, bytes.length)).text();
  }

  private static int afterSlashes(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && bytes[at] == '/') {
      at++;
    }
    return at;
  }

  /** An entry's name as an absolute path. */
  static RawPath absolute(RawPath name) {
    return RawPath.parse("/").resolve(name);
  }
}
