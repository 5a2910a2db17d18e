package resguardo.transfer;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as people write it: {@code 3600} (seconds), {@code 90s}, {@code 15m}, {@code 12h}. */
final class Interval implements ITypeConverter<Duration> {
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,9})([smhdw]?)");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "", Duration.ofSeconds(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1),
          "w", Duration.ofDays(7));

  @Override
  public Duration convert(String text) {
    Matcher parts = FORM.matcher(text.strip());
    if (!parts.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is no time: give it such as 3600, 15m, 12h or 7d");
    }
    return UNITS
        .getOrDefault(parts.group(2), Duration.ZERO)
        .multipliedBy(Long.parseLong(parts.group(1)));
  }
}
