package resguardo.admin;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as people write it: {@code 90s}, {@code 12h}, {@code 30d}, {@code 1y} (of 365 days). */
public final class TimeSpan implements ITypeConverter<Duration> {
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,9})([smhdwy])");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1),
          "w", Duration.ofDays(7),
          "y", Duration.ofDays(365));

  /** As it is written, in the largest unit that it is a multiple of, days at the most. */
  public static String text(Duration time) {
    for (String unit : List.of("d", "h", "m")) {
      long seconds = UNITS.getOrDefault(unit, Duration.ofSeconds(1)).toSeconds();
      if (time.toSeconds() % seconds == 0) {
        return time.toSeconds() / seconds + unit;
      }
    }
    return time.toSeconds() + "s";
  }

  /** About how long it is, for people: {@code 45 s}, {@code 3 min}, {@code 5 h}, {@code 12 d}. */
  public static String rough(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    if (seconds < 2 * 60) {
      return seconds + " s";
    } else if (seconds < 2 * 3600) {
      return seconds / 60 + " min";
    }
    return seconds < 2 * 86_400 ? seconds / 3600 + " h" : seconds / 86_400 + " d";
  }

  @Override
  public Duration convert(String text) {
    Matcher parts = FORM.matcher(text.strip());
    if (!parts.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is no time: give it such as 90s, 15m, 12h or 30d");
    }
    Duration unit = UNITS.getOrDefault(parts.group(2), Duration.ZERO);
    return unit.multipliedBy(Long.parseLong(parts.group(1)));
  }
}
