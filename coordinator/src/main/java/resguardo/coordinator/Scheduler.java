package resguardo.coordinator;

import java.time.Duration;
import java.time.Instant;
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
  private final OpenJobs open = new OpenJobs();
  private final DueSlots slots = new DueSlots();
  private Instant ticked = Instant.EPOCH;
  private boolean holdsBack;

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
    slots.listens(now);
    ticked = now;
  }

  /** Takes up a registration, in place of any of the same key. A job of it that is open goes on. */
  public void put(Registration registration) {
    if (!registration.equals(registrations.put(registration.key(), registration))) {
      slots.changed(registration.key());
    }
  }

  /** Takes up what operators have set for all. */
  public void put(FleetSettings settings) {
    slots.put(settings);
  }

  /** What operators have set for all. */
  FleetSettings settings() {
    return slots.settings();
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
    List<Waiting> waiting = new ArrayList<>();
    for (Registration registration : registrations.values()) {
      RegistrationKey key = registration.key();
      OpenJobs.Open running = open.get(key);
      boolean alive = agents.alive(key.node(), now);
      if (running == null) {
        slots
            .due(registration, done.get(key), alive, now)
            .filter(any -> alive)
            .ifPresent(due -> waiting.add(new Waiting(due, due.job().slot(), true)));
        continue;
      }
      Optional<ToPublish> job = again(running, now);
      if (job.isPresent() && !registration.active()) {
        open.remove(key); // it was removed meanwhile: lost or returned, it is not wanted any more
      } else if (job.isPresent() && alive) {
        OpenJobs.Again again = running.again();
        if (again == null) {
          jobs.add(job.get()); // silent: it is under way, as far as is known
        } else {
          waiting.add(new Waiting(job.get(), again.at(), false));
        }
      }
    }
    jobs.addAll(admitted(waiting, parallel(now)));
    for (ToPublish job : jobs) {
      if (job.silent() && !job.released()) {
        open.stillOpen(job.job(), now);
      } else {
        open.publish(job.job(), now);
      }
    }
    jobs.forEach(job -> slots.published(job.job(), now));
    return jobs;
  }

  /** What was to happen by a clock that was ahead, and was set back, happens now. */
  private void takeNoteOf(Instant now) {
    if (Ahead.is(ticked, now)) {
      slots.clockWasSetBack(now);
      open.clockWasSetBack(now);
    }
    ticked = now;
  }

  /**
   * A job that may be published now.
   *
   * @param since when it could first: its slot, or when it came back
   * @param begins whether it was not published before
   */
  private record Waiting(ToPublish job, Instant since, boolean begins) {
    FetchJob fetch() {
      return job.job();
    }
  }

  /**
   * The urgent first, and of these whatever has waited for longest: of sets that come in many
   * slices each goes behind those that have become due meanwhile.
   */
  private List<ToPublish> admitted(List<Waiting> waiting, Parallel parallel) {
    waiting.sort(
        Comparator.comparing((Waiting one) -> rank(one.fetch()))
            .thenComparing(Waiting::since)
            .thenComparing(one -> !one.begins()));
    List<ToPublish> admitted = new ArrayList<>();
    for (Waiting one : waiting) {
      RegistrationKey key = one.fetch().registration();
      boolean room =
          one.begins() ? parallel.admits(key.node(), labels(key)) : parallel.admitsOf(key.node());
      if (room) {
        admitted.add(one.job());
      }
    }
    holdsBack = admitted.size() < waiting.size();
    return admitted;
  }

  /** Whether the last tick held any back because others were under way. */
  boolean holdsBack() {
    return holdsBack;
  }

  /**
   * Those that are read, or may be; not one that came back, or is lost, and whose agent is away. Of
   * a node only those count that are published: one that came back keeps no slot from others, and
   * one that only a worker tells of may be made up.
   */
  private Parallel parallel(Instant now) {
    Parallel parallel = new Parallel(slots.settings().limits());
    open.forEach(
        (key, known) -> {
          boolean atRest = known.again() != null || known.isSilent(now);
          if (!atRest || agents.alive(key.node(), now)) {
            parallel.add(labels(key));
          }
          if (known.again() == null && known.ours()) {
            parallel.addOf(key.node());
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
    Map<String, String> labels = new TreeMap<>(labels(key));
    labels.put(FleetSettings.NODE, key.node().toString());
    return labels.entrySet().stream()
        .filter(label -> !parallel.hasRoom(label.getKey(), label.getValue()))
        .map(
            label ->
                "of "
                    + label.getKey()
                    + "="
                    + label.getValue()
                    + " as many are being backed up as may be at once: "
                    + slots.settings().limits().get(label.getKey()))
        .findFirst();
  }

  /** But that of its node. */
  private Map<String, String> labels(RegistrationKey key) {
    Registration registration = registrations.get(key);
    if (registration == null) {
      return Map.of();
    }
    Map<String, String> labels = new TreeMap<>(registration.rules().belongsTo());
    labels.remove(FleetSettings.NODE);
    return labels;
  }

  /** The slots of the last ticks that will not be run, and were not told of before. */
  List<StartRules.Skipped> takeSkipped() {
    return slots.takeSkipped();
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
    slots.notPublished(job);
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
