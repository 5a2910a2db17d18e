package resguardo.worker;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.Delivery;

/**
 * Work that takes longer than a broker waits for an ack, such as a restore of a large set: its
 * message is taken off the queue in time (decision 43). A job that is lost then, with this worker,
 * is published again by the coordinator, which hears nothing of it any more; whoever asked for a
 * query hears nothing either, and asks again.
 */
final class LongWork {
  private final ScheduledExecutorService timer;

  /**
   * @param timer for the release alone: that waits for the broker, and nothing else is to wait for
   *     it
   */
  LongWork(ScheduledExecutorService timer) {
    this.timer = timer;
  }

  /** That a message is in hand, until it is closed. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  /** A message is in hand from now on. */
  Held hold(Delivery<?> delivery) {
    ScheduledFuture<?> release = schedule(delivery);
    return () -> {
      if (release != null) {
        release.cancel(false);
      }
    };
  }

  private @Nullable ScheduledFuture<?> schedule(Delivery<?> delivery) {
    try {
      return timer.schedule(delivery::release, Delivery.LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ends) {
      return null; // this worker ends, and what it has in hand goes back
    }
  }
}
