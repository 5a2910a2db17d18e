package resguardo.admin;

import java.time.Duration;
import java.time.ZoneId;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import resguardo.core.RetentionPolicy;

/** The options that say which versions are kept. */
final class KeepOptions {
  @Option(
      names = "--keep-last",
      paramLabel = "N",
      description = "Keep the last so many versions. Without any of these options all are kept.")
  private @Nullable Integer last;

  @Option(
      names = "--keep-hourly",
      paramLabel = "N",
      description = "Keep the newest version of each of the last so many hours that have any.")
  private @Nullable Integer hourly;

  @Option(names = "--keep-daily", paramLabel = "N", description = "Likewise of days.")
  private @Nullable Integer daily;

  @Option(
      names = "--keep-weekly",
      paramLabel = "N",
      description = "Likewise of weeks, which begin on Monday.")
  private @Nullable Integer weekly;

  @Option(names = "--keep-monthly", paramLabel = "N", description = "Likewise of months.")
  private @Nullable Integer monthly;

  @Option(names = "--keep-yearly", paramLabel = "N", description = "Likewise of years.")
  private @Nullable Integer yearly;

  @Option(
      names = "--keep-within",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "Keep all that are no more than this time, such as 36h or 14d, older than the newest.")
  private @Nullable Duration within;

  @Option(
      names = "--keep-tz",
      paramLabel = "ZONE",
      description = "Time zone of these hours, days, weeks, months and years. Default: UTC.")
  private @Nullable ZoneId zone;

  /**
   * What is asked for; empty: all are kept.
   *
   * @param spec of the command that has these options
   * @throws ParameterException when it cannot be taken
   */
  Optional<RetentionPolicy> policy(CommandSpec spec) {
    try {
      return policy();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }

  private Optional<RetentionPolicy> policy() {
    boolean none =
        Stream.of(last, hourly, daily, weekly, monthly, yearly, within).allMatch(Objects::isNull);
    if (none && zone == null) {
      return Optional.empty();
    }
    return Optional.of(
        new RetentionPolicy(
            last,
            hourly,
            daily,
            weekly,
            monthly,
            yearly,
            within == null ? null : within.toSeconds(),
            zone));
  }
}
