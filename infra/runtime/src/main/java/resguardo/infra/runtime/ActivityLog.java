package resguardo.infra.runtime;

import java.time.Clock;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
import resguardo.core.port.Platform;
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
  private static final Duration LAST_LINES = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(ActivityLog.class);

  private final Peer by;
  private final Clock clock;
  private final ActivityChannel channel;
  private final Queue<ActivityLine> waiting = new ArrayBlockingQueue<>(KEPT_AT_MOST);
  private final AtomicLong dropped = new AtomicLong();

  /** Whether the sender is at it, or will be. */
  private final AtomicBoolean sending = new AtomicBoolean();

  private final ScheduledExecutorService sender;
  private volatile boolean closing;

  /** Sends on a thread of its own. */
  public ActivityLog(Peer by, Platform platform, ActivityChannel channel) {
    this.by = by;
    this.clock = platform.clock();
    this.channel = channel;
    this.sender = platform.timer("activity-lines", 1);
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
    wake();
  }

  private void wake() {
    if (sending.compareAndSet(false, true)) {
      try {
        sender.execute(this::sendAll);
      } catch (RejectedExecutionException closed) {
        LOG.debug("{} activity lines are not sent", waiting.size());
      }
    }
  }

  private void sendAll() {
    for (ActivityLine next = waiting.peek(); next != null; next = waiting.peek()) {
      if (!published(next)) {
        tryAgain();
        return;
      }
      waiting.remove();
      long lost = dropped.getAndSet(0);
      if (lost > 0) {
        tell(lost + " activity lines were not sent while the broker was away");
      }
    }
    sending.set(false);
    if (!waiting.isEmpty()) { // told after the last look
      wake();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the work catches what it can meet
  private void tryAgain() {
    if (closing) {
      LOG.debug("{} activity lines are not sent", waiting.size());
      return;
    }
    try {
      sender.schedule(this::sendAll, PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closed) {
      LOG.debug("{} activity lines are not sent", waiting.size());
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
    sender.shutdown();
    try {
      if (!sender.awaitTermination(LAST_LINES.toMillis(), TimeUnit.MILLISECONDS)) {
        sender.shutdownNow();
      }
    } catch (InterruptedException e) {
      sender.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
