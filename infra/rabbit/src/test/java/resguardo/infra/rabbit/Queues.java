package resguardo.infra.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** Queues as tests want to find them. */
final class Queues {
  /** A quorum queue has to find its leader again after each restart of its broker. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final long PAUSE_MILLIS = 500;

  /**
   * Many times the 500 ms after which RabbitMQ 3.10 writes down that a quorum queue is here: a node
   * that is killed before it has done so finds no leader for that queue, ever.
   */
  private static final Duration WRITTEN_DOWN = Duration.ofSeconds(4);

  private Queues() {}

  /**
   * Declares those that all share on a broker that is new, so that it may be killed from now on.
   */
  static void declare(BrokerUri uri) {
    try (Connection admin = uri.factory().newConnection();
        Channel channel = admin.createChannel()) {
      Topology.commands(channel);
      Topology.jobs(channel);
      Topology.dead(channel);
      Thread.sleep(WRITTEN_DOWN.toMillis());
    } catch (IOException | TimeoutException | InterruptedException e) {
      throw new IllegalStateException("a new broker has no queues", e);
    }
  }

  /**
   * Makes them empty, which is tried again while the broker cannot: it has perhaps just been
   * started again.
   */
  static void empty(BrokerUri uri, String... queues) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (Connection admin = uri.factory().newConnection();
          Channel channel = admin.createChannel()) {
        Topology.commands(channel);
        Topology.dead(channel);
        for (String queue : queues) {
          channel.queuePurge(queue);
        }
        return;
      } catch (IOException | ShutdownSignalException notNow) {
        if (System.nanoTime() > end) {
          throw notNow;
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }
}
