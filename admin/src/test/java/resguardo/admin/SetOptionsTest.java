package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;
import resguardo.core.AlarmLimits;
import resguardo.core.BackupOptions;

class SetOptionsTest {
  @TempDir Path folder;

  @Command
  private static final class Any implements Callable<Integer> {
    @Mixin private SetOptions set = new SetOptions();

    @Override
    public Integer call() {
      return 0;
    }
  }

  private static BackupOptions options(String... words) {
    Any command = new Any();
    new CommandLine(command).parseArgs(words);
    return command.set.options();
  }

  @Test
  void withoutAnyAllIsAsUsual() {
    assertThat(options()).isEqualTo(BackupOptions.NONE);
  }

  @Test
  void patternsOfTheLineComeBeforeThoseOfAFileWithoutItsComments() throws Exception {
    Path file = Files.writeString(folder.resolve("patterns"), "# what\n\n/a b\n!caf\u00e9\n");
    BackupOptions options =
        options("--exclude", "*.tmp", "--exclude-from", file.toString(), "--exclude", "#x");
    assertThat(options.exclude()).containsExactly("*.tmp", "#x", "/a b", "!caf\u00e9");
  }

  @Test
  void aFileThatIsNotThereOrNoTextIsToldByItsName() throws Exception {
    assertThatThrownBy(() -> options("--exclude-from", folder + "/none"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none");
    Path latin = Files.write(folder.resolve("latin"), new byte[] {(byte) 0xe9, '\n'});
    assertThatThrownBy(() -> options("--exclude-from", latin.toString()))
        .hasMessageContaining("not UTF-8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a*b*c*d*e", "d/*x*y*z*", "two\nlines"})
  void aPatternThatWouldTakeTooLongIsRefused(String pattern) {
    assertThatThrownBy(() -> options("--exclude", pattern))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"65536,65536", "64KiB,65536", "10MiB,10485760", "1GiB,1073741824", "70000B,70000"})
  void aRateIsReadWithItsUnit(String text, long bytes) {
    assertThat(options("--bandwidth", text).bandwidth()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10MB", "-1MiB", "1.5MiB", "fast", "", "9999999999GiB"})
  void whatIsNoRateIsAUsageError(String text) {
    assertThatThrownBy(() -> options("--bandwidth", text)).isInstanceOf(ParameterException.class);
  }

  @Test
  void aRateThatNoWorkerWouldWaitForIsRefused() {
    assertThatThrownBy(() -> options("--bandwidth", "1KiB"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void limitsOfAlarmsAreTakenAndTheOthersStayAsUsual() {
    assertThat(options("--alarm-changed", "80").alarm()).isEqualTo(new AlarmLimits(50, 80, 20));
    assertThat(options("--alarm-shrink", "0", "--alarm-entropy", "5").alarm())
        .isEqualTo(new AlarmLimits(0, 50, 5));
    assertThat(options("--no-alarm").alarm()).isEqualTo(AlarmLimits.NEVER);
    assertThat(options("--alarm-changed", "50")).isEqualTo(BackupOptions.NONE);
  }

  @Test
  void limitsThatAreNoneOrContradictAreRefused() {
    assertThatThrownBy(() -> options("--alarm-shrink", "101"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("101");
    assertThatThrownBy(() -> options("--no-alarm", "--alarm-shrink", "10"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options("--alarm-shrink", "half"))
        .isInstanceOf(ParameterException.class);
  }
}
