package resguardo.infra.runtime;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.SourcePath;
import resguardo.core.Texts;
import resguardo.core.port.ActivityChannel;
import resguardo.core.port.BrokerException;
import resguardo.core.protocol.ActivityLine;

/**
 * Where a process says what it does, one line for each thing done: on its own log at once, and on
 * the activity channel for all to read in one place. Telling never blocks and never fails: while
 * the broker is away lines are kept, up to a bound; those beyond it are counted, and the count is
 * told when the broker is back.
 */
public final class ActivityLog implements AutoCloseable {
  /** Some minutes of a busy process, and less than a megabyte. */
  static final int KEPT_AT_MOST = 1000;

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(ActivityLog.class);

  private final Peer by;
  private final Clock clock;
  private final ActivityChannel channel;
  private final BlockingQueue<ActivityLine> waiting = new ArrayBlockingQueue<>(KEPT_AT_MOST);
  private final AtomicLong dropped = new AtomicLong();
  private final Thread sender;
  private volatile boolean closing;

  /** Begins to send on a thread of its own. */
  public ActivityLog(Peer by, Clock clock, ActivityChannel channel) {
    this.by = by;
    this.clock = clock;
    this.channel = channel;
    this.sender = new Thread(this::sendAll, "activity-lines");
    sender.setDaemon(true);
    sender.start();
  }

  /** Something that is about no node. */
  public void tell(String what) {
    tell(new ActivityLine(clock.instant(), by, null, null, null, Texts.shown(what)));
  }

  /** Something about a node, or a path of it. */
  public void tell(NodeName node, @Nullable SourcePath path, String what) {
    tell(new ActivityLine(clock.instant(), by, node, path, null, Texts.shown(what)));
  }

  /** Something about a job. */
  public void tell(FetchJob job, String what) {
    tell(
        new ActivityLine(
            clock.instant(),
            by,
            job.registration().node(),
            job.registration().path(),
            job.id(),
            Texts.shown(what)));
  }

  private void tell(ActivityLine line) {
    LOG.info("{}", ActivityText.of(line));
    if (!waiting.offer(line)) {
      dropped.incrementAndGet();
    }
  }

  private void sendAll() {
    try {
      while (!closing || !waiting.isEmpty()) {
        ActivityLine line = waiting.poll(100, TimeUnit.MILLISECONDS);
        if (line != null) {
          send(line);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("{} activity lines are not sent", waiting.size());
    }
  }

  private void send(ActivityLine line) throws InterruptedException {
    while (!published(line)) {
      if (closing) {
        throw new InterruptedException("the broker is away and the process ends");
      }
      Thread.sleep(PAUSE_AFTER_FAILURE.toMillis());
    }
    long lost = dropped.getAndSet(0);
    if (lost > 0) {
      tell(lost + " activity lines were not sent while the broker was away");
    }
  }

  private boolean published(ActivityLine line) {
    try {
      channel.publish(line);
      return true;
    } catch (BrokerException e) {
      LOG.debug("activity line not sent", e);
      return false;
    }
  }

  /** Sends what waits, for at most two seconds. */
  @Override
  public void close() {
    closing = true;
    try {
      sender.join(Duration.ofSeconds(2).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sender.interrupt();
  }
}
