package resguardo.coordinator;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.Blackout;
import resguardo.core.Pause;
import resguardo.core.Registration;
import resguardo.core.RunOrder;
import resguardo.core.Schedule;
import resguardo.core.catalog.FleetSettings;
import resguardo.core.protocol.Answer.Upcoming;

/** When a registration will be run, as far as that can be known now. */
final class Forecast {
  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss z", Locale.ROOT);

  private Forecast() {}

  /**
   * When the next run begins: the one that is due, or the first to come. Whether something else is
   * in its way then does not matter.
   *
   * @param done the last slot that needs no run any more; absent: none yet
   */
  static Optional<Instant> next(Registration registration, @Nullable Instant done, Instant now) {
    Optional<Instant> order =
        StartRules.order(registration, done)
            .filter(run -> run.until().isAfter(now))
            .map(RunOrder::slot);
    Duration delay = StartRules.delay(registration);
    Optional<Instant> slot =
        Slots.due(registration.schedule(), registration.since(), done, now)
            .map(Slots.Due::slot)
            .or(() -> Slots.next(registration.schedule(), registration.since(), now))
            .map(due -> due.plus(delay));
    if (order.isPresent() && slot.isPresent()) {
      return order.get().isBefore(slot.get()) ? order : slot;
    }
    return order.isPresent() ? order : slot;
  }

  /**
   * The next slots after this time, at most so many.
   *
   * @param settings what is paused
   */
  static List<Upcoming> upcoming(
      Registration registration, FleetSettings settings, Instant now, int count) {
    List<Upcoming> found = new ArrayList<>();
    Optional<Instant> slot = Slots.next(registration.schedule(), registration.since(), now);
    while (slot.isPresent() && found.size() < count) {
      found.add(upcoming(registration, settings, slot.get()));
      slot = Slots.next(registration.schedule(), registration.since(), slot.get());
    }
    return found;
  }

  private static Upcoming upcoming(
      Registration registration, FleetSettings settings, Instant slot) {
    List<String> notes = new ArrayList<>();
    ZoneId zone = zone(registration);
    if (registration.schedule() instanceof Schedule.Cron cron) {
      if (!zone.equals(ZoneOffset.UTC)) {
        notes.add(LOCAL.format(slot.atZone(zone)));
      }
      CronTimes.of(cron).note(slot).ifPresent(notes::add);
    }
    Duration delay = StartRules.delay(registration);
    if (!delay.isZero()) {
      notes.add("jitter: " + delay.toSeconds() + " s later");
    }
    Instant ready = slot.plus(delay);
    Instant open = Blackout.endOfAll(registration.rules().notDuring(), ready).orElse(Instant.MAX);
    if (open.isAfter(ready)) {
      notes.add("in a blackout until " + open);
    }
    settings
        .pauseOf(registration.key(), ready)
        .map(Pause::until)
        .ifPresent(until -> notes.add("paused until " + until));
    Optional<Instant> begins = begins(registration, settings, ready);
    if (begins.isEmpty()) {
      notes.add("paused until it is resumed: the newest slot that is due then is run");
      return new Upcoming(slot, null, String.join("; ", notes));
    }
    Long within = registration.rules().startWithinSeconds();
    boolean late = within != null && begins.get().isAfter(ready.plusSeconds(within));
    Optional<Instant> newer = Slots.next(registration.schedule(), registration.since(), slot);
    boolean replaced =
        begins.get().isAfter(ready)
            && newer.map(next -> !next.plus(delay).isAfter(begins.get())).orElse(false);
    boolean missed = late || replaced;
    if (late) {
      notes.add("will be missed: it is to begin within " + within + " s");
    } else if (replaced) {
      notes.add("will be missed: a newer slot is run in its place");
    }
    return new Upcoming(
        slot, missed ? null : begins.get(), notes.isEmpty() ? null : String.join("; ", notes));
  }

  /** When neither a pause nor a blackout is in the way any more; empty: when it is resumed. */
  private static Optional<Instant> begins(
      Registration registration, FleetSettings settings, Instant ready) {
    Instant at = ready;
    while (true) {
      Optional<Pause> pause = settings.pauseOf(registration.key(), at);
      Instant until = pause.map(Pause::until).orElse(at);
      if (pause.isPresent() && pause.get().until() == null) {
        return Optional.empty();
      }
      Instant open = Blackout.endOfAll(registration.rules().notDuring(), until).orElse(Instant.MAX);
      if (open.equals(at) || open.equals(Instant.MAX)) {
        return Optional.of(open);
      }
      at = open;
    }
  }

  private static ZoneId zone(Registration registration) {
    return registration.schedule() instanceof Schedule.Cron cron ? cron.zone() : ZoneOffset.UTC;
  }
}
