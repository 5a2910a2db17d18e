package resguardo.coordinator;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.FetchJob;
import resguardo.core.RegistrationKey;
import resguardo.core.SchedulingOptions;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Tracing;
import resguardo.core.protocol.Event;

/**
 * Sends the jobs that the {@link Scheduler} finds due, and tells of those and of slots that will
 * not be run. Not for several threads.
 */
final class Publication {
  /**
   * Where registrations have priorities, so many jobs may wait on the queue before others wait
   * here.
   */
  private static final int AHEAD = 200;

  private static final Logger LOG = LoggerFactory.getLogger(Publication.class);

  private final CoordinatorContext context;
  private final Scheduler scheduler;
  private final NodeQueues queues;
  private final @Nullable FleetMetrics metrics;

  /**
   * @param metrics where it is counted; absent: nobody asks
   */
  Publication(
      CoordinatorContext context,
      Scheduler scheduler,
      NodeQueues queues,
      @Nullable FleetMetrics metrics) {
    this.context = context;
    this.scheduler = scheduler;
    this.queues = queues;
    this.metrics = metrics;
  }

  /** Sends all that is due now. What the broker does not take is due again. */
  void run() {
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

  private Instant now() {
    return context.clock().instant();
  }
}
