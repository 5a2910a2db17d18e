package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import resguardo.core.AlarmLimits;
import resguardo.core.BackupOptions;

class PackingOptionsTest {
  private static final BackupOptions OTHERS =
      new BackupOptions(
          List.of("*.tmp"),
          true,
          BackupOptions.Codec.GZIP,
          null,
          List.of(),
          true,
          1L << 20,
          AlarmLimits.NEVER,
          3600L);

  @Command
  private static final class Any implements Callable<Integer> {
    @Mixin private PackingOptions packing = new PackingOptions();

    @Override
    public Integer call() {
      return 0;
    }
  }

  private static BackupOptions options(String... words) {
    Any command = new Any();
    new CommandLine(command).parseArgs(words);
    return command.packing.with(OTHERS);
  }

  @Test
  void withoutAnyAllStaysAsItWas() {
    assertThat(options()).isEqualTo(OTHERS);
  }

  @ParameterizedTest
  @CsvSource({"gzip,1", "gzip,9", "zstd,1", "ZSTD,19"})
  void codecsAndTheirLevelsAreTaken(String codec, int level) {
    BackupOptions options = options("--codec", codec, "--level", String.valueOf(level));
    assertThat(options.codec()).hasToString(codec.toUpperCase(java.util.Locale.ROOT));
    assertThat(options.level()).isEqualTo(level);
    assertThat(options.exclude()).isEqualTo(OTHERS.exclude());
  }

  @ParameterizedTest
  @CsvSource({"gzip,0", "gzip,10", "zstd,20", "zstd,-1"})
  void aLevelThatACodecHasNotIsRefused(String codec, int level) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options("--codec", codec, "--level", String.valueOf(level)))
        .withMessageContaining("a level of " + codec);
  }

  @Test
  void recipientsAreTakenAsTheyAreGiven() {
    String key = "age1d8v2t2vhh2w5t9xkhz8k705e3tdc4nvq8rc5s03te7565fs829fscmjc0g";
    assertThat(options("--encrypt-to", key, "--encrypt-to", key).encryptTo()).containsExactly(key);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "age1qqqq",
        "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq",
        "AGE-SECRET-KEY-1QQQ"
      })
  void aRecipientThatIsNoneIsRefusedBeforeAnythingIsRegistered(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options("--encrypt-to", text))
        .withMessageContaining(text.startsWith("AGE") ? "secret key" : "recipient")
        .withMessageNotContaining("1QQQ");
  }

  @Test
  void aCodecThatThereIsNotIsRefusedByItsName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options("--codec", "bzip2"))
        .withMessageContaining("bzip2");
  }
}
