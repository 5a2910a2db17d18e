package resguardo.coordinator;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.Blackout;
import resguardo.core.Pause;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.RunOrder;
import resguardo.core.SchedulingOptions;
import resguardo.core.Sha256;
import resguardo.core.catalog.FleetSettings;

/**
 * Which slot of a registration is to begin now: what its schedule says ({@link Slots}), and what
 * else decides. It remembers nothing of jobs. Not for several threads.
 */
final class StartRules {
  private FleetSettings settings = FleetSettings.NONE;

  /**
   * What is to be done about a registration now.
   *
   * @param due the slot that begins; absent: none does
   * @param notBefore until then the answer stays the same, unless the registration changes or an
   *     operator pauses or resumes; absent: it may be another at any time
   * @param skipped slots that went by for good; absent: none that was not told of before
   */
  record Verdict(Slots.@Nullable Due due, @Nullable Instant notBefore, @Nullable Skipped skipped) {
    private static final Verdict NOT_NOW = new Verdict(null, null, null);

    private static Verdict notBefore(Instant time) {
      return new Verdict(null, time, null);
    }
  }

  /**
   * A slot that will not be run.
   *
   * @param why in words for a person
   * @param ordered whether it is that of an operator's order
   */
  record Skipped(RegistrationKey key, Instant slot, String why, boolean ordered) {}

  /** Takes up what operators have set. */
  void put(FleetSettings now) {
    settings = now;
  }

  FleetSettings settings() {
    return settings;
  }

  /** The pause that keeps this from beginning; empty: none does. */
  Optional<Pause> pause(RegistrationKey key, Instant now) {
    return settings.pauseOf(key, now);
  }

  /**
   * How much later than it is due each slot of this registration begins: always the same time, so
   * that the time between two of them stays what the schedule says, and spread evenly over keys.
   */
  static Duration delay(Registration registration) {
    Long jitter = registration.rules().jitterSeconds();
    if (jitter == null) {
      return Duration.ZERO;
    }
    byte[] name = registration.key().text().getBytes(StandardCharsets.UTF_8);
    long number = ByteBuffer.wrap(Sha256.newDigest().digest(name)).getLong();
    return Duration.ofSeconds(Math.floorMod(number, jitter + 1));
  }

  /** The run that an operator asked for and that is still to be made; empty: none. */
  static Optional<RunOrder> order(Registration registration, @Nullable Instant done) {
    return Optional.ofNullable(registration.order())
        .filter(order -> done == null || order.slot().isAfter(done));
  }

  /**
   * What is to be done now.
   *
   * @param done the last slot that needs no run any more; absent: none yet
   */
  Verdict verdict(Registration registration, @Nullable Instant done, Instant now) {
    if (settings.pauseOf(registration.key(), now).isPresent()) {
      return Verdict.NOT_NOW;
    }
    Optional<RunOrder> order = order(registration, done);
    Verdict scheduled = scheduled(registration, done, now);
    if (order.isEmpty()) {
      return scheduled;
    } else if (isOver(order.get(), now)) {
      Instant slot = order.get().slot();
      Skipped missed =
          new Skipped(registration.key(), slot, "the order was not begun in time", true);
      return scheduled.skipped() != null
          ? scheduled
          : new Verdict(scheduled.due(), scheduled.notBefore(), missed);
    } else if (order.get().slot().isAfter(now)) {
      // Of this second, or given by a clock that was ahead: the schedule goes on meanwhile.
      Instant until = scheduled.notBefore();
      return new Verdict(
          scheduled.due(),
          until == null || until.isBefore(order.get().slot()) ? until : order.get().slot(),
          scheduled.skipped());
    }
    return ordered(registration, order.get(), done, now);
  }

  /** What was asked for begins at whatever time of day, and stands for older slots too. */
  private static Verdict ordered(
      Registration registration, RunOrder order, @Nullable Instant done, Instant now) {
    Optional<Slots.Due> due =
        Slots.due(
            registration.schedule(), registration.since(), done, now.minus(delay(registration)));
    boolean later = due.isPresent() && due.get().slot().isAfter(order.slot());
    return new Verdict(
        later ? due.get() : new Slots.Due(order.slot(), due.map(Slots.Due::missed).orElse(0L)),
        null,
        null);
  }

  private static boolean isOver(RunOrder order, Instant now) {
    return !order.until().isAfter(now);
  }

  private static Verdict scheduled(Registration registration, @Nullable Instant done, Instant now) {
    SchedulingOptions rules = registration.rules();
    Duration delay = delay(registration);
    Instant until = now.minus(delay);
    Optional<Slots.Due> due = Slots.due(registration.schedule(), registration.since(), done, until);
    if (due.isEmpty()) {
      return Verdict.notBefore(next(registration, until));
    }
    Long within = rules.startWithinSeconds();
    Instant begins = due.get().slot().plus(delay);
    if (within != null && begins.plusSeconds(within).isBefore(now)) {
      return new Verdict(
          null,
          next(registration, until),
          skipped(registration, due.get().slot(), "it could not begin within " + within + " s"));
    }
    if (!rules.notDuring().isEmpty()) {
      Instant open = Blackout.endOfAll(rules.notDuring(), now).orElse(Instant.MAX);
      if (open.isAfter(now)) {
        return Verdict.notBefore(open);
      }
    }
    return new Verdict(due.get(), null, null);
  }

  private static Instant next(Registration registration, Instant after) {
    return Slots.next(registration.schedule(), registration.since(), after)
        .map(slot -> slot.plus(delay(registration)))
        .orElse(Instant.MAX);
  }

  private static Skipped skipped(Registration registration, Instant slot, String why) {
    return new Skipped(registration.key(), slot, why, false);
  }
}
