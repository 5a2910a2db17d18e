package resguardo.coordinator;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;

/**
 * Registrations whose last slot, or whose beginning, lies in the future: the clock of a coordinator
 * was ahead, and has been set right. Their next slots come right after that one, so that slots only
 * grow, and are run as often as the schedule says, until the clock has come to where it was.
 */
final class Ahead {
  /** Clocks differ by some seconds; what is farther ahead was never meant. */
  static final Duration BEYOND_REASON = Duration.ofMinutes(5);

  /** When the last of them was begun, by the clock as it is now. */
  private final Map<RegistrationKey, Instant> begun = new HashMap<>();

  /** Whether a time is farther ahead than clocks differ. */
  static boolean is(Instant time, Instant now) {
    return time.isAfter(now.plus(BEYOND_REASON));
  }

  /** A time that was not to be ahead: now, where it is. */
  static Instant earlier(Instant time, Instant now) {
    return time.isBefore(now) ? time : now;
  }

  /**
   * The last slot that needs no run any more, if that is ahead, or the one before the first that
   * is; else absent.
   *
   * @param done the last slot that needs no run any more; absent: none yet
   */
  static @Nullable Instant last(Registration registration, @Nullable Instant done, Instant now) {
    Instant before = registration.since().minusSeconds(1);
    Instant last = done == null || done.isBefore(before) ? before : done;
    return is(last, now) ? last : null;
  }

  /**
   * Whether a job can be under way for a slot: for none that is ahead, but for the one right after
   * one that is.
   *
   * @param registration absent: it is not known yet
   * @param done the last slot that needs no run any more; absent: none yet
   */
  static boolean mayBe(
      Instant slot, @Nullable Registration registration, @Nullable Instant done, Instant now) {
    if (!is(slot, now)) {
      return true;
    }
    Instant last = registration == null ? null : last(registration, done, now);
    return last != null && !slot.isAfter(last.plusSeconds(1));
  }

  /**
   * The slot to run now; empty when none is due.
   *
   * @param last as above
   * @param ordered whether an operator wants a run at once
   */
  Optional<Slots.Due> due(Registration registration, Instant last, boolean ordered, Instant now) {
    Instant before = begun.get(registration.key());
    boolean due =
        ordered
            || before == null
            || before.isAfter(now)
            || Slots.next(registration.schedule(), Instant.EPOCH, before)
                .filter(next -> !next.isAfter(now))
                .isPresent();
    return due ? Optional.of(new Slots.Due(last.plusSeconds(1), 0)) : Optional.empty();
  }

  /** The publication of a job failed: it is due as before. */
  void notBegun(FetchJob job) {
    begun.remove(job.registration());
  }

  /** A job is published. */
  void begins(FetchJob job, Instant now) {
    if (is(job.slot(), now)) {
      begun.put(job.registration(), now);
    } else {
      begun.remove(job.registration());
    }
  }
}
