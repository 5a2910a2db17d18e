package resguardo.worker;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** For how long versions may be locked, as an option of a program that fetches. */
final class LockOptions {
  @Option(
      names = "--lock-at-most",
      paramLabel = "DAYS",
      description =
          "Lock nothing for longer than this, such as 400d, whatever is registered: a job that asks for more fails. With --print-policy"
              + " it bounds what the key itself can lock, for an S3 that knows s3:object-lock-remaining-retention-days (AWS, MinIO)."
              + " Default: $RESGUARDO_LOCK_AT_MOST, or no bound.",
      defaultValue = "${env:RESGUARDO_LOCK_AT_MOST:-}")
  private String days = "";

  /** At most 36500, as a lock. */
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,4})d");

  private static final long LONGEST = 36_500;

  /**
   * The longest lock; empty: there is no bound.
   *
   * @throws IllegalArgumentException when that cannot be
   */
  Optional<Duration> most() {
    if (days.isBlank()) {
      return Optional.empty();
    }
    Matcher parts = FORM.matcher(days.strip());
    if (!parts.matches() || Long.parseLong(parts.group(1)) > LONGEST) {
      throw new IllegalArgumentException(
          "the longest lock is a number of days, up to " + LONGEST + "d, such as 400d: " + days);
    }
    return Optional.of(Duration.ofDays(Long.parseLong(parts.group(1))));
  }
}
