package resguardo.core;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time of day in which no backup begins; one that is under way goes on.
 *
 * @param days on which it begins, in the order of the week; never empty
 * @param from when it begins, local time
 * @param to when it ends, local time; not after {@code from}: on the next day
 * @param zone whose local time
 */
public record Blackout(List<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {
  private static final Pattern TEXT =
      Pattern.compile("(?:([a-z,-]+) )?([0-2]?\\d:[0-5]\\d)-([0-2]?\\d:[0-5]\\d)");
  private static final int LETTERS = 3;

  /** Windows that follow one another are looked through for so many days. */
  private static final int DAYS_LOOKED_AT = 9;

  public Blackout {
    if (days.isEmpty()) {
      throw new IllegalArgumentException("a blackout is on one day or more");
    }
    days = List.copyOf(EnumSet.copyOf(days));
  }

  /**
   * Reads what an operator writes: {@code 08:00-18:00}, {@code mon-fri 08:00-18:00}, {@code sat,sun
   * 22:00-06:00}.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Blackout parse(String text, ZoneId zone) {
    Matcher match = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!match.matches()) {
      throw new IllegalArgumentException(
          "a time of day is such as 08:00-18:00 or \"mon-fri 08:00-18:00\": " + text);
    }
    try {
      return new Blackout(
          match.group(1) == null ? List.of(DayOfWeek.values()) : days(match.group(1)),
          time(match.group(2)),
          time(match.group(3)),
          zone);
    } catch (java.time.DateTimeException e) {
      throw new IllegalArgumentException("no time of day: " + text, e);
    }
  }

  private static LocalTime time(String text) {
    return LocalTime.parse(text.length() == "0:00".length() ? "0" + text : text);
  }

  private static List<DayOfWeek> days(String text) {
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (String part : text.split(",", -1)) {
      String[] ends = part.split("-", -1);
      DayOfWeek day = day(ends[0]);
      DayOfWeek last = day(ends[ends.length - 1]);
      if (ends.length > 2) {
        throw new IllegalArgumentException("days are such as mon-fri or sat,sun: " + text);
      }
      days.add(day);
      while (day != last) {
        day = day.plus(1);
        days.add(day);
      }
    }
    return new ArrayList<>(days);
  }

  private static DayOfWeek day(String text) {
    return Arrays.stream(DayOfWeek.values())
        .filter(day -> word(day).equals(text))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("a day is mon, tue, … sun; this is none: " + text));
  }

  private static String word(DayOfWeek day) {
    return day.name().substring(0, LETTERS).toLowerCase(Locale.ROOT);
  }

  /** When it ends, if it lasts at this time; empty: it does not. */
  public Optional<Instant> endOf(Instant now) {
    LocalDate today = LocalDate.ofInstant(now, zone);
    for (LocalDate day : List.of(today.minusDays(1), today)) {
      if (days.contains(day.getDayOfWeek())) {
        Instant begin = moment(day, from);
        Instant end = moment(to.isAfter(from) ? day : day.plusDays(1), to);
        if (!now.isBefore(begin) && now.isBefore(end)) {
          return Optional.of(end);
        }
      }
    }
    return Optional.empty();
  }

  private Instant moment(LocalDate day, LocalTime time) {
    return ZonedDateTime.of(day, time, zone).toInstant();
  }

  /**
   * When the first moment comes, from this one on, that lies in none of them.
   *
   * @return empty when it does not come in a week
   */
  public static Optional<Instant> endOfAll(List<Blackout> all, Instant now) {
    Instant open = now;
    Instant latest = now.plusSeconds(DAYS_LOOKED_AT * 24L * 3600);
    while (open.isBefore(latest)) {
      Instant at = open;
      Optional<Instant> end =
          all.stream().flatMap(one -> one.endOf(at).stream()).max(Instant::compareTo);
      if (end.isEmpty()) {
        return Optional.of(open);
      }
      open = end.get();
    }
    return Optional.empty();
  }

  /** As an operator writes it, with the zone. */
  @Override
  public String toString() {
    String on =
        days.size() == DayOfWeek.values().length
            ? ""
            : String.join(",", days.stream().map(Blackout::word).toList()) + " ";
    return on + from + "-" + to + " " + zone;
  }
}
