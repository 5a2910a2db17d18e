package resguardo.coordinator;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.Blackout;
import resguardo.core.Pause;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.RunOrder;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Answer.Reason;

/** Why a registration is or is not being backed up now, in words for a person. */
final class Explanation {
  private final Scheduler scheduler;
  private final Roster roster;
  private final Instant now;
  private final List<Reason> reasons = new ArrayList<>();

  Explanation(Scheduler scheduler, Roster roster, Instant now) {
    this.scheduler = scheduler;
    this.roster = roster;
    this.now = now;
  }

  /**
   * All that decides about it now.
   *
   * @param status absent: never attempted
   */
  List<Reason> of(Registration registration, @Nullable Status status) {
    RegistrationKey key = registration.key();
    Instant done = scheduler.lastDone(key).orElse(null);
    if (!registration.active()) {
      add(Reason.Kind.REMOVED, "it was unregistered at " + registration.since());
      return reasons;
    }
    scheduler.openJob(key).ifPresent(this::running);
    scheduler.settings().pauseOf(key, now).ifPresent(this::paused);
    StartRules.order(registration, done).ifPresent(this::ordered);
    due(registration, done);
    blackout(registration);
    if (!roster.alive(key.node(), now)) {
      String seen =
          roster.lastSeen(key.node()).map(at -> "last seen at " + at).orElse("not seen so far");
      add(
          Reason.Kind.NO_AGENT,
          "the agent of " + key.node() + " is not there (" + seen + "): what is due waits for it");
    }
    scheduler.limitOn(key, now).ifPresent(what -> add(Reason.Kind.LIMIT, what));
    missed(status);
    return reasons;
  }

  private void add(Reason.Kind kind, String what) {
    reasons.add(new Reason(kind, what));
  }

  private void running(Answer.OpenJob open) {
    String since =
        "the job for "
            + open.job().slot()
            + " was published at "
            + open.published().truncatedTo(ChronoUnit.SECONDS);
    add(
        Reason.Kind.RUNNING,
        open.worker() == null
            ? since + " and waits for a worker, or for its agent"
            : since
                + " and is in the hands of "
                + open.worker().instance()
                + ", attempt "
                + open.job().attempt()
                + "; the next slot waits until it has ended");
  }

  private void paused(Pause pause) {
    String by = pause.by().name().orElse("an operator");
    add(
        Reason.Kind.PAUSED,
        by
            + " has paused "
            + pause.scope()
            + " at "
            + pause.since()
            + (pause.until() == null ? ", until it is resumed" : ", until " + pause.until())
            + (pause.why() == null ? "" : ": " + pause.why()));
  }

  private void ordered(RunOrder order) {
    add(
        Reason.Kind.ORDERED,
        order.until().isAfter(now)
            ? "an operator asked for a run at " + order.slot() + "; it waits until " + order.until()
            : "an operator asked for a run at "
                + order.slot()
                + ", which could not begin until "
                + order.until()
                + " and was missed");
  }

  private void due(Registration registration, @Nullable Instant done) {
    Duration delay = StartRules.delay(registration);
    Optional<Slots.Due> due =
        Slots.due(registration.schedule(), registration.since(), done, now.minus(delay));
    if (due.isPresent() && scheduler.openJob(registration.key()).isEmpty()) {
      Instant slot = due.get().slot();
      Long within = registration.rules().startWithinSeconds();
      boolean over = within != null && slot.plus(delay).plusSeconds(within).isBefore(now);
      String older =
          due.get().missed() == 0 ? "" : "; older slots that are not run: " + due.get().missed();
      add(
          over ? Reason.Kind.MISSED : Reason.Kind.DUE,
          over
              ? "the slot of "
                  + slot
                  + " could not begin within "
                  + within
                  + " s and is missed"
                  + older
              : "the slot of " + slot + " is due" + older);
    }
    if (!delay.isZero()) {
      add(Reason.Kind.JITTER, "each slot begins " + delay.toSeconds() + " s after it is due");
    }
  }

  private void blackout(Registration registration) {
    List<Blackout> all = registration.rules().notDuring();
    Optional<Instant> end = Blackout.endOfAll(all, now);
    if (end.isEmpty() || end.get().isAfter(now)) {
      add(
          Reason.Kind.BLACKOUT,
          "no backup of it begins before " + end.map(Instant::toString).orElse("the next change"));
    }
  }

  private void missed(@Nullable Status status) {
    if (status != null && status.missed() != null) {
      add(
          Reason.Kind.MISSED,
          "slots that were never run, in all: "
              + status.missed()
              + ", the last of them before "
              + status.lastMissed());
    }
  }
}
