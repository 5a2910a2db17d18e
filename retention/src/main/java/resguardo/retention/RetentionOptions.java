package resguardo.retention;

import java.time.Duration;
import picocli.CommandLine.Option;

/** How often it is looked, and how long what is to go stays, as options of a program. */
public final class RetentionOptions {
  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      description =
          "From one look at all registrations to the next. Default: $RESGUARDO_RETENTION_INTERVAL, or 3600.",
      defaultValue = "${env:RESGUARDO_RETENTION_INTERVAL:-3600}")
  private long interval;

  /** Longer by default than any attempt at a backup lives, and than most restores take. */
  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      description =
          "How long a version that is to be expired stays one, and how long after that its archives stay: a restore that takes longer"
              + " may fail. Default: $RESGUARDO_RETENTION_GRACE, or 21600, which is six hours.",
      defaultValue = "${env:RESGUARDO_RETENTION_GRACE:-21600}")
  private long grace;

  /** How long what is to go stays. */
  public Duration grace() {
    return Duration.ofSeconds(grace);
  }

  /** How long it is waited between two looks. */
  public Duration interval() {
    return Duration.ofSeconds(interval);
  }
}
