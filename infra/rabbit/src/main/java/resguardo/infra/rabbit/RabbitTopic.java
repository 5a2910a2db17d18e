package resguardo.infra.rabbit;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Peer;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/**
 * Messages of one kind to all that are subscribed. What a message says of its sender is believed
 * only if its routing key says the same, which the broker can check.
 */
final class RabbitTopic<T> {
  /**
   * What is said on one exchange.
   *
   * @param queues first word of the names of its queues
   * @param word the last word of a message's routing key
   * @param by who a message says that it is from
   * @param believed whether whoever it is from may say that
   */
  record Kind<T>(
      String exchange,
      String queues,
      Class<T> type,
      Function<T, String> word,
      Function<T, Peer> by,
      Predicate<T> believed) {}

  private static final int PREFETCH = 100;
  private static final Logger LOG = LoggerFactory.getLogger(RabbitTopic.class);

  private final Kind<T> kind;
  private final RabbitLink consumers;
  private final RabbitPublisher publisher;
  private final Peer self;
  private final boolean declares;
  private final Seldom drops = new Seldom();
  private final Seldom failures = new Seldom();

  /**
   * @param declares whether it may: see {@link RabbitPublisher}
   */
  RabbitTopic(
      Kind<T> kind, RabbitLink consumers, RabbitPublisher publisher, Peer self, boolean declares) {
    this.declares = declares;
    this.kind = kind;
    this.consumers = consumers;
    this.publisher = publisher;
    this.self = self;
  }

  void publish(T message) throws BrokerException {
    String key = new RoutingKey(self, kind.word().apply(message)).toString();
    publisher.publish(kind.exchange(), key, Map.of(), Json.write(message), false);
  }

  Subscription subscribe(Consumer<T> handler) {
    ProcessQueue own = ProcessQueue.another(kind.queues(), self, consumers.cluster());
    return new RabbitConsumption(
        consumers,
        channel -> {
          if (declares) {
            Topology.exchange(channel, kind.exchange());
          }
          String queue = own.begin(channel);
          Topology.bindAll(channel, queue, kind.exchange());
          return queue;
        },
        PREFETCH,
        message -> hand(message, handler));
  }

  private void hand(RabbitConsumption.Message message, Consumer<T> handler) {
    String key = message.envelope().getRoutingKey();
    try {
      T value = Json.read(message.body(), kind.type(), Json.MESSAGE_BYTES);
      Peer by = kind.by().apply(value);
      if (message.wasGivenAnotherKey()
          || RoutingKey.parse(key).filter(parsed -> parsed.from().equals(by)).isEmpty()) {
        dropped("a message that says it is from " + by + " but came as " + key);
      } else if (!kind.believed().test(value)) {
        dropped("a message that is not for " + by + " to say");
      } else {
        handler.accept(value);
      }
    } catch (MalformedMessageException e) {
      dropped("what is no message: " + e.getMessage());
    } catch (RuntimeException e) {
      failures.happens(
          more -> LOG.error("a message of {} was not handled{}", kind.exchange(), more, e));
    } finally {
      message.ack();
    }
  }

  private void dropped(String what) {
    drops.happens(more -> LOG.warn("dropped of {}: {}{}", kind.exchange(), what, more));
  }
}
