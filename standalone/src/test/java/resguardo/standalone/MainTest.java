package resguardo.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  @TempDir Path folder;

  @Test
  void whatItKeepsIsForItsUserAloneWhateverTheUmask() throws Exception {
    Path allowed = Files.createDirectory(folder.resolve("allowed"));
    Path data = folder.resolve("data");
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "umask 0 && exec \"$0\" \"$@\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--data",
                data.toString(),
                "--node",
                "alpha",
                "--allow",
                allowed.toString())
            .redirectError(folder.resolve("log").toFile())
            .start();
    try (BufferedReader said = process.inputReader()) {
      assertThat(said.readLine())
          .as(() -> "its first line; its log has " + folder.resolve("log"))
          .startsWith("ready ");
      assertThat(data.resolve("store")).isDirectory();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
          .isEqualTo("rwx------");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }
}
