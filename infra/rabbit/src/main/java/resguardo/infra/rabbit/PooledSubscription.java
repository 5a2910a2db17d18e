package resguardo.infra.rabbit;

import java.util.concurrent.ExecutorService;
import resguardo.core.port.Subscription;

/** A consumption whose messages are handled on threads of its own. */
record PooledSubscription(RabbitConsumption consumption, ExecutorService threads)
    implements Subscription {
  @Override
  public void pause() {
    consumption.pause();
  }

  @Override
  public void close() {
    consumption.close();
    threads.shutdownNow();
  }
}
