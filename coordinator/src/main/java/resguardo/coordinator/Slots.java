package resguardo.coordinator;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.Schedule;

/**
 * The due times of a schedule. Of several that went by without being run only the newest is run;
 * the others are missed.
 *
 * <p>A cron expression names local times. One that a change to summer time leaves out is due in the
 * moment of the change; one that comes twice is due the first time only. So every local time that
 * it names is due once, and in order. (The cron library alone skips the first kind, and looking
 * back it finds the second of the other.)
 */
public final class Slots {
  /** Counting stops here: what was missed for longer is told as this many and more. */
  static final int COUNTED_AT_MOST = 1000;

  private Slots() {}

  /**
   * A slot that is to be run now.
   *
   * @param slot its due time
   * @param missed how many older ones are not run, since the last one that was; at most {@link
   *     #COUNTED_AT_MOST}
   */
  public record Due(Instant slot, long missed) {}

  /**
   * Whether a schedule can be used; else why not, in words for a person.
   *
   * @return empty when it can
   */
  public static Optional<String> refusal(Schedule schedule) {
    if (schedule instanceof Schedule.Cron cron) {
      try {
        CronTimes.of(cron);
      } catch (IllegalArgumentException e) {
        return Optional.of("the cron expression cannot be read: " + e.getMessage());
      }
    }
    return Optional.empty();
  }

  /**
   * The slot to run now; empty when none is due.
   *
   * @param since when the schedule began: no slot is before this
   * @param done the last slot that needs no run any more; absent: none yet
   */
  public static Optional<Due> due(
      Schedule schedule, Instant since, @Nullable Instant done, Instant now) {
    Optional<Instant> newest = newest(schedule, since, now);
    if (newest.isEmpty() || (done != null && !newest.get().isAfter(done))) {
      return Optional.empty();
    }
    return Optional.of(new Due(newest.get(), missed(schedule, since, done, newest.get())));
  }

  /** The first slot after this time; empty when there is none ever. */
  public static Optional<Instant> next(Schedule schedule, Instant since, Instant after) {
    if (after.isBefore(since)) {
      Instant justBefore = since.minusSeconds(1);
      return schedule instanceof Schedule.Every
          ? Optional.of(since)
          : next(schedule, since, justBefore, after);
    }
    return next(schedule, since, after, after);
  }

  /**
   * Whether this is a due time of a schedule.
   *
   * @param since when the schedule began: no slot is before this
   */
  public static boolean has(Schedule schedule, Instant since, Instant time) {
    return !time.isBefore(since)
        && next(schedule, since, time.minusSeconds(1)).filter(time::equals).isPresent();
  }

  private static Optional<Instant> next(
      Schedule schedule, Instant since, Instant from, Instant after) {
    if (schedule instanceof Schedule.Every every) {
      long elapsed = Math.max(0, after.getEpochSecond() - since.getEpochSecond());
      return Optional.of(since.plusSeconds((elapsed / every.seconds() + 1) * every.seconds()));
    }
    return CronTimes.of((Schedule.Cron) schedule).next(from);
  }

  private static Optional<Instant> newest(Schedule schedule, Instant since, Instant now) {
    if (now.isBefore(since)) {
      return Optional.empty();
    }
    if (schedule instanceof Schedule.Every every) {
      long elapsed = now.getEpochSecond() - since.getEpochSecond();
      return Optional.of(since.plusSeconds(elapsed / every.seconds() * every.seconds()));
    }
    return CronTimes.of((Schedule.Cron) schedule).newest(now).filter(slot -> !slot.isBefore(since));
  }

  private static long missed(
      Schedule schedule, Instant since, @Nullable Instant done, Instant newest) {
    Instant from = done == null || done.isBefore(since) ? since.minusSeconds(1) : done;
    if (schedule instanceof Schedule.Every every) {
      long before = Math.floorDiv(from.getEpochSecond() - since.getEpochSecond(), every.seconds());
      long last = (newest.getEpochSecond() - since.getEpochSecond()) / every.seconds();
      return Math.min(COUNTED_AT_MOST, last - before - 1);
    }
    long count = 0;
    Optional<Instant> slot = next(schedule, since, from, from);
    while (slot.isPresent() && slot.get().isBefore(newest) && count < COUNTED_AT_MOST) {
      count++;
      slot = next(schedule, since, slot.get(), slot.get());
    }
    return count;
  }
}
