package resguardo.worker;

import java.time.Duration;
import picocli.CommandLine.Option;
import resguardo.core.Sizes;
import resguardo.core.SliceLimit;

/** How much of a set goes in one attempt, as options of a program that fetches. */
public final class SliceOptions {
  @Option(
      names = "--slice-bytes",
      paramLabel = "SIZE",
      description =
          "Keep what came of a set after so much of its archive, such as 500MiB or 8GiB, and go on from there: whatever breaks,"
              + " no more is sent again. Default: $RESGUARDO_SLICE_BYTES, or 8GiB.",
      defaultValue = "${env:RESGUARDO_SLICE_BYTES:-8GiB}")
  private String bytes = "";

  @Option(
      names = "--slice-time",
      paramLabel = "SECONDS",
      description =
          "Keep it after so long too, at most two hours. Default: $RESGUARDO_SLICE_TIME, or 600.",
      defaultValue = "${env:RESGUARDO_SLICE_TIME:-600}")
  private long seconds;

  @Option(
      names = "--attempt-time",
      paramLabel = "SECONDS",
      description =
          "Wait no longer for an agent to be done with an attempt, hooks included: the job fails then, and others have their turn."
              + " Default: $RESGUARDO_ATTEMPT_TIME, or 18000.",
      defaultValue = "${env:RESGUARDO_ATTEMPT_TIME:-18000}")
  private long attempt;

  /** After six hours the coordinator takes what an attempt brought as abandoned. */
  private static final Duration LONGEST_ATTEMPT = Duration.ofHours(5);

  /**
   * How long an agent may take.
   *
   * @throws IllegalArgumentException when a slice could not even come to its end, or what was
   *     brought could be swept before it is named
   */
  public Duration patience() {
    if (attempt <= seconds) {
      throw new IllegalArgumentException(
          "an attempt takes longer than a slice, which is " + seconds + " s: " + attempt);
    }
    if (attempt > LONGEST_ATTEMPT.toSeconds()) {
      throw new IllegalArgumentException(
          "an attempt takes at most "
              + LONGEST_ATTEMPT.toHours()
              + " hours, as what it left behind is swept after six: "
              + attempt);
    }
    return Duration.ofSeconds(attempt);
  }

  /**
   * What they say.
   *
   * @throws IllegalArgumentException when that cannot be
   */
  public SliceLimit limit() {
    return new SliceLimit(Sizes.parse(bytes), seconds);
  }
}
