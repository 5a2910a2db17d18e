package resguardo.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A path as the file system has it: bytes, not characters. Any byte but NUL may stand in it.
 *
 * <p>Its text form, used in JSON, on command lines and in tables: the text itself where the bytes
 * are UTF-8; otherwise {@code %:} followed by the path with every byte outside {@code
 * [A-Za-z0-9._~/-]} as {@code %XX}. Text that itself begins with {@code %:} is always written the
 * second way, so that both ways read back to the same bytes.
 */
public final class RawPath implements Comparable<RawPath> {
  /** Begins the text form of a path that is not written as it is. */
  public static final String ENCODED = "%:";

  /**
   * No path of what is backed up is longer, in bytes. Linux takes 4 KiB in one call, and whoever
   * makes longer ones, folder by folder, has few programs that can open them; but 1000 folders in
   * each other can have 255,000 bytes, and many such paths at once take all memory of a node's
   * agent and of workers. What was stored before there was a bound is read all the same.
   */
  public static final int LONGEST = 16 * 1024;

  private static final String UNRESERVED = "-._~/";

  private final byte[] bytes;

  private RawPath(byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        throw new IllegalArgumentException("a path has no NUL byte");
      }
    }
    this.bytes = bytes;
  }

  /** The path of these bytes, which are copied. */
  public static RawPath ofBytes(byte[] bytes) {
    return new RawPath(bytes.clone());
  }

  /**
   * The path that this text form stands for.
   *
   * @throws IllegalArgumentException for a broken escape, a lone surrogate or a NUL
   */
  @JsonCreator
  public static RawPath parse(String text) {
    return new RawPath(
        text.startsWith(ENCODED) ? percentDecoded(text.substring(ENCODED.length())) : utf8(text));
  }

  private static byte[] utf8(String text) {
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("not a text: " + Texts.shown(text), e);
    }
  }

  private static byte[] percentDecoded(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        out.write(hex(text, i + 1) << 4 | hex(text, i + 2));
        i += 2;
      } else if (c < 0x80) {
        out.write(c);
      } else {
        throw new IllegalArgumentException(
            "a character that must be written as %XX in " + Texts.shown(text));
      }
    }
    return out.toByteArray();
  }

  private static int hex(String text, int at) {
    int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
    if (digit < 0 || text.charAt(at) > 'f') {
      throw new IllegalArgumentException(
          "a % without two hexadecimal digits in " + Texts.shown(text));
    }
    return digit;
  }

  /** The bytes, as a copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** How many bytes the path has. */
  public int length() {
    return bytes.length;
  }

  /** The text form described at the class. */
  @JsonValue
  public String text() {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith(ENCODED) ? percentEncoded() : text;
    } catch (CharacterCodingException notUtf8) {
      return percentEncoded();
    }
  }

  private String percentEncoded() {
    StringBuilder out = new StringBuilder(ENCODED);
    for (byte b : bytes) {
      char c = (char) (b & 0xff);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
        out.append(c);
      } else {
        out.append(String.format("%%%02X", (int) c));
      }
    }
    return out.toString();
  }

  /**
   * The parts between slashes, without empty ones: {@code /a//b/} gives {@code a} and {@code b}.
   */
  public List<RawPath> components() {
    List<RawPath> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= bytes.length; i++) {
      if (i == bytes.length || bytes[i] == '/') {
        if (i > start) {
          parts.add(new RawPath(Arrays.copyOfRange(bytes, start, i)));
        }
        start = i + 1;
      }
    }
    return parts;
  }

  /** This path, a slash (unless this is empty or ends in one), and the name. */
  public RawPath resolve(RawPath name) {
    boolean slash = bytes.length > 0 && bytes[bytes.length - 1] != '/';
    byte[] joined = Arrays.copyOf(bytes, bytes.length + (slash ? 1 : 0) + name.bytes.length);
    if (slash) {
      joined[bytes.length] = '/';
    }
    System.arraycopy(name.bytes, 0, joined, joined.length - name.bytes.length, name.bytes.length);
    return new RawPath(joined);
  }

  /**
   * Whether it is the other path, or leads to something below it: it begins with all of its parts,
   * and has none that would lead elsewhere, which are empty ones, {@code .} and {@code ..}.
   */
  public boolean isAtOrBelow(RawPath other) {
    int above = other.bytes.length;
    boolean begins = bytes.length >= above && Arrays.equals(bytes, 0, above, other.bytes, 0, above);
    return begins
        && (bytes.length == above || above == 0 || bytes[above] == '/')
        && (bytes.length == 0 || isPlain());
  }

  private boolean isPlain() {
    int start = 0;
    for (int i = 0; i <= bytes.length; i++) {
      if (i == bytes.length || bytes[i] == '/') {
        int length = i - start;
        boolean dots = length > 0 && length < 3 && bytes[start] == '.' && bytes[i - 1] == '.';
        if (length == 0 || dots) {
          return false;
        }
        start = i + 1;
      }
    }
    return true;
  }

  /**
   * The order of entries in archives and manifests: component by component, each by unsigned bytes.
   * A folder so comes right before what is in it, which is also the order of a walk that sorts each
   * folder.
   */
  @Override
  public int compareTo(RawPath other) {
    int shorter = Math.min(bytes.length, other.bytes.length);
    int at = Arrays.mismatch(bytes, other.bytes);
    if (at < 0) {
      return 0;
    }
    if (at >= shorter) {
      return Integer.compare(bytes.length, other.bytes.length);
    }
    return Integer.compare(rank(bytes[at]), rank(other.bytes[at]));
  }

  private static int rank(byte b) {
    return b == '/' ? 0 : b & 0xff;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RawPath path && Arrays.equals(bytes, path.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The text form on one line and cut, for logs and messages: it stands for no path. */
  @Override
  public String toString() {
    return Texts.shown(text());
  }
}
