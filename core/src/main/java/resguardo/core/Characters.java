package resguardo.core;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;

/** A path as characters, where bytes that are none stand for themselves. */
final class Characters {
  /** No character is as high: a byte that belongs to none is this and its value. */
  private static final int A_BYTE = Character.MAX_CODE_POINT + 1;

  private Characters() {}

  static int[] of(RawPath path) {
    ByteBuffer bytes = ByteBuffer.wrap(path.bytes());
    CharBuffer chars = CharBuffer.allocate(bytes.remaining());
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    IntStream.Builder all = IntStream.builder();
    while (true) {
      CoderResult result = decoder.decode(bytes, chars, true);
      chars.flip().codePoints().forEach(all);
      chars.clear();
      if (!result.isError()) {
        return all.build().toArray();
      }
      all.add(A_BYTE + (bytes.get() & 0xff));
    }
  }

  /** The path of these characters. */
  static RawPath path(int[] characters) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(characters.length);
    for (int character : characters) {
      if (character >= A_BYTE) {
        bytes.write(character - A_BYTE);
      } else {
        bytes.writeBytes(Character.toString(character).getBytes(StandardCharsets.UTF_8));
      }
    }
    return RawPath.ofBytes(bytes.toByteArray());
  }
}
