package resguardo.core.version;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import resguardo.core.protocol.Json;
import resguardo.core.stream.LineBuffer;

/**
 * Writes what stands in a line, the same bytes as {@link Json} would: there are a million lines,
 * and the codec for any object takes several times as long. For one thread.
 */
final class LineBytes {
  private byte[] bytes = new byte[384];
  private int length;

  /** As it is: ASCII that needs no escape. */
  LineBytes plain(String ascii) {
    int more = ascii.length();
    ensure(more);
    for (int i = 0; i < more; i++) {
      bytes[length++] = (byte) ascii.charAt(i);
    }
    return this;
  }

  LineBytes number(long number) {
    return plain(Long.toString(number));
  }

  /** In quotes, escaped where it has to be. */
  LineBytes text(String text) {
    if (!isPlain(text)) {
      return bytes(Json.write(text));
    }
    return plain("\"").plain(text).plain("\"");
  }

  /** A name, likewise. */
  LineBytes name(byte[] name) {
    for (int i = 0; i < name.length; i++) {
      if (!isPlain(name[i]) || name[i] == '%' && i == 0) {
        return text(resguardo.core.RawPath.ofBytes(name).text());
      }
    }
    return plain("\"").bytes(name).plain("\"");
  }

  /** Whether a character stands in JSON as it is: no control, no quote, and of ASCII. */
  static boolean isPlain(int character) {
    return character >= ' ' && character < 0x80 && character != '"' && character != '\\';
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isPlain(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  LineBytes bytes(byte[] more) {
    ensure(more.length);
    System.arraycopy(more, 0, bytes, length, more.length);
    length += more.length;
    return this;
  }

  private void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, LineBuffer.grown(bytes.length, length + more));
    }
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
