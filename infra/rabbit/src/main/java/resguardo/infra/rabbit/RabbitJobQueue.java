package resguardo.infra.rabbit;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.FetchJob;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Delivery;
import resguardo.core.port.JobQueue;
import resguardo.core.port.Subscription;
import resguardo.core.port.TraceContext;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.QueryJob;

/** Jobs on two quorum queues. */
final class RabbitJobQueue implements JobQueue {
  private static final Logger LOG = LoggerFactory.getLogger(RabbitJobQueue.class);

  private final RabbitLink consumers;
  private final RabbitPublisher publisher;
  private final boolean declares;

  /**
   * @param declares whether it may: see {@link RabbitPublisher}
   */
  RabbitJobQueue(RabbitLink consumers, RabbitPublisher publisher, boolean declares) {
    this.declares = declares;
    this.consumers = consumers;
    this.publisher = publisher;
  }

  @Override
  public void publish(FetchJob job) throws BrokerException {
    publisher.publish(
        Topology.JOBS, Topology.FETCH_QUEUE, TraceHeader.headers(), Json.write(job), true);
  }

  @Override
  public void publish(QueryJob job) throws BrokerException {
    publisher.publish(
        Topology.JOBS, Topology.QUERY_QUEUE, TraceHeader.headers(), Json.write(job), true);
  }

  @Override
  public Subscription consumeFetches(int slots, Consumer<Delivery<FetchJob>> handler) {
    ExecutorService threads = Executors.newFixedThreadPool(slots);
    String queue = Topology.FETCH_QUEUE;
    return new PooledSubscription(
        new RabbitSlots(
            consumers,
            declared(queue),
            slots,
            message -> hand(message, queue, FetchJob.class, handler, threads)),
        threads);
  }

  @Override
  public Subscription consumeQueries(int slots, Consumer<Delivery<QueryJob>> handler) {
    ExecutorService threads = Executors.newCachedThreadPool(); // one released has one of its own
    String queue = Topology.QUERY_QUEUE;
    return new PooledSubscription(
        new RabbitConsumption(
            consumers,
            declared(queue),
            slots,
            message -> hand(message, queue, QueryJob.class, handler, threads)),
        threads);
  }

  private RabbitConsumption.Declaration declared(String queue) {
    return channel -> {
      if (declares) {
        Topology.jobs(channel);
        Topology.dead(channel); // before it is needed: see there
      }
      return queue;
    };
  }

  private <T> void hand(
      RabbitConsumption.Message message,
      String queue,
      Class<T> type,
      Consumer<Delivery<T>> handler,
      ExecutorService threads) {
    try {
      threads.execute(() -> handle(message, queue, type, handler));
    } catch (RejectedExecutionException closing) {
      message.handBack();
    }
  }

  private <T> void handle(
      RabbitConsumption.Message message,
      String queue,
      Class<T> type,
      Consumer<Delivery<T>> handler) {
    T job;
    try {
      job = Json.read(message.body(), type, Json.MESSAGE_BYTES);
    } catch (MalformedMessageException e) {
      RabbitDelivery.bury(message, publisher, queue, "not a job: " + e.getMessage());
      return;
    } catch (RuntimeException | Error e) {
      LOG.error("a message of {} could not be read and is handed back", queue, e);
      message.handBack();
      return;
    }
    RabbitDelivery<T> delivery = new RabbitDelivery<>(message, job, publisher, queue);
    try (TraceContext.Scope trace = TraceContext.enter(TraceHeader.of(message.properties()))) {
      handler.accept(delivery);
    } catch (RuntimeException | Error e) { // whatever it is, the job must not stay in hand
      LOG.error("a job of {} was not handled and is handed back", queue, e);
      delivery.handBack();
    }
  }

  @Override
  public long waitingFetches() throws BrokerException {
    return consumers.run(
        "say how many jobs wait",
        channel -> {
          Topology.jobs(channel);
          return channel.messageCount(Topology.FETCH_QUEUE);
        });
  }

  @Override
  public long deadLetters() throws BrokerException {
    return consumers.run(
        "say how many dead letters there are",
        channel -> {
          Topology.dead(channel);
          return channel.messageCount(Topology.DEAD_QUEUE);
        });
  }
}
