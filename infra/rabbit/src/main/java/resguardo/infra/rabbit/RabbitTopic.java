package resguardo.infra.rabbit;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.Texts;
import resguardo.core.port.BrokerException;
import resguardo.core.port.EventChannel;
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
   * @param nodes whether nodes speak there too: then what they send has queues of its own, and a
   *     connection
   */
  record Kind<T>(
      String exchange,
      String queues,
      Class<T> type,
      Function<T, String> word,
      Function<T, Peer> by,
      Predicate<T> believed,
      boolean nodes) {}

  /** A broker that is old has large ones of nodes in here too: see {@link #take}. */
  private static final int PREFETCH = 32;

  /**
   * Of what nodes send: the broker has so many in memory, beside those that wait, however large
   * they are. Each node says something every five seconds: enough for a thousand of them where the
   * broker is some milliseconds away.
   */
  private static final int PREFETCH_OF_NODES = 8;

  /** A message, and some KiB for all else that belongs to it. */
  private static final int LARGEST = Json.MESSAGE_BYTES + 4096;

  private static final Set<Role> NODES = Set.of(Role.AGENT);
  private static final Set<Role> OTHERS = EnumSet.complementOf(EnumSet.of(Role.AGENT));
  private static final Logger LOG = LoggerFactory.getLogger(RabbitTopic.class);

  private final Kind<T> kind;
  private final RabbitLink consumers;
  private final NodeLinks links;
  private final RabbitPublisher publisher;
  private final Peer self;
  private final boolean declares;
  private final Seldom drops = new Seldom();
  private final Seldom failures = new Seldom();

  /**
   * @param declares whether it may: see {@link RabbitPublisher}
   */
  RabbitTopic(
      Kind<T> kind,
      RabbitLink consumers,
      NodeLinks links,
      RabbitPublisher publisher,
      Peer self,
      boolean declares) {
    this.links = links;
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
    return subscribe(handler, (from, bytes) -> {});
  }

  /**
   * Takes what comes, and what nodes send by another queue than what all others do, over a
   * connection of its own: whoever has a node can fill only that of the nodes, and end only that
   * connection.
   */
  Subscription subscribe(Consumer<T> handler, EventChannel.Traffic traffic) {
    ExecutorService thread = Executors.newSingleThreadExecutor(RabbitTopic::daemon);
    List<RabbitConsumption> all = new ArrayList<>();
    if (kind.nodes()) {
      all.add(consumption(NODES, handler, traffic, thread));
      all.add(consumption(OTHERS, handler, traffic, thread));
      links.settle(consumers);
    } else {
      all.add(consumption(Set.of(), handler, traffic, thread));
    }
    return new PooledSubscription(all, thread);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "takes what is told");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * @param roles whose messages are taken; none: those of all
   */
  private RabbitConsumption consumption(
      Set<Role> roles, Consumer<T> handler, EventChannel.Traffic traffic, ExecutorService thread) {
    boolean nodes = roles.equals(NODES);
    ProcessQueue own =
        nodes
            ? ProcessQueue.ofConnection(kind.queues(), self)
            : ProcessQueue.another(kind.queues(), self, consumers.cluster());
    return new RabbitConsumption(
        nodes ? links.hints() : consumers,
        channel -> {
          if (declares) {
            Topology.exchange(channel, kind.exchange());
          }
          String queue = own.begin(channel);
          if (roles.isEmpty()) {
            Topology.bindAll(channel, queue, kind.exchange());
          } else {
            Topology.bind(channel, queue, kind.exchange(), roles);
          }
          return queue;
        },
        nodes ? PREFETCH_OF_NODES : PREFETCH,
        0,
        message -> take(message, roles, handler, traffic, thread),
        traffic::poisoned);
  }

  /**
   * What is larger than any message of ours is done with at once, whatever the handler is waiting
   * for: so there are never many of them in memory. So is what comes by the queue of others:
   * RabbitMQ before 4.0.3 looks whether a sender may use the key of a message, and lets it have the
   * message copied to any other keys.
   *
   * @param roles whose messages its queue is for; none: those of all
   */
  private void take(
      RabbitConsumption.Message message,
      Set<Role> roles,
      Consumer<T> handler,
      EventChannel.Traffic traffic,
      ExecutorService thread) {
    String key = message.envelope().getRoutingKey();
    int bytes = message.bytes();
    Optional<Peer> from = RoutingKey.parse(key).map(RoutingKey::from);
    from.ifPresent(peer -> traffic.came(peer, bytes));
    boolean astray = !roles.isEmpty() && from.filter(it -> roles.contains(it.role())).isEmpty();
    if (astray || message.isUnsound() || bytes > LARGEST) {
      message.ack();
      dropped(
          "what came as "
              + key
              + (astray ? " by the queue of others" : "")
              + (message.isUnsound() ? " with headers that cannot be read, or too large," : "")
              + " and has "
              + bytes
              + " bytes");
      return;
    }
    try {
      thread.execute(() -> hand(message, handler));
    } catch (RejectedExecutionException closing) {
      message.handBack();
    }
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
      dropped("what is no message, of " + key + ": " + e.getMessage());
    } catch (RuntimeException e) {
      failures.happens(
          more -> LOG.error("a message of {} was not handled{}", kind.exchange(), more, e));
    } finally {
      message.ack();
    }
  }

  private void dropped(String what) {
    // The last word of a key may be any text, of several lines too.
    String shown = Texts.whole(what);
    drops.happens(more -> LOG.warn("dropped of {}: {}{}", kind.exchange(), shown, more));
  }
}
