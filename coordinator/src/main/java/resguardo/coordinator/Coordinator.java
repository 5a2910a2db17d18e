package resguardo.coordinator;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
import resguardo.core.FetchJob;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.SchedulingOptions;
import resguardo.core.catalog.AuditTrail;
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
import resguardo.core.port.Tracing;
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

  /**
   * Where registrations have priorities, so many jobs may wait on the queue before others wait
   * here.
   */
  private static final int AHEAD = 200;

  /** Each is an object to be read: some tenths of a second. */
  private static final int AUDITED_A_PAGE = 50;

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
  private final Lease lease;
  private final Recollection recollection;
  private final Looks looks;
  private final CommandIntake intake;
  private final ScheduledExecutorService timer;

  /** Alone: whatever else takes long, the lease is seen to. */
  private final ScheduledExecutorService leaseTimer;

  private final Deque<Subscription> subscriptions = new ArrayDeque<>();
  private @Nullable Subscription commands;
  private volatile Part part = Part.STANDS_BY;
  private volatile boolean stopping;

  /** Whether a tick beside those of each second is about to be. */
  private final AtomicBoolean soon = new AtomicBoolean();

  private enum Part {
    STANDS_BY,
    TAKES_OVER,
    LEADS
  }

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
    this.lease = new Lease(context.store(), context.self(), context.platform());
    this.book = new RegistrationBook(new Registry(context.store()), lease, context.platform());
    this.statuses = new Statuses(context.store(), context.platform());
    this.drills = new Drills(context.store(), context.platform(), scheduler::settings);
    this.recollection =
        new Recollection(
            context.platform(),
            lock,
            book,
            scheduler,
            statuses,
            drills,
            new SettingsBook(context.store()));
    this.looks = new Looks(context.platform(), () -> recollection.refreshEnds(AlarmDesk::leaveOut));
    this.drillMaster = new DrillMaster(context, lock, book, statuses, drills, roster);
    this.lines = new RegistrationLines(context, book, scheduler, roster, statuses, drills);
    this.metrics = context.metrics() == null ? null : new FleetMetrics(context.metrics());
    this.queues = new NodeQueues(context);
    this.desk = new CommandDesk(context, book, scheduler, roster, lines, drills, queues);
    this.fleet = new FleetDesk(context, book, scheduler, roster, lines, drills);
    this.intake = new CommandIntake(context, new Desk());
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
    if (!lease.isHeld()) {
      context.activity().tell("stands by: " + lease.text());
    }
    Runnable look = guarded("look at the lease", () -> seeToLease(timer));
    leaseTimer.scheduleWithFixedDelay(
        look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    timer.scheduleAtFixedRate(
        guarded("tick", this::tick), 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    timer.scheduleWithFixedDelay(
        guarded("catching up", this::catchUp), 0, REFRESH.toMillis(), TimeUnit.MILLISECONDS);
    timer.scheduleWithFixedDelay(
        guarded("sweep", this::sweep), SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
    timer.scheduleWithFixedDelay(
        guarded("drills", this::drill), DRILL.toMillis(), DRILL.toMillis(), TimeUnit.MILLISECONDS);
    timer.scheduleWithFixedDelay(
        guarded("floods", this::lookAtFloods),
        FLOODS.toMillis(),
        FLOODS.toMillis(),
        TimeUnit.MILLISECONDS);
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
   * Keeps the lease or waits for it.
   *
   * @param elsewhere takes over: that may take longer than the lease can be left alone
   */
  private void seeToLease(Executor elsewhere) {
    try {
      boolean held = lease.keep();
      if (held && part == Part.STANDS_BY && !stopping) {
        part = Part.TAKES_OVER;
        elsewhere.execute(guarded("take-over", this::takeOver));
      } else if (!held && part == Part.LEADS) {
        stepDown();
      }
    } catch (IOException e) {
      LOG.warn("the lease could not be seen to: {}", e.getMessage());
    }
  }

  private void takeOver() {
    try {
      recollection.refreshToLead();
      long active;
      lock.lock();
      try {
        book.settle();
        book.all().forEach(scheduler::put);
        if (!lease.isHeld() || stopping) {
          return;
        }
        part = Part.LEADS;
        // One that was overtaken and is paused or cut off may still be a consumer: it gets no more.
        commands = context.commands().consume(lease.epoch(), intake::take, intake::malformed);
        active = book.all().stream().filter(Registration::active).count();
      } finally {
        lock.unlock();
      }
      context.activity().tell(lease.text() + "; from the bucket: " + active + " registrations");
    } catch (IOException e) {
      LOG.warn("could not take over yet: {}", e.getMessage());
    } finally {
      if (part == Part.TAKES_OVER) {
        part = Part.STANDS_BY; // and tries again at the next look
      }
    }
  }

  private void stepDown() {
    part = Part.STANDS_BY;
    Subscription taken = takeCommands();
    context.activity().tell("leads no more: another took over");
    if (taken != null) {
      taken.close();
    }
  }

  /** Who takes commands until now, if anybody, and does not from now on. */
  private @Nullable Subscription takeCommands() {
    lock.lock();
    try {
      Subscription taken = commands;
      commands = null;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void catchUp() {
    try {
      if (part == Part.STANDS_BY) {
        recollection.refresh(() -> part == Part.STANDS_BY);
      } else if (leads()) {
        settle();
      }
    } catch (IOException e) {
      LOG.warn("what has changed is read later: {}", e.getMessage());
    }
  }

  /**
   * A change that was announced, and whose writing failed, is not left to whoever takes over some
   * day: by then nobody would expect it any more.
   */
  private void settle() throws IOException {
    lock.lock();
    try {
      if (lease.pending().isPresent()) {
        book.settle();
        book.all().forEach(scheduler::put);
      }
    } finally {
      lock.unlock();
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

  private boolean leads() {
    return part == Part.LEADS && !stopping && lease.isValid();
  }

  private void tick() {
    if (!leads()) {
      return;
    }
    lock.lock();
    try {
      Deque<Scheduler.ToPublish> due = new ArrayDeque<>(urgentFirst(scheduler.tick(now())));
      scheduler.takeSkipped().forEach(this::tellSkipped);
      while (!due.isEmpty()) {
        Scheduler.ToPublish next = due.peek();
        try {
          publish(next);
          due.remove();
        } catch (BrokerException e) {
          LOG.warn("{} jobs could not be published now: {}", due.size(), e.getMessage());
          due.forEach(job -> scheduler.notPublished(job.job()));
          return;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * A queue has no order but that of arrival: so that what an operator wants first is not behind
   * thousands of others, those wait here until the queue is short.
   */
  private List<Scheduler.ToPublish> urgentFirst(List<Scheduler.ToPublish> due) {
    if (due.size() < 2 || !scheduler.ranks()) {
      return due;
    }
    long room;
    try {
      room = AHEAD - context.jobs().waitingFetches();
    } catch (BrokerException e) {
      LOG.debug("how long the queue is was not told", e);
      return due; // the publication will tell
    }
    List<Scheduler.ToPublish> now = new ArrayList<>();
    for (Scheduler.ToPublish job : due) {
      boolean fresh = !job.silent() && job.job().attempt() == 1 && job.job().slices() == 0;
      if (room > 0
          || !fresh // it was in its turn already
          || scheduler.rank(job.job()) == SchedulingOptions.Priority.HIGH) {
        now.add(job);
        room--;
      } else {
        scheduler.notPublished(job.job());
      }
    }
    return now;
  }

  private void tellSkipped(StartRules.Skipped skipped) {
    RegistrationKey key = skipped.key();
    context
        .activity()
        .tell(
            key.node(), key.path(), "missed the slot of " + skipped.slot() + ": " + skipped.why());
    tell(
        new Event.SlotsMissed(
            now(), context.self(), key, List.of(skipped.slot()), 1, skipped.why()));
  }

  private Tracing.Step published(FetchJob job) {
    return context
        .platform()
        .tracing()
        .begin("publish job", job.id())
        .with("resguardo.node", job.registration().node())
        .with("resguardo.path", job.registration().path())
        .with("resguardo.job", job.id())
        .with("resguardo.slot", job.slot())
        .with("resguardo.attempt", job.attempt());
  }

  private void publish(Scheduler.ToPublish due) throws BrokerException {
    FetchJob job = due.job();
    if (due.silent() && !due.released() && context.jobs().waitingFetches() > 0) {
      return; // the queue is long, and the job is in it: it counts as heard of from now on
    }
    try (Tracing.Step step = published(job)) {
      queues.before(due);
      context.jobs().publish(job);
    }
    context
        .activity()
        .tell(job, "published the job for " + job.slot() + " (attempt " + job.attempt() + ")");
    tell(new Event.JobPublished(now(), context.self(), job));
    if (metrics != null) {
      metrics.published();
      metrics.missed(due.missed());
    }
    if (due.missed() > 0) {
      String why = "the last job was still open, or nobody was there to run them";
      context.activity().tell(job, due.missed() + " slots before it were missed");
      tell(
          new Event.SlotsMissed(
              now(), context.self(), job.registration(), List.of(), due.missed(), why));
    }
  }

  private void tell(Event event) {
    try {
      context.events().publish(event);
    } catch (BrokerException e) {
      LOG.debug("not told: {}", event, e); // events are hints
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the work catches what it can meet
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
    if (part == Part.STANDS_BY || stopping) {
      return; // whoever takes over reads all
    }
    if (event instanceof Event.JobEnded ended) {
      endedWork.job(ended.job().registration());
    } else if (event instanceof Event.DrillEnded ended) {
      endedWork.drill(ended.registration());
    } else if (event instanceof Event.JobSliced && soon.compareAndSet(false, true)) {
      timer.execute(guarded("tick", this::tickSoon)); // at once, not at the next second
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
      } finally {
        lock.unlock();
      }
      if (leads() && status.lastOutcome() == Status.Outcome.COMMITTED) {
        sweepJob(key, status.lastJob());
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

  private void lookAtFloods() {
    floodWatch.look(this::nodes, leads());
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
      if (leads()) {
        drillMaster.look();
      }
    } catch (IOException e) {
      LOG.warn("drills are looked at again later: {}", e.getMessage());
    }
  }

  private void measure(Measurement measurement) {
    try {
      measurement.run(leads());
    } catch (IOException e) {
      LOG.warn("how all stand is measured later: {}", e.getMessage());
    }
  }

  private void sweepJob(RegistrationKey key, JobId job) {
    try {
      staging.sweep(key, job);
    } catch (IOException e) {
      LOG.debug("looked at again later: {}", job, e);
    }
  }

  private void sweep() {
    if (!leads()) {
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
      return part == Part.LEADS && !stopping;
    }

    @Override
    public boolean isCertain() {
      return leads();
    }

    @Override
    public Optional<Answer> carryOut(Command command, Sender sender) throws IOException {
      if (Looks.areWorth(command)) {
        looks.freshen();
      }
      if (command instanceof Command.Checkup) {
        return Optional.of(new Answer.Findings(now(), checkup().run()));
      } else if (command instanceof Command.Audit audit) {
        AuditTrail.Page page =
            new AuditTrail(context.store()).page(audit.after(), audit.since(), AUDITED_A_PAGE);
        return Optional.of(new Answer.Audited(page.records(), page.next()));
      } else if (command instanceof Command.AccessChanged changed) {
        String what = "node " + changed.node() + " was " + changed.access().word();
        context.activity().tell(changed.node(), null, what);
        return Optional.of(new Answer.Done(what));
      } else if (command instanceof Command.Alarms alarms) {
        return Optional.of(new AlarmDesk(context).list(alarms));
      } else if (command instanceof Command.AcceptAlarm accept) {
        return Optional.of(new AlarmDesk(context).accept(accept, sender));
      } else if (command instanceof Command.PlanRetention plan) {
        return Optional.of(new RetentionDesk(context).plan(plan));
      } else if (command instanceof Command.OperatorChanged changed) {
        String what = "operator " + changed.operator() + " was " + changed.access().word();
        context.activity().tell(what);
        return Optional.of(new Answer.Done(what));
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
      stopping = true;
      try {
        return new Shutdown(context, roster, queues).run();
      } catch (BrokerException e) {
        stopping = false;
        throw e;
      }
    }

    @Override
    public void end() {
      onStop.run();
    }
  }

  /** Looks without the lock: it takes a while, and jobs go on. */
  private Checkup checkup() {
    String unread = null;
    try {
      looks.freshen();
    } catch (IOException e) {
      unread = e.getMessage();
    }
    lock.lock();
    try {
      List<Registration> active = book.all().stream().filter(Registration::active).toList();
      return new Checkup(context, active, roster)
          .ends(statuses.copy(active), statuses.damaged(), unread)
          .openJobs(scheduler.openJobs())
          .floods(floods.now())
          .drills(drills.findings(active, statuses::of, now()));
    } finally {
      lock.unlock();
    }
  }

  private Instant now() {
    return context.clock().instant();
  }

  @Override
  public void close() {
    stopping = true;
    leaseTimer.shutdownNow();
    timer.shutdownNow();
    endedWork.close();
    looks.close();
    Subscription taken = takeCommands();
    if (taken != null) {
      taken.close();
    }
    subscriptions.forEach(Subscription::close);
    lease.release();
  }
}
