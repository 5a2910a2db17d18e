package resguardo.worker;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.FetchJob;
import resguardo.core.JobId;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Delivery;
import resguardo.core.port.Subscription;
import resguardo.core.port.Tracing;
import resguardo.core.protocol.DrillOrder;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.QueryJob;
import resguardo.core.version.Alarm;

/**
 * Takes jobs and queries: for a job claim → fetch (see {@link BackupFlow}) → status → event → ack,
 * in this order, so that what is acked is done and what is done is known.
 */
public final class FetchWorker implements AutoCloseable {
  /** A job that has been in the hands of so many workers that died is not given to another. */
  private static final int DELIVERIES = 5;

  /** A job that has come back so often fails; its registration's next slot is tried. */
  private static final int ATTEMPTS = 6;

  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(5);
  private static final Duration FINISH = Duration.ofSeconds(45);
  private static final Logger LOG = LoggerFactory.getLogger(FetchWorker.class);

  private final WorkerContext context;
  private final StatusBook statuses;
  private final ScheduledExecutorService timer;
  private final ScheduledExecutorService releases;
  private final ExecutorService compressors;
  private final Lock lock;
  private final Condition ended;
  private int inHand;
  private final LongWork longWork;
  private final Drilling drills;
  private final QueryPlaces places;
  private final Subscription fetches;
  private final Subscription queries;

  /**
   * Begins to take work.
   *
   * @param slots jobs at once
   */
  public FetchWorker(WorkerContext context, int slots) {
    this.context = context;
    this.statuses = new StatusBook(context.store());
    this.lock = context.platform().newLock();
    this.ended = lock.newCondition();
    this.timer = context.platform().timer("worker", 1);
    this.releases = context.platform().timer("worker-release", 1);
    this.longWork = new LongWork(releases);
    this.compressors =
        context.platform().pool("worker", Runtime.getRuntime().availableProcessors());
    this.places = new QueryPlaces(context.platform());
    this.drills = new Drilling(context, compressors, timer, this::hasWork);
    context.metrics().gauge("resguardo.in.hand", this, worker -> worker.inHand);
    this.fetches = context.jobs().consumeFetches(slots, this::fetch);
    this.queries = context.jobs().consumeQueries(QueryPlaces.IN_HAND, this::serve);
  }

  private void fetch(Delivery<FetchJob> delivery) {
    begins();
    FetchJob job = delivery.message();
    try (LongWork.Held held = longWork.hold(delivery);
        Tracing.Step step = step("back up", job.id(), job.registration())) {
      step.with("resguardo.job", job.id()).with("resguardo.attempt", job.attempt());
      if (delivery.deliveries() > DELIVERIES && !isDone(job)) {
        String why = "given up: " + DELIVERIES + " workers ended with it in hand";
        ended(job, new JobOutcome.Failed(why));
        delivery.dead(why);
        return;
      }
      context.activity().tell(job, "took the job (attempt " + job.attempt() + ")");
      JobOutcome outcome = outcome(job);
      noted(step, outcome);
      settle(delivery, outcome);
    } catch (InterruptedException e) {
      giveBack(delivery, JobOutcome.Returned.Reason.UNAVAILABLE, "the worker ends");
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      giveBack(delivery, JobOutcome.Returned.Reason.UNAVAILABLE, e.getMessage());
    } finally {
      ends();
    }
  }

  /** Another copy may have been done meanwhile: then it is no failure that this one comes again. */
  private boolean isDone(FetchJob job) throws IOException {
    return statuses
        .known(job.registration())
        .filter(status -> !status.lastSlot().isBefore(job.slot()))
        .isPresent();
  }

  private Tracing.Step step(String name, @Nullable JobId job, RegistrationKey key) {
    return context
        .platform()
        .tracing()
        .begin(name, job)
        .with("resguardo.node", key.node())
        .with("resguardo.path", key.path());
  }

  private static void noted(Tracing.Step step, JobOutcome outcome) {
    step.with("resguardo.outcome", outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT));
    if (outcome instanceof JobOutcome.Committed committed) {
      step.with("resguardo.version", committed.serial());
    } else if (outcome instanceof JobOutcome.Failed failed) {
      step.failed(failed.why());
    } else if (outcome instanceof JobOutcome.Returned returned) {
      step.failed(returned.why());
    }
  }

  private void begins() {
    lock.lock();
    try {
      inHand++;
    } finally {
      lock.unlock();
    }
  }

  private void ends() {
    lock.lock();
    try {
      inHand--;
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing is in hand any more; false: it took too long. */
  private boolean allEnded() throws InterruptedException {
    lock.lock();
    try {
      long left = FINISH.toNanos();
      while (inHand > 0 && left > 0) {
        left = ended.awaitNanos(left);
      }
      return inHand == 0;
    } finally {
      lock.unlock();
    }
  }

  private JobOutcome outcome(FetchJob job) throws InterruptedException {
    BackupFlow flow = new BackupFlow(context, job);
    ScheduledFuture<?> signs =
        timer.scheduleAtFixedRate(
            () ->
                tell(
                    new Event.JobRunning(now(), context.self(), job, flow.entries(), flow.bytes())),
            0,
            SIGN_OF_LIFE.toMillis(),
            TimeUnit.MILLISECONDS);
    long begun = context.platform().nanoTime();
    try {
      return flow.run();
    } finally {
      signs.cancel(false);
      context
          .metrics()
          .timer("resguardo.job.duration")
          .record(context.platform().nanoTime() - begun, TimeUnit.NANOSECONDS);
    }
  }

  private void settle(Delivery<FetchJob> delivery, JobOutcome outcome) throws IOException {
    FetchJob job = delivery.message();
    if (outcome instanceof JobOutcome.Ended ended) {
      ended(job, ended);
      delivery.ack();
    } else if (outcome instanceof JobOutcome.Sliced sliced) {
      goesOn(delivery, sliced);
    } else if (outcome instanceof JobOutcome.Returned returned && hopeless(job, returned)) {
      String why = "given up after " + ATTEMPTS + " attempts: " + returned.why();
      ended(job, new JobOutcome.Failed(why));
      delivery.dead(why);
    } else if (outcome instanceof JobOutcome.Returned returned) {
      giveBack(delivery, returned.reason(), returned.why());
    } else {
      context.activity().tell(job, "was done before");
      Status status =
          statuses
              .find(job.registration())
              .orElseThrow(() -> new IOException("the status vanished"));
      tellOfAlarm(job, status);
      tell(new Event.JobEnded(now(), context.self(), job, status));
      delivery.ack();
    }
  }

  /** Whoever committed the version may have died before it could tell that it is suspicious. */
  private void tellOfAlarm(FetchJob job, Status status) throws IOException {
    if (status.lastVersion() != null && status.lastJob().equals(job.id())) {
      try {
        new VersionCatalog(context.store())
            .header(job.registration(), status.lastVersion())
            .filter(header -> header.job().equals(job.id()))
            .ifPresent(header -> tellOfAlarm(job, header.serial(), header.alarm()));
      } catch (DamagedException e) {
        LOG.warn("whether a version is suspicious cannot be told: {}", e.getMessage());
      }
    }
  }

  private void tellOfAlarm(FetchJob job, Serial serial, @Nullable Alarm alarm) {
    if (alarm != null) {
      for (Alarm.Sign sign : alarm.signs()) {
        context.metrics().counter("resguardo.alarms", "sign", sign.word()).increment();
      }
      tell(new Event.AlarmRaised(now(), context.self(), job.registration(), serial, alarm));
    }
  }

  /** Gives a job back of which a slice is done; the coordinator publishes it again at once. */
  private void goesOn(Delivery<FetchJob> delivery, JobOutcome.Sliced sliced) {
    FetchJob job = delivery.message();
    count("resguardo.jobs", "sliced");
    context
        .activity()
        .tell(
            job,
            String.format(
                "kept slice %s, up to %s: %d bytes so far",
                sliced.number(), sliced.upTo(), sliced.archiveBytes()));
    tell(
        new Event.JobSliced(
            now(), context.self(), job, sliced.number(), sliced.entries(), sliced.archiveBytes()));
    delivery.ack();
  }

  private static boolean hopeless(FetchJob job, JobOutcome.Returned returned) {
    return returned.reason() == JobOutcome.Returned.Reason.BROKEN && job.attempt() >= ATTEMPTS;
  }

  /**
   * Gives a job back to the coordinator, which publishes it again after a pause. Not to the queue,
   * where it would come again at once, and count as one that workers die of.
   */
  private void giveBack(
      Delivery<FetchJob> delivery, JobOutcome.Returned.Reason reason, @Nullable String why) {
    FetchJob job = delivery.message();
    count("resguardo.jobs", "returned");
    boolean agentSilent = reason == JobOutcome.Returned.Reason.AGENT_SILENT;
    context.activity().tell(job, "gave the job back: " + why);
    tell(new Event.JobReturned(now(), context.self(), job, why, agentSilent));
    delivery.ack();
  }

  private void ended(FetchJob job, JobOutcome.Ended ended) throws IOException {
    Status status = statuses.save(job.registration(), ended.status(job, now()).after(job.missed()));
    count("resguardo.jobs", status.lastOutcome().name());
    if (ended instanceof JobOutcome.Committed committed) {
      context.metrics().counter("resguardo.stored.bytes").increment(committed.archiveBytes());
    }
    context.activity().tell(job, ended.text());
    if (ended instanceof JobOutcome.Committed committed) {
      tellOfAlarm(job, committed.serial(), committed.alarm());
    }
    tell(new Event.JobEnded(now(), context.self(), job, status));
  }

  private boolean hasWork() {
    lock.lock();
    try {
      return inHand > 0;
    } finally {
      lock.unlock();
    }
  }

  private void serve(Delivery<QueryJob> delivery) {
    DrillOrder drill = delivery.message().drill();
    if (drill == null) {
      query(delivery);
    } else if (drill.byOperator()) {
      begins();
      try (LongWork.Held held = longWork.hold(delivery)) {
        drills.serve(delivery, places);
      } finally {
        ends();
      }
    } else {
      drills.begin(delivery);
    }
  }

  private void query(Delivery<QueryJob> delivery) {
    begins();
    QueryJob query = delivery.message();
    try (LongWork.Held held = longWork.hold(delivery);
        Tracing.Step step = step("serve query", null, query.registration())) {
      step.with("resguardo.version", query.serial()).with("resguardo.query", query.what());
      QueryFlow flow = new QueryFlow(context, compressors, query);
      boolean again = query.to() != null && delivery.deliveries() > 1;
      String done = again ? flow.refuse("the worker that did it has ended") : served(flow, query);
      context.activity().tell(query.registration().node(), query.registration().path(), done);
    } catch (IOException e) {
      count("resguardo.queries", "broken off");
      context
          .activity()
          .tell(
              query.registration().node(),
              query.registration().path(),
              "query broken off: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      // Whoever asked is told, or is gone, and asks again: a query is never served twice by itself.
      delivery.ack();
      ends();
    }
  }

  private String served(QueryFlow flow, QueryJob query) throws IOException, InterruptedException {
    try (QueryPlaces.Turn turn = places.enter(query.asker(), query.to() != null, flow::breakOff)) {
      String done = flow.run(turn);
      count("resguardo.queries", "served");
      return done;
    } catch (QueryPlaces.NoPlaceException e) {
      count("resguardo.queries", "refused");
      return flow.refuse(String.valueOf(e.getMessage()));
    }
  }

  private void count(String name, String outcome) {
    context.metrics().counter(name, "outcome", outcome.toLowerCase(Locale.ROOT)).increment();
  }

  private void tell(Event event) {
    try {
      context.events().publish(event);
    } catch (BrokerException e) {
      LOG.debug("not told: {}", event, e); // events are hints: the bucket says it too
    }
  }

  private Instant now() {
    return context.clock().instant();
  }

  /** Takes no more; what is in hand is finished, for up to 45 seconds, and handed back then. */
  @Override
  public void close() {
    fetches.pause();
    queries.pause();
    drills.close();
    try {
      if (!allEnded()) {
        LOG.warn("jobs are handed back that did not end within {} s", FINISH.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    fetches.close();
    queries.close();
    timer.shutdownNow();
    releases.shutdownNow();
    compressors.shutdownNow();
  }
}
