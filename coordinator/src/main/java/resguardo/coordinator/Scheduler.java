package resguardo.coordinator;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.FetchJob;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.SchedulingOptions;
import resguardo.core.catalog.FleetSettings;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Event;

/**
 * Which jobs are to be published now. It decides and remembers; it sends nothing. At most one job
 * of a registration is open at a time, from its publication until its end is told or it has been
 * silent for too long.
 *
 * <p>Not for several threads: the coordinator's tick and its events take turns.
 */
public final class Scheduler {
  /**
   * A job that came back is tried again after this long, twice as long each further time, up to
   * {@link #LONGEST_PAUSE}.
   */
  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  /** Whoever listens for this long has heard of each job that a worker has in hand. */
  static final Duration HEARD_OF_ALL = Duration.ofSeconds(6);

  /**
   * So many registrations that are not known yet may be heard of by one that stands by; more are
   * made up.
   */
  private static final int STRANGERS = 1000;

  /** No clock is as wrong: a later time was made up, and cannot be counted on from. */
  private static final Instant LATEST = Instant.parse("2200-01-01T00:00:00Z");

  private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);

  private final Roster agents;
  private final Map<RegistrationKey, Registration> registrations = new TreeMap<>();
  private final Map<RegistrationKey, Instant> done = new HashMap<>();

  /**
   * Of which it is known that none of its slots is due before: what a cron expression means takes
   * long to find out.
   */
  private final Map<RegistrationKey, Instant> notBefore = new HashMap<>();

  private final OpenJobs open = new OpenJobs();

  /** The last slot of each that was told of as one that will not be run. */
  private final Map<RegistrationKey, Instant> toldSkipped = new HashMap<>();

  private final Map<RegistrationKey, Instant> toldMissedOrders = new HashMap<>();
  private final List<StartRules.Skipped> skipped = new ArrayList<>();
  private final StartRules rules = new StartRules();
  private final Ahead ahead = new Ahead();
  private Instant listening = Instant.EPOCH;
  private Instant ticked = Instant.EPOCH;

  /**
   * A job to publish.
   *
   * @param missed how many older slots are given up for it; 0 for a job that is published again
   * @param silent whether it was published before and nobody has told of it since: it may still lie
   *     on the queue
   * @param released whether a silent one was with a worker for so long that it does not
   */
  public record ToPublish(FetchJob job, long missed, boolean silent, boolean released) {
    ToPublish(FetchJob job, long missed, boolean silent) {
      this(job, missed, silent, false);
    }
  }

  public Scheduler(Roster agents) {
    this.agents = agents;
  }

  /**
   * Events come from now on. Of registrations that were made before, a job may be open that another
   * coordinator published: none is published before it would have been heard of.
   */
  public void listens(Instant now) {
    listening = now.truncatedTo(ChronoUnit.SECONDS); // as registrations begin
    ticked = now;
  }

  /** Takes up a registration, in place of any of the same key. A job of it that is open goes on. */
  public void put(Registration registration) {
    if (!registration.equals(registrations.put(registration.key(), registration))) {
      notBefore.remove(registration.key());
    }
  }

  /** Takes up what operators have set for all. */
  public void put(FleetSettings settings) {
    rules.put(settings);
  }

  /** What operators have set for all. */
  FleetSettings settings() {
    return rules.settings();
  }

  /**
   * No slot up to this one is to be run any more, as the status in the bucket says: at the start,
   * and when a worker tells that a job ended. Its word alone is not enough.
   */
  public void done(RegistrationKey key, Instant slot) {
    if (slot.isAfter(LATEST)) {
      LOG.error("left out: no slot of {} can be {}", key, slot);
      return;
    }
    done.merge(key, slot, (a, b) -> a.isAfter(b) ? a : b);
    open.ended(key, slot);
  }

  /** Takes note of what a worker, or another coordinator, tells of a job that has not ended. */
  public void note(Event event, Instant now) {
    takeNoteOf(now); // one that stands by does not tick
    if (event instanceof Event.JobPublished published) {
      FetchJob job = published.job();
      if (!job.slot().isAfter(LATEST) && !isOver(job)) {
        open.published(job, now);
      }
    } else if (event instanceof Event.JobRunning running) {
      open.running(running, mayRun(running.job(), now), now);
    } else if (event instanceof Event.JobReturned returned) {
      FetchJob job = returned.job();
      if (!goesOn(job, now.plus(FIRST_PAUSE), now)) {
        open.returned(job, now.plus(pause(job.attempt())), now);
      }
    } else if (event instanceof Event.JobSliced sliced) {
      FetchJob job = sliced.job();
      if (!goesOn(job, open.afterSlice(job, now), now)) {
        open.sliced(job, now);
      }
    }
  }

  /**
   * Has one that only a worker told of go on when it comes back, if its slot is one of the
   * registration. It had begun: by now a rule may forbid it to begin, such as {@code
   * --start-within}, and none forbids it to go on.
   */
  private boolean goesOn(FetchJob job, Instant at, Instant now) {
    Registration registration = registrations.get(job.registration());
    if (!open.isHearsay(job)
        || registration == null
        || !registration.active()
        || registration.generation() != job.generation()
        || Ahead.is(job.slot(), now)
        || !hasSlot(registration, job.slot())) {
      return false;
    }
    open.goOn(job, FetchJob.first(registration, job.slot()), at, now);
    return true;
  }

  private static boolean hasSlot(Registration registration, Instant slot) {
    boolean ordered =
        StartRules.order(registration, null).filter(one -> one.slot().equals(slot)).isPresent();
    return ordered || Slots.has(registration.schedule(), registration.since(), slot);
  }

  /** Whether it is known to have ended. */
  private boolean isOver(FetchJob job) {
    Instant last = done.get(job.registration());
    return last != null && !job.slot().isAfter(last);
  }

  /** Whether a job that nobody but a worker tells of may be under way. */
  private boolean mayRun(FetchJob job, Instant now) {
    RegistrationKey key = job.registration();
    Registration registration = registrations.get(key);
    boolean room = registration != null || open.size() < registrations.size() + STRANGERS;
    return room && !isOver(job) && Ahead.mayBe(job.slot(), registration, done.get(key), now);
  }

  /** Whether there is, or was, such a registration. */
  boolean knows(RegistrationKey key) {
    return registrations.containsKey(key);
  }

  static Duration pause(int attempt) {
    int doublings = Math.min(attempt - 1, 20);
    Duration pause = FIRST_PAUSE.multipliedBy(1L << doublings);
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  /**
   * The jobs to publish now, those first that an operator wants first. Each counts as open from
   * here on; for one whose publication fails, {@link #notPublished} is to be called.
   */
  public List<ToPublish> tick(Instant now) {
    takeNoteOf(now);
    open.forgetHearsay(now);
    List<ToPublish> jobs = new ArrayList<>();
    List<ToPublish> begin = new ArrayList<>();
    for (Registration registration : registrations.values()) {
      RegistrationKey key = registration.key();
      OpenJobs.Open running = open.get(key);
      boolean alive = agents.alive(key.node(), now);
      if (running == null) {
        dueOrNone(registration, alive, now).filter(any -> alive).ifPresent(begin::add);
        continue;
      }
      Optional<ToPublish> job = again(running, now);
      if (job.isPresent() && !registration.active()) {
        open.remove(key); // it was removed meanwhile: lost or returned, it is not wanted any more
      } else {
        job.filter(any -> alive).ifPresent(jobs::add);
      }
    }
    jobs.addAll(withinLimits(begin, now));
    jobs.forEach(job -> open.publish(job.job(), now));
    jobs.forEach(job -> ahead.begins(job.job(), now));
    return jobs;
  }

  /** Whatever is wrong with one registration, such as a time that no calendar has, others go on. */
  private Optional<ToPublish> dueOrNone(Registration registration, boolean alive, Instant now) {
    try {
      return due(registration, alive, now);
    } catch (DateTimeException | ArithmeticException e) {
      LOG.error("whether {} is due cannot be told", registration.key(), e);
      return Optional.empty();
    }
  }

  /** What was to happen by a clock that was ahead, and was set back, happens now. */
  private void takeNoteOf(Instant now) {
    if (Ahead.is(ticked, now)) {
      notBefore.clear();
      listening = earlier(listening, now);
      open.clockWasSetBack(now);
    }
    ticked = now;
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }

  private List<ToPublish> withinLimits(List<ToPublish> begin, Instant now) {
    begin.sort(
        Comparator.comparing((ToPublish due) -> rank(due.job()))
            .thenComparing(due -> due.job().slot()));
    Map<String, Integer> limits = rules.settings().limits();
    if (limits.isEmpty()) {
      return begin;
    }
    Parallel parallel = parallel(now);
    return begin.stream().filter(due -> parallel.admits(labels(due.job().registration()))).toList();
  }

  /**
   * Those that are read, or may be; not one that came back, or is lost, and whose agent is away.
   */
  private Parallel parallel(Instant now) {
    Parallel parallel = new Parallel(rules.settings().limits());
    open.forEach(
        (key, known) -> {
          boolean atRest = known.again() != null || known.isSilent(now);
          if (!atRest || agents.alive(key.node(), now)) {
            parallel.add(labels(key));
          }
        });
    return parallel;
  }

  /** Whether some registrations are to be backed up before others. */
  boolean ranks() {
    return registrations.values().stream()
        .anyMatch(one -> one.rules().rank() != SchedulingOptions.Priority.NORMAL);
  }

  /** How urgent a job is. */
  SchedulingOptions.Priority rank(FetchJob job) {
    Registration registration = registrations.get(job.registration());
    return registration == null ? SchedulingOptions.Priority.NORMAL : registration.rules().rank();
  }

  /**
   * The limit that keeps this from beginning now, in words for a person; empty: none does, or it is
   * under way.
   */
  Optional<String> limitOn(RegistrationKey key, Instant now) {
    if (open.has(key)) {
      return Optional.empty();
    }
    Parallel parallel = parallel(now);
    return labels(key).entrySet().stream()
        .filter(label -> !parallel.hasRoom(label.getKey(), label.getValue()))
        .map(
            label ->
                "of "
                    + label.getKey()
                    + "="
                    + label.getValue()
                    + " as many are being backed up as may be at once: "
                    + rules.settings().limits().get(label.getKey()))
        .findFirst();
  }

  private Map<String, String> labels(RegistrationKey key) {
    Registration registration = registrations.get(key);
    return registration == null ? Map.of() : registration.rules().belongsTo();
  }

  /** The slots of the last ticks that will not be run, and were not told of before. */
  List<StartRules.Skipped> takeSkipped() {
    List<StartRules.Skipped> told = List.copyOf(skipped);
    skipped.clear();
    return told;
  }

  private Optional<ToPublish> due(Registration registration, boolean alive, Instant now) {
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
    Instant last = Ahead.last(registration, done.get(key), now);
    if (last != null) {
      return rules.pause(key, now).isPresent()
          ? Optional.empty()
          : ahead
              .due(registration, last, isOrdered(registration, last, now), now)
              .map(due -> new ToPublish(FetchJob.first(registration, due.slot(), 0), 0, false));
    }
    StartRules.Verdict verdict = rules.verdict(registration, done.get(key), now);
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
            new ToPublish(
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

  private Optional<ToPublish> again(OpenJobs.Open running, Instant now) {
    OpenJobs.Again again = running.again();
    if (again != null) {
      return again.at().isAfter(now)
          ? Optional.empty()
          : Optional.of(new ToPublish(again.job(), 0, false));
    }
    // Silent for long: its message may be lost. If it is not, the copy is found done by whoever
    // takes it second.
    return running.isSilent(now)
        ? Optional.of(new ToPublish(running.job(), 0, true, running.mayBeReleased(now)))
        : Optional.empty();
  }

  /** A job of the last {@link #tick} could not be published: it is due again. */
  public void notPublished(FetchJob job) {
    ahead.notBegun(job);
    open.notPublished(job);
  }

  /** When the open job of this key was published; empty: none is open. */
  public Optional<Instant> openSince(RegistrationKey key) {
    return Optional.ofNullable(open.get(key)).map(OpenJobs.Open::published);
  }

  /** The last slot of this key that needs no run any more; empty: none is known. */
  Optional<Instant> lastDone(RegistrationKey key) {
    return Optional.ofNullable(done.get(key));
  }

  /** Each job that has not ended, in the order of the keys. */
  List<Answer.OpenJob> openJobs() {
    return open.shown();
  }

  /** The job of this key that has not ended; empty: none is open. */
  Optional<Answer.OpenJob> openJob(RegistrationKey key) {
    return open.shown(key);
  }

  /**
   * When the next run of this key begins if nothing is in its way: in the past, when something is.
   * Empty while a job is open, when it is removed, or when none ever comes.
   */
  public Optional<Instant> nextDue(RegistrationKey key, Instant now) {
    Registration registration = registrations.get(key);
    if (registration == null || !registration.active() || open.has(key)) {
      return Optional.empty();
    }
    return Forecast.next(registration, done.get(key), now);
  }
}
