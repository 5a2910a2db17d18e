package resguardo.coordinator;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.FetchJob;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.catalog.FleetSettings;

/**
 * Which slots are to begin now, of registrations of which no job is open: what {@link StartRules}
 * say, where the clock was never ahead (see {@link Ahead}), and once this coordinator has heard of
 * all that others published. Not for several threads.
 */
final class DueSlots {
  /** Whoever listens for this long has heard of each job that a worker has in hand. */
  static final Duration HEARD_OF_ALL = Duration.ofSeconds(6);

  private static final Logger LOG = LoggerFactory.getLogger(DueSlots.class);

  /**
   * Of which it is known that none of its slots is due before: what a cron expression means takes
   * long to find out.
   */
  private final Map<RegistrationKey, Instant> notBefore = new HashMap<>();

  /** The last slot of each that was told of as one that will not be run. */
  private final Map<RegistrationKey, Instant> toldSkipped = new HashMap<>();

  private final Map<RegistrationKey, Instant> toldMissedOrders = new HashMap<>();
  private final List<StartRules.Skipped> skipped = new ArrayList<>();
  private final StartRules rules = new StartRules();
  private final Ahead ahead = new Ahead();
  private Instant listening = Instant.EPOCH;

  /** Events come from now on; see {@link Scheduler#listens}. */
  void listens(Instant now) {
    listening = now.truncatedTo(ChronoUnit.SECONDS); // as registrations begin
  }

  /** Takes up what operators have set for all. */
  void put(FleetSettings settings) {
    rules.put(settings);
  }

  /** What operators have set for all. */
  FleetSettings settings() {
    return rules.settings();
  }

  /** A registration is another than before. */
  void changed(RegistrationKey key) {
    notBefore.remove(key);
  }

  /** The clock was ahead, and is set back: what was to happen by it happens now. */
  void clockWasSetBack(Instant now) {
    notBefore.clear();
    listening = Ahead.earlier(listening, now);
  }

  /**
   * The job of the slot that is to begin; empty when none is. Whatever is wrong with one
   * registration, such as a time that no calendar has, others go on.
   *
   * @param done the last slot that needs no run any more; absent: none yet
   * @param alive whether the agent is there: where it is not, slots may go by for good
   */
  Optional<Scheduler.ToPublish> due(
      Registration registration, @Nullable Instant done, boolean alive, Instant now) {
    try {
      return beginning(registration, done, alive, now);
    } catch (DateTimeException | ArithmeticException e) {
      LOG.error("whether {} is due cannot be told", registration.key(), e);
      return Optional.empty();
    }
  }

  private Optional<Scheduler.ToPublish> beginning(
      Registration registration, @Nullable Instant done, boolean alive, Instant now) {
    boolean unheard =
        registration.since().isBefore(listening) && now.isBefore(listening.plus(HEARD_OF_ALL));
    if (!registration.active() || unheard) {
      return Optional.empty();
    }
    if (!alive
        && registration.order() == null
        && registration.rules().startWithinSeconds() == null) {
      return Optional.empty(); // nothing comes of it, whatever it is
    }
    RegistrationKey key = registration.key();
    if (notBefore.getOrDefault(key, Instant.MIN).isAfter(now)) {
      return Optional.empty();
    }
    Instant last = Ahead.last(registration, done, now);
    if (last != null) {
      return rules.pause(key, now).isPresent()
          ? Optional.empty()
          : ahead
              .due(registration, last, isOrdered(registration, last, now), now)
              .map(
                  due ->
                      new Scheduler.ToPublish(
                          FetchJob.first(registration, due.slot(), 0), 0, false));
    }
    StartRules.Verdict verdict = rules.verdict(registration, done, now);
    if (verdict.notBefore() != null) {
      notBefore.put(key, verdict.notBefore());
    }
    StartRules.Skipped over = verdict.skipped();
    if (over != null && isNew(over)) {
      skipped.add(over);
    }
    Slots.Due due = verdict.due();
    return due == null
        ? Optional.empty()
        : Optional.of(
            new Scheduler.ToPublish(
                FetchJob.first(registration, due.slot(), due.missed()), due.missed(), false));
  }

  /**
   * Also where the order was given by the clock that was ahead, or its run by it is what is last.
   */
  private static boolean isOrdered(Registration registration, Instant last, Instant now) {
    return StartRules.order(registration, null)
        .filter(order -> order.until().isAfter(now) && order.slot().isAfter(last))
        .isPresent();
  }

  /** Slots that are skipped come in order; an order that was missed is told of apart from them. */
  private boolean isNew(StartRules.Skipped over) {
    Map<RegistrationKey, Instant> told = over.ordered() ? toldMissedOrders : toldSkipped;
    return !over.slot().equals(told.put(over.key(), over.slot()));
  }

  /** A job is published. */
  void published(FetchJob job, Instant now) {
    ahead.begins(job, now);
  }

  /** The publication of a job failed: it is due as before. */
  void notPublished(FetchJob job) {
    ahead.notBegun(job);
  }

  /** The slots that will not be run, and were not told of before. */
  List<StartRules.Skipped> takeSkipped() {
    List<StartRules.Skipped> told = List.copyOf(skipped);
    skipped.clear();
    return told;
  }
}
