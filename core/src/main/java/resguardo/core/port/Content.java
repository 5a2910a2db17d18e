package resguardo.core.port;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Bytes of a known size that can be read more than once, so that a write can be tried again. */
public interface Content {
  /** In bytes. */
  long size();

  /** A fresh stream from the beginning; the caller closes it. */
  InputStream open() throws IOException;

  /** These bytes, which are not copied and must not be changed. */
  static Content of(byte[] bytes) {
    return new Content() {
      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(bytes);
      }
    };
  }

  /**
   * The content of a file, which must not change meanwhile.
   *
   * @throws IOException when its size cannot be told
   */
  static Content of(Path file) throws IOException {
    long size = Files.size(file);
    return new Content() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public InputStream open() throws IOException {
        return Files.newInputStream(file);
      }
    };
  }
}
