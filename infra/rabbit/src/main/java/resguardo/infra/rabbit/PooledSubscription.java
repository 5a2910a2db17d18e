package resguardo.infra.rabbit;

import java.util.List;
import java.util.concurrent.ExecutorService;
import resguardo.core.port.Subscription;

/** Consumptions whose messages are handled on threads of their own. */
record PooledSubscription(List<? extends Subscription> consumptions, ExecutorService threads)
    implements Subscription {
  /** Of one. */
  PooledSubscription(Subscription consumption, ExecutorService threads) {
    this(List.of(consumption), threads);
  }

  @Override
  public void pause() {
    consumptions.forEach(Subscription::pause);
  }

  @Override
  public void close() {
    consumptions.forEach(Subscription::close);
    threads.shutdownNow();
  }
}
