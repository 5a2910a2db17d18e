package resguardo.infra.rabbit;

import java.util.List;
import java.util.concurrent.ExecutorService;
import resguardo.core.port.Subscription;

/** Consumptions whose messages are handled on threads of their own. */
record PooledSubscription(List<RabbitConsumption> consumptions, ExecutorService threads)
    implements Subscription {
  /** Of one. */
  PooledSubscription(RabbitConsumption consumption, ExecutorService threads) {
    this(List.of(consumption), threads);
  }

  @Override
  public void pause() {
    consumptions.forEach(RabbitConsumption::pause);
  }

  @Override
  public void close() {
    consumptions.forEach(RabbitConsumption::close);
    threads.shutdownNow();
  }
}
