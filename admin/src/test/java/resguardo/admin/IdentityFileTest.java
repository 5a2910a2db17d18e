package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import resguardo.archive.AgeIdentities;

class IdentityFileTest {
  // Made by age-keygen, for these tests alone.
  private static final String KEY =
      "AGE-SECRET-KEY-10K7ATN3TDJWHTDANA07G3S7YP7TL98DXYME9ZJRHZ3C08KCEPL0QR7GLTX";

  @TempDir Path folder;

  @Command
  private static final class Any implements Callable<Integer> {
    @Mixin private IdentityFile identity = new IdentityFile();

    @Override
    public Integer call() {
      return 0;
    }
  }

  private static AgeIdentities read(String... words) throws AdminException {
    Any command = new Any();
    new CommandLine(command).parseArgs(words);
    return command.identity.read("restore it");
  }

  private AdminException refusal(byte[] file) throws Exception {
    Path written = Files.write(folder.resolve("file"), file);
    return catchThrowableOfType(AdminException.class, () -> read("--identity", written.toString()));
  }

  @Test
  void aFileAsAgeKeygenWritesItIsTaken() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("key"), "# created: today\r\n# public key: age1…\r\n" + KEY + "\r\n");
    assertThat(read("--identity", file.toString())).isNotNull();
    assertThat(read()).isNull();
  }

  @Test
  void whatIsNoIdentityFileIsToldWithoutWhatIsInIt() throws Exception {
    for (byte[] file :
        new byte[][] {
          {},
          {(byte) 0xff, 0, 1},
          (KEY + "x").getBytes(StandardCharsets.US_ASCII),
          "age-encryption.org/v1\n-> scrypt".getBytes(StandardCharsets.US_ASCII),
          new byte[1 << 20]
        }) {
      AdminException refusal = refusal(file);
      assertThat(refusal.exit()).isEqualTo(ExitCode.USAGE);
      assertThat(refusal.text())
          .contains("Failed to restore it: ", "is no identity file", "age-keygen")
          .doesNotContain("SECRET-KEY-10K7");
    }
  }

  @Test
  void aFileThatIsNotThereIsToldByItsName() {
    AdminException refusal =
        catchThrowableOfType(AdminException.class, () -> read("--identity", folder + "/none"));
    assertThat(refusal.text()).contains(folder + "/none cannot be read");
  }
}
