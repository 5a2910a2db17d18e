package resguardo.admin;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A time that has been, as people write it: {@code 2026-11-24T10:00:00Z}; {@code 24h}, so long ago;
 * {@code 2026-11-24}, {@code today} or {@code yesterday}, days of the time zone of this machine.
 */
final class PastTime {
  private PastTime() {}

  /** What a day stands for. */
  private enum Edge {
    BEGIN,
    END
  }

  /** As of a time: a day stands for its end, so that all of it counts. */
  static final class AsOf implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
      return read(text, ZonedDateTime.now(ZoneId.systemDefault()), Edge.END);
    }
  }

  /** Since a time: a day stands for its begin, so that all of it counts. */
  static final class Since implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
      return read(text, ZonedDateTime.now(ZoneId.systemDefault()), Edge.BEGIN);
    }
  }

  static Instant asOf(String text, ZonedDateTime now) {
    return read(text, now, Edge.END);
  }

  static Instant since(String text, ZonedDateTime now) {
    return read(text, now, Edge.BEGIN);
  }

  private static Instant read(String text, ZonedDateTime now, Edge edge) {
    String word = text.strip();
    return switch (word) {
      case "today" -> day(now.toLocalDate(), now.getZone(), edge);
      case "yesterday" -> day(now.toLocalDate().minusDays(1), now.getZone(), edge);
      default -> {
        try {
          yield word.matches("[0-9]+[a-z]")
              ? now.toInstant().minus(new TimeSpan().convert(word))
              : word.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}")
                  ? day(LocalDate.parse(word), now.getZone(), edge)
                  : Converters.time(word, now.getZone());
        } catch (DateTimeException | ArithmeticException e) {
          throw new TypeConversionException(
              "'"
                  + text
                  + "' is no time: give it such as 2026-11-24T10:00, 2026-11-24, yesterday, or 24h (so long ago)");
        }
      }
    };
  }

  private static Instant day(LocalDate day, ZoneId zone, Edge edge) {
    return edge == Edge.BEGIN
        ? day.atStartOfDay(zone).toInstant()
        : day.plusDays(1).atStartOfDay(zone).toInstant().minusNanos(1);
  }
}
