package resguardo.console;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import resguardo.admin.TimeSpan;

/** Times for people. A browser shows its own time zone when one is pointed at. */
final class Times {
  private static final DateTimeFormatter SHOWN =
      DateTimeFormatter.ofPattern("d MMM uuuu HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter EXACT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ENGLISH).withZone(ZoneOffset.UTC);

  /** A node may say any time of a file; beyond these no calendar here has a day. */
  private static final Instant FIRST = LocalDateTime.MIN.toInstant(ZoneOffset.UTC);

  private static final Instant LAST = LocalDateTime.MAX.toInstant(ZoneOffset.UTC);
  private static final Markup NEVER = Markup.of("<span class=\"none\">never</span>");
  private static final Markup NOT = Markup.of("<span class=\"none\">–</span>");

  private Times() {}

  /** How long ago it was, or when it will be. */
  static Markup around(@Nullable Instant time, Instant now) {
    if (time == null) {
      return NEVER;
    }
    boolean past = !time.isAfter(now);
    String rough = TimeSpan.rough(past ? Duration.between(time, now) : Duration.between(now, time));
    return marked(time, past ? rough + " ago" : "in " + rough);
  }

  /** How long ago it was, of what cannot be to come: by another clock that is ahead it is now. */
  static Markup ago(Instant time, Instant now) {
    return around(time.isAfter(now) ? now : time, now);
  }

  /** When it will be, or since when it should be; nothing where that is not known. */
  static Markup next(@Nullable Instant time, Instant now) {
    if (time == null) {
      return NOT;
    }
    return time.isAfter(now)
        ? around(time, now)
        : marked(time, "due " + TimeSpan.rough(Duration.between(time, now)) + " ago");
  }

  /** The day and the minute, as text. */
  static String day(Instant time) {
    return SHOWN.format(shownAs(time)) + " UTC";
  }

  /** The day and the minute. */
  static Markup at(@Nullable Instant time) {
    return time == null ? NOT : marked(time, day(time));
  }

  private static Instant shownAs(Instant time) {
    return time.isBefore(FIRST) ? FIRST : time.isAfter(LAST) ? LAST : time;
  }

  private static Markup marked(Instant at, String shown) {
    Instant time = shownAs(at);
    return Markup.of(
        "<time datetime=\"{}\" title=\"{} UTC\">{}</time>",
        time.truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
        EXACT.format(time),
        shown);
  }
}
