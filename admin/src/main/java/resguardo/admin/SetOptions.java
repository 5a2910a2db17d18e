package resguardo.admin;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import resguardo.core.AlarmLimits;
import resguardo.core.BackupOptions;

/** What of a set is backed up, how carefully and fast, and what of it is suspicious. */
public final class SetOptions {
  @Option(
      names = "--exclude",
      paramLabel = "PATTERN",
      description =
          "Leave out what matches, as a line of .gitignore would in the path. May be given several times, and goes before"
              + " the .resguardoignore files in the path.")
  private List<String> exclude = new ArrayList<>();

  @Option(
      names = "--exclude-from",
      paramLabel = "FILE",
      description = "Leave out what matches a line of this file of the operator's machine.")
  private @Nullable Path excludeFrom;

  @Option(
      names = "--one-file-system",
      description =
          "Leave out what is mounted in the path: of a mount point only the folder is kept.")
  private boolean oneFileSystem;

  @Option(
      names = "--strict",
      description =
          "Fail, and write no version, where something could not be read or changed while it was read.")
  private boolean strict;

  @Option(
      names = "--bandwidth",
      paramLabel = "RATE",
      converter = Bandwidth.class,
      description =
          "Send at most so much a second, such as 500KiB, 10MiB or 1GiB. Default: as fast as can be.")
  private @Nullable Long bandwidth;

  @Option(
      names = "--alarm-shrink",
      paramLabel = "PERCENT",
      description =
          "Raise an alarm when so much of the files or of the bytes of the version before is gone. 0: never. Default: 50.")
  private @Nullable Integer alarmShrink;

  @Option(
      names = "--alarm-changed",
      paramLabel = "PERCENT",
      description =
          "Raise an alarm when something else is in the place of so many of the files. 0: never. Default: 50.")
  private @Nullable Integer alarmChanged;

  @Option(
      names = "--alarm-entropy",
      paramLabel = "PERCENT",
      description =
          "Raise an alarm when so much of the files or bytes could be compressed and cannot any more. 0: never. Default: 20.")
  private @Nullable Integer alarmEntropy;

  @Option(names = "--no-alarm", description = "Raise no alarm at all.")
  private boolean noAlarm;

  @Option(
      names = "--lock-for",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "Let nobody, whatever rights they have, remove a version and what it leans on for this time, such as 12h, 30d or 1y: from"
              + " its making, and for the latest from when it was last found unchanged. Needs a bucket with object lock"
              + " (…?lock=true), and cannot be taken back. Default: no lock.")
  private @Nullable Duration lockFor;

  /**
   * All of it, and the rest as usual.
   *
   * @throws IllegalArgumentException when something cannot be taken
   */
  BackupOptions options() {
    List<String> patterns = new ArrayList<>(exclude);
    if (excludeFrom != null) {
      patterns.addAll(lines(excludeFrom));
    }
    BackupOptions usual = BackupOptions.NONE;
    return new BackupOptions(
        patterns,
        oneFileSystem,
        usual.codec(),
        usual.level(),
        usual.encryptTo(),
        strict,
        bandwidth,
        alarm(),
        lockFor == null ? null : lockFor.toSeconds());
  }

  private AlarmLimits alarm() {
    boolean said = alarmShrink != null || alarmChanged != null || alarmEntropy != null;
    if (noAlarm && said) {
      throw new IllegalArgumentException("--no-alarm leaves nothing to say of alarms");
    }
    AlarmLimits usual = noAlarm ? AlarmLimits.NEVER : AlarmLimits.USUAL;
    return new AlarmLimits(
        alarmShrink == null ? usual.shrink() : alarmShrink,
        alarmChanged == null ? usual.changed() : alarmChanged,
        alarmEntropy == null ? usual.entropy() : alarmEntropy);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + " is not UTF-8", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + " cannot be read: " + e, e);
    }
  }
}
