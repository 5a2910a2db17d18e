package resguardo.infra.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;

/** Queues as tests want to find them. */
final class Queues {
  /** A quorum queue has to find its leader again after each restart of its broker. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final long PAUSE_MILLIS = 500;

  private Queues() {}

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
