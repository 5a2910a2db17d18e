package resguardo.coordinator;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.coordinator.lease.Lease;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.RestoreGuide;
import resguardo.core.catalog.SettingsBook;
import resguardo.core.catalog.Status;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Sender;
import resguardo.core.port.StoreException;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Event;

/**
 * One of any number, of which one leads (see {@link Lease}). The one that leads rebuilds itself
 * from the bucket, then: commands in (see {@link CommandDesk}), due jobs out (see {@link
 * Scheduler}), and what happened recorded. The others listen, so that they know what is under way
 * when they take over. One lock, because everything here is quick but for the bucket.
 */
public final class Coordinator implements AutoCloseable {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration SWEEP = Duration.ofMinutes(10);
  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** How often it is looked whether a drill is to be made: there is no hurry. */
  private static final Duration DRILL = Duration.ofSeconds(3);

  /** While a node floods the broker: less than until a node is taken for away. */
  private static final Duration FLOODS = Duration.ofSeconds(2);

  /** How often it is seen to the lease. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** Prometheus asks each 15 to 60 seconds; each look lists all statuses in the bucket. */
  private static final Duration MEASURED = Duration.ofSeconds(30);

  /** How often one that stands by reads what has changed, so that there is little to read later. */
  private static final Duration REFRESH = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(Coordinator.class);

  private final CoordinatorContext context;
  private final Runnable onStop;
  private final Lock lock;
  private final Roster roster = new Roster();
  private final Floods floods;
  private final FloodWatch floodWatch;
  private final Scheduler scheduler = new Scheduler(roster);
  private final RegistrationBook book;
  private final CommandDesk desk;
  private final NodeQueues queues;
  private final FleetDesk fleet;
  private final RegistrationLines lines;
  private final Statuses statuses;
  private final Drills drills;
  private final DrillMaster drillMaster;
  private final @Nullable FleetMetrics metrics;
  private final StagingSweep staging;
  private final EndedWork endedWork;
  private final Publication publication;
  private final SideDesk side;
  private final Leadership leadership;
  private final Looks looks;
  private final ScheduledExecutorService timer;

  /** Alone: whatever else takes long, the lease is seen to. */
  private final ScheduledExecutorService leaseTimer;

  private final Deque<Subscription> subscriptions = new ArrayDeque<>();

  /** Whether a tick beside those of each second is about to be. */
  private final AtomicBoolean soon = new AtomicBoolean();

  /**
   * @param onStop called when an operator has shut everything down, at the end of it
   */
  public Coordinator(CoordinatorContext context, Runnable onStop) {
    this.context = context;
    this.onStop = onStop;
    this.lock = context.platform().newLock();
    this.timer = context.platform().timer("coordinator", 3);
    this.floods = new Floods(context.platform()::nanoTime);
    this.floodWatch = new FloodWatch(context, floods, roster);
    this.leaseTimer = context.platform().timer("coordinator-lease", 1);
    Lease lease = new Lease(context.store(), context.self(), context.platform());
    this.book = new RegistrationBook(new Registry(context.store()), lease, context.platform());
    this.statuses = new Statuses(context.store(), context.platform());
    this.drills = new Drills(context.store(), context.platform(), scheduler::settings);
    this.drillMaster = new DrillMaster(context, lock, book, statuses, drills, roster);
    this.lines = new RegistrationLines(context, book, scheduler, roster, statuses, drills);
    this.metrics = context.metrics() == null ? null : new FleetMetrics(context.metrics());
    this.queues = new NodeQueues(context);
    this.desk = new CommandDesk(context, book, scheduler, roster, lines, drills, queues);
    this.fleet = new FleetDesk(context, book, scheduler, roster, lines, drills);
    Recollection recollection =
        new Recollection(
            context.platform(),
            lock,
            book,
            scheduler,
            statuses,
            drills,
            new SettingsBook(context.store()));
    this.looks = new Looks(context.platform(), () -> recollection.refreshEnds(AlarmDesk::leaveOut));
    this.side =
        new SideDesk(context, lock, book, scheduler, roster, floods, statuses, drills, looks);
    this.publication = new Publication(context, scheduler, queues, metrics);
    this.leadership =
        new Leadership(
            context,
            lock,
            lease,
            book,
            scheduler,
            recollection,
            new CommandIntake(context, new Desk()));
    this.staging = new StagingSweep(context.store());
    this.endedWork = new EndedWork(context, new Ends());
  }

  /**
   * Waits for the store as long as it takes, and then leads, or stands by while another does.
   *
   * @throws StoreException.Denied when the store refuses: waiting would not help
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the work catches what it can meet
  public void start() throws StoreException.Denied, InterruptedException {
    prepareStore();
    scheduler.listens(now());
    drills.listens();
    subscriptions.push(context.events().subscribe(this::note, floods));
    seeToLease(Runnable::run);
    if (!leadership.isHeld()) {
      context.activity().tell("stands by: " + leadership.text());
    }
    Runnable look = guarded("look at the lease", () -> seeToLease(timer));
    leaseTimer.scheduleWithFixedDelay(
        look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    timer.scheduleAtFixedRate(
        guarded("tick", this::tick), 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    timer.scheduleWithFixedDelay(
        guarded("catching up", leadership::catchUp), 0, REFRESH.toMillis(), TimeUnit.MILLISECONDS);
    every(SWEEP, "sweep", this::sweep);
    every(DRILL, "drills", this::drill);
    every(FLOODS, "floods", () -> floodWatch.look(this::nodes, leadership.isCertain()));
    if (metrics != null) {
      Measurement measurement =
          new Measurement(context, lock, lines, fleet, roster, floods, looks, metrics);
      timer.scheduleWithFixedDelay(
          guarded("metrics", () -> measure(measurement)),
          0,
          MEASURED.toMillis(),
          TimeUnit.MILLISECONDS);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the work catches what it can meet
  private void every(Duration pause, String what, Runnable work) {
    timer.scheduleWithFixedDelay(
        guarded(what, work), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void prepareStore() throws StoreException.Denied, InterruptedException {
    Duration wait = FIRST_WAIT;
    while (true) {
      try {
        context.store().prepare();
        RestoreGuide.leave(context.store());
        return;
      } catch (StoreException.Denied refused) {
        throw refused;
      } catch (IOException e) {
        LOG.warn("waiting for the store: {}", e.getMessage());
        context.platform().sleep(wait);
        wait =
            wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
      }
    }
  }

  /**
   * @param elsewhere takes over, where that is to be done
   */
  private void seeToLease(Executor elsewhere) {
    if (leadership.keep()) {
      elsewhere.execute(guarded("take-over", leadership::takeOver));
    }
  }

  private static Runnable guarded(String what, Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (RuntimeException e) {
        LOG.error("the {} went wrong and goes on at the next turn", what, e);
      }
    };
  }

  private void tick() {
    if (!leadership.isCertain()) {
      return;
    }
    lock.lock();
    try {
      publication.run();
    } finally {
      lock.unlock();
    }
  }

  private void note(Event event) {
    roster.note(event, now());
    if (event.by().equals(context.self())) {
      return; // what it did itself it knows
    }
    lock.lock();
    try {
      scheduler.note(event, now());
      drills.note(event, now());
    } finally {
      lock.unlock();
    }
    if (leadership.standsBy()) {
      return; // whoever takes over reads all
    }
    if (event instanceof Event.JobEnded ended) {
      endedWork.job(ended.job().registration());
    } else if (event instanceof Event.DrillEnded ended) {
      endedWork.drill(ended.registration());
    } else if (event instanceof Event.JobSliced) {
      tickAtOnce();
    }
  }

  /** Not only at the next second. */
  @SuppressWarnings("FutureReturnValueIgnored") // the work catches what it can meet
  private void tickAtOnce() {
    if (soon.compareAndSet(false, true)) {
      timer.execute(guarded("tick", this::tickSoon));
    }
  }

  private void tickSoon() {
    soon.set(false);
    tick();
  }

  /** What becomes of what ended. */
  private final class Ends implements EndedWork.Taker {
    @Override
    public boolean knows(RegistrationKey key) {
      lock.lock();
      try {
        return scheduler.knows(key);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void ended(RegistrationKey key, Status status) {
      lock.lock();
      try {
        statuses.note(key, status);
        scheduler.done(key, status.lastSlot());
        if (scheduler.holdsBack()) {
          tickAtOnce();
        }
      } finally {
        lock.unlock();
      }
      if (leadership.isCertain() && status.lastOutcome() == Status.Outcome.COMMITTED) {
        try {
          staging.sweep(key, status.lastJob());
        } catch (IOException e) {
          LOG.debug("looked at again later: {}", status.lastJob(), e);
        }
      }
    }

    @Override
    public void shown(RegistrationKey key, Proof proof) {
      lock.lock();
      try {
        if (!drills.shown(key, proof)) {
          drills.look(key, AlarmDesk::leaveOut);
        }
      } catch (IOException e) {
        LOG.debug("the next look at all finds it: {}", key, e);
      } finally {
        lock.unlock();
      }
    }
  }

  private Set<NodeName> nodes() {
    lock.lock();
    try {
      return book.all().stream()
          .filter(Registration::active)
          .map(one -> one.key().node())
          .collect(Collectors.toSet());
    } finally {
      lock.unlock();
    }
  }

  private void drill() {
    try {
      if (leadership.isCertain()) {
        drillMaster.look();
      }
    } catch (IOException e) {
      LOG.warn("drills are looked at again later: {}", e.getMessage());
    }
  }

  private void measure(Measurement measurement) {
    try {
      measurement.run(leadership.isCertain());
    } catch (IOException e) {
      LOG.warn("how all stand is measured later: {}", e.getMessage());
    }
  }

  private void sweep() {
    if (!leadership.isCertain()) {
      return;
    }
    try {
      staging.sweepAll();
      for (String prefix : BucketLayout.REPLACED_OFTEN) {
        context.store().forgetReplaced(prefix);
      }
    } catch (IOException e) {
      LOG.warn("unfinished work is looked at again later: {}", e.getMessage());
    }
  }

  /** What commands are carried out by. */
  private final class Desk implements CommandIntake.Lead {
    @Override
    public boolean believes() {
      return leadership.isBelieved();
    }

    @Override
    public boolean isCertain() {
      return leadership.isCertain();
    }

    @Override
    public Optional<Answer> carryOut(Command command, Sender sender) throws IOException {
      if (Looks.areWorth(command)) {
        looks.freshen();
      }
      Optional<Answer> beside = side.carryOut(command, sender);
      if (beside.isPresent()) {
        return beside;
      }
      lock.lock();
      try {
        Optional<Answer> answer = fleet.carryOut(command, sender);
        return answer.isPresent() ? answer : desk.carryOut(command, sender);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public String shutDown() throws BrokerException, InterruptedException {
      leadership.stop();
      try {
        return new Shutdown(context, roster, queues).run();
      } catch (BrokerException e) {
        leadership.goOn();
        throw e;
      }
    }

    @Override
    public void end() {
      onStop.run();
    }
  }

  private Instant now() {
    return context.clock().instant();
  }

  @Override
  public void close() {
    leadership.stop();
    leaseTimer.shutdownNow();
    timer.shutdownNow();
    endedWork.close();
    looks.close();
    leadership.endCommands();
    subscriptions.forEach(Subscription::close);
    leadership.release();
  }
}
