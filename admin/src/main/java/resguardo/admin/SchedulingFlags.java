package resguardo.admin;

import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import resguardo.core.Blackout;
import resguardo.core.SchedulingOptions;

/** What else decides when a slot begins. */
public final class SchedulingFlags {
  @Option(
      names = "--jitter",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "Begin up to so much later than due, such as 10m; always by the same time for the same registration, so that many are"
              + " spread and each keeps its interval. Default: none.")
  private @Nullable Duration jitter;

  @Option(
      names = "--not-during",
      paramLabel = "WINDOW",
      description =
          "Begin no backup in this time of day, such as 08:00-18:00 or \"mon-fri 08:00-18:00\", in the time zone of --tz; what is"
              + " due then begins at its end. May be given several times.")
  private List<String> notDuring = new ArrayList<>();

  @Option(
      names = "--start-within",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "Skip a slot that could not begin within this time, and count it as missed. Default: of what went by, the newest slot is"
              + " run as soon as can be, however late.")
  private @Nullable Duration startWithin;

  @Option(
      names = "--priority",
      paramLabel = "high|normal|low",
      description = "Which of several that are due are backed up first. Default: normal.")
  private @Nullable String priority;

  @Option(
      names = "--label",
      paramLabel = "NAME=VALUE",
      description =
          "What the node belongs to, such as rack=r7; see admin limit. May be given several times.")
  private Map<String, String> labels = new TreeMap<>();

  /**
   * All of it.
   *
   * @param zone of the blackouts
   * @throws IllegalArgumentException when something cannot be taken
   */
  SchedulingOptions options(ZoneId zone) {
    return new SchedulingOptions(
        jitter == null ? null : jitter.toSeconds(),
        notDuring.stream().map(text -> Blackout.parse(text, zone)).toList(),
        startWithin == null ? null : startWithin.toSeconds(),
        priority == null ? null : priority(priority),
        labels);
  }

  static SchedulingOptions.Priority priority(String word) {
    for (SchedulingOptions.Priority one : SchedulingOptions.Priority.values()) {
      if (one.word().equals(word.toLowerCase(Locale.ROOT))) {
        return one;
      }
    }
    throw new IllegalArgumentException("a priority is high, normal or low: " + word);
  }
}
