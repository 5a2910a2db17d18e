package resguardo.core;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which versions of a registration are kept: those that any of its rules wants. The others are
 * expired. The words are those of the field: of the last so many hours, days, weeks (from Monday
 * on), months or years <em>that have versions</em> the newest version of each. Part of a
 * registration; an agent never sees it. A registration without one keeps all.
 *
 * @param last so many of the newest; absent: this rule wants none, as with all that follow
 * @param hourly for so many hours one
 * @param daily for so many days one
 * @param weekly for so many weeks one
 * @param monthly for so many months one
 * @param yearly for so many years one
 * @param withinSeconds all whose slot is at most so many seconds before that of the newest
 * @param zone in which hours, days, weeks, months and years begin; absent: UTC
 */
public record RetentionPolicy(
    @Nullable Integer last,
    @Nullable Integer hourly,
    @Nullable Integer daily,
    @Nullable Integer weekly,
    @Nullable Integer monthly,
    @Nullable Integer yearly,
    @Nullable Long withinSeconds,
    @Nullable ZoneId zone) {
  /** More than anybody can mean: whoever wants all kept gives no rule. */
  private static final int MOST = 1_000_000;

  /** A thousand years. */
  private static final long LONGEST = 1000L * 365 * 24 * 3600;

  /**
   * @throws IllegalArgumentException when a number is out of its range, or no rule is given: that
   *     would expire all but the newest
   */
  public RetentionPolicy {
    Stream.of(last, hourly, daily, weekly, monthly, yearly)
        .flatMap(Stream::ofNullable)
        .filter(number -> number < 1 || number > MOST)
        .findAny()
        .ifPresent(
            number -> {
              throw new IllegalArgumentException(
                  "so many are kept by a rule: 1 to " + MOST + ", and not " + number);
            });
    if (withinSeconds != null && (withinSeconds < 1 || withinSeconds > LONGEST)) {
      throw new IllegalArgumentException(
          "all are kept within 1 second to 1000 years: " + withinSeconds + " s");
    }
    if (Stream.of(last, hourly, daily, weekly, monthly, yearly, withinSeconds)
        .allMatch(Objects::isNull)) {
      throw new IllegalArgumentException("a policy of retention has one rule at least");
    }
  }

  /** All within this time of the newest are kept; empty: no rule says so. */
  public Optional<Duration> within() {
    return Optional.ofNullable(withinSeconds).map(Duration::ofSeconds);
  }

  /** The time zone that its days and other periods are of. */
  @JsonIgnore
  public ZoneId zoneOrUtc() {
    return zone == null ? ZoneOffset.UTC : zone;
  }

  /** As a person would say it: {@code last 3, daily 7, within 336 h}. */
  @Override
  public String toString() {
    List<String> words = new ArrayList<>();
    add(words, "last", last);
    add(words, "hourly", hourly);
    add(words, "daily", daily);
    add(words, "weekly", weekly);
    add(words, "monthly", monthly);
    add(words, "yearly", yearly);
    within().ifPresent(time -> words.add("within " + text(time)));
    return String.join(", ", words) + (zone == null ? "" : " " + zone);
  }

  private static void add(List<String> words, String rule, @Nullable Integer number) {
    if (number != null) {
      words.add(rule + " " + number);
    }
  }

  private static String text(Duration time) {
    long seconds = time.toSeconds();
    if (seconds % Duration.ofDays(1).toSeconds() == 0) {
      return time.toDays() + "d";
    }
    return seconds % Duration.ofHours(1).toSeconds() == 0 ? time.toHours() + "h" : seconds + "s";
  }
}
