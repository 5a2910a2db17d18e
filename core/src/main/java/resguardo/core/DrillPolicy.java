package resguardo.core;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How often it is tried whether the newest version of a registration can be restored, and how much
 * of it is read then.
 *
 * @param everySeconds so long after it was proven last it is tried again; 0: never by itself
 * @param readBytes how much content is read at the most; of a larger version a part, and the next
 *     time the part after it; 0: all of it, however large; absent: {@link #USUAL_BYTES}
 */
public record DrillPolicy(long everySeconds, @Nullable Long readBytes) {
  private static final long LONGEST = Duration.ofDays(10 * 366).toSeconds();

  /** What a store reads in some minutes. */
  public static final long USUAL_BYTES = 10L << 30;

  /** As {@link #readBytes}: all, however large it is. */
  public static final long ALL = 0;

  /** Where nobody has said otherwise: a week. */
  public static final DrillPolicy USUAL = new DrillPolicy(Duration.ofDays(7).toSeconds(), null);

  /** Only when an operator asks for it. */
  public static final DrillPolicy NEVER = new DrillPolicy(0, null);

  public DrillPolicy {
    if (everySeconds < 0 || everySeconds > LONGEST) {
      throw new IllegalArgumentException(
          "drills are 1 second to 10 years apart, or never made: " + everySeconds + " s");
    }
    if (readBytes != null && readBytes < 0) {
      throw new IllegalArgumentException("a drill reads 1 byte or more, or all: " + readBytes);
    }
    readBytes = readBytes != null && readBytes == USUAL_BYTES ? null : readBytes;
  }

  /** The time from one to the next; empty: none is made by itself. */
  public Optional<Duration> every() {
    return everySeconds == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(everySeconds));
  }

  /** How much content is read at the most. */
  public long mostBytes() {
    return readBytes == null ? USUAL_BYTES : readBytes == 0 ? Long.MAX_VALUE : readBytes;
  }

  /** {@code every 7 days, up to 10 GiB of a version}. */
  @Override
  public String toString() {
    long most = mostBytes();
    String read =
        most == Long.MAX_VALUE ? "all of a version" : "up to " + Sizes.text(most) + " of a version";
    return every().map(time -> "every " + text(time)).orElse("never") + ", " + read;
  }

  private static String text(Duration time) {
    long seconds = time.toSeconds();
    if (seconds % Duration.ofDays(1).toSeconds() == 0) {
      return time.toDays() + "d";
    }
    return seconds % Duration.ofHours(1).toSeconds() == 0 ? time.toHours() + "h" : seconds + "s";
  }

  /** The first that was said: of the registration, or of the fleet, or what is usual. */
  public static DrillPolicy of(@Nullable DrillPolicy own, @Nullable DrillPolicy fleet) {
    return own != null ? own : fleet != null ? fleet : USUAL;
  }
}
