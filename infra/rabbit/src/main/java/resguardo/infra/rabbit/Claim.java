package resguardo.infra.rabbit;

import com.rabbitmq.client.AMQP;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.NodeName;

/**
 * That the orders of a node go to one process alone: a second one is refused by the broker, says so
 * once a minute, and tries again every few seconds. So it comes in soon after the first is gone. A
 * first one that is gone without a word, as with its network, is so for the broker after some
 * heartbeats; orders that went to it meanwhile would be lost as well.
 *
 * <p>A replicated queue, as in a cluster, knows no exclusive consumers, and refuses nobody: there
 * the coordinator alone notices that two go by one name.
 */
final class Claim implements AutoCloseable {
  /** Between two tries. */
  private static final Duration PAUSE = Duration.ofSeconds(3);

  /**
   * As RabbitMQ says it, and Qpid Broker-J. The same number means that the right is missing, and
   * then they say something else.
   */
  private static final Pattern IN_USE =
      Pattern.compile("in exclusive use|existing exclusive consumer|exclusively as it already");

  private static final Logger LOG = LoggerFactory.getLogger(Claim.class);

  private final NodeName node;
  private final Seldom seldom = new Seldom();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "claims orders");
            thread.setDaemon(true);
            return thread;
          });
  private boolean refused;
  private boolean waits;

  Claim(NodeName node) {
    this.node = node;
  }

  /** Whether somebody else consumes what was to be consumed by one, and nothing else is wrong. */
  static boolean isRefused(Throwable failure) {
    return Refusal.text(AMQP.ACCESS_REFUSED, failure)
        .filter(text -> IN_USE.matcher(text).find())
        .isPresent();
  }

  /**
   * It is somebody else's.
   *
   * @param again called once, after a pause, on a thread of its own; it may block
   */
  @SuppressWarnings("FutureReturnValueIgnored") // what it calls catches what it can meet
  synchronized void refused(Runnable again) {
    refused = true;
    seldom.happens(more -> LOG.warn("{}{}", sentence(), more));
    if (!waits) {
      waits = true;
      try {
        timer.schedule(() -> tryAgain(again), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("not tried again: it is closed", e);
      }
    }
  }

  private void tryAgain(Runnable again) {
    synchronized (this) {
      waits = false;
    }
    again.run();
  }

  /** It is ours. */
  synchronized void granted() {
    if (refused) {
      LOG.info("takes the orders of {} now: the other agent is gone", node);
    }
    refused = false;
  }

  /** What keeps it from us, in words for a person; empty: nothing that is known. */
  synchronized Optional<String> trouble() {
    return refused ? Optional.of(sentence()) : Optional.empty();
  }

  private String sentence() {
    return "another agent of " + node + " takes its orders: is it a copy of this machine?";
  }

  @Override
  public synchronized void close() {
    refused = false;
    timer.shutdownNow();
  }
}
