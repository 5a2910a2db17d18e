package resguardo.infra.runtime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** A file with a password or a key in it. */
public final class SecretFile {
  private SecretFile() {}

  /**
   * Writes it, in the place of one that is there. Nobody else may read it at any time, and what is
   * half written holds the secret too.
   *
   * @throws IOException when it cannot be written; what was there stays as it is
   */
  public static void write(Path file, String text) throws IOException {
    Path partial =
        Files.createTempFile(
            folder(file),
            "." + file.getFileName(),
            ".partial",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.write(partial, text.getBytes(StandardCharsets.UTF_8));
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** The folder that a file lies in. */
  public static Path folder(Path file) {
    return Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
  }
}
