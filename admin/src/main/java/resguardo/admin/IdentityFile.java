package resguardo.admin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import resguardo.archive.AgeIdentities;

/** The option of every command that may have to open what is encrypted. */
final class IdentityFile {
  /** Larger than any number of keys that a person has. */
  private static final int LARGEST = 64 * 1024;

  @Option(
      names = "--identity",
      paramLabel = "FILE",
      description =
          "Open what is encrypted with the secret keys in this file, as age-keygen writes it. They are read on this machine, and"
              + " sent to nobody.")
  private @Nullable Path file;

  /**
   * The keys in it; absent: none was given.
   *
   * @param doing for {@code Failed to …}
   * @throws AdminException when it cannot be read, or is no such file
   */
  @Nullable AgeIdentities read(String doing) throws AdminException {
    if (file == null) {
      return null;
    }
    try {
      if (Files.size(file) > LARGEST) {
        throw new IllegalArgumentException("it has more than " + LARGEST + " bytes");
      }
      // Any bytes can be read so: a file of another kind is told by what it lacks.
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      return AgeIdentities.of(text.lines().toList());
    } catch (IOException e) {
      throw unusable(doing, file + " cannot be read: " + e);
    } catch (IllegalArgumentException e) {
      throw unusable(doing, file + " is no identity file: " + e.getMessage());
    }
  }

  private static AdminException unusable(String doing, String why) {
    return new AdminException(
        ExitCode.USAGE,
        "Failed to " + doing + ": " + why + ".",
        "Give --identity the file that age-keygen -o wrote.");
  }
}
