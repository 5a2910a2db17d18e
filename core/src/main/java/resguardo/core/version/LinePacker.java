package resguardo.core.version;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/** Packs lines of a manifest. */
@FunctionalInterface
public interface LinePacker {
  /** By the zlib that every Java has. */
  LinePacker JDK =
      (block, length) -> {
        ByteArrayOutputStream out = new ByteArrayOutputStream(length / 4);
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
          gzip.write(block, 0, length);
        } catch (IOException e) {
          throw new UncheckedIOException("memory can be written", e);
        }
        return out.toByteArray();
      };

  /**
   * A whole gzip member.
   *
   * @param length how many of the bytes, from the first, are in it
   */
  byte[] member(byte[] block, int length);
}
