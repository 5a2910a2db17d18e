package resguardo.testkit.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import resguardo.core.Peer;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Subscription;

/** Messages for whoever is subscribed when they are sent. */
final class MemoryTopic<T> {
  private final MemoryBroker broker;
  private final BiPredicate<Peer, T> believed;
  private final List<MemorySubscription<T>> subscribers = new ArrayList<>();

  /**
   * @param believed whether this one may say that
   */
  MemoryTopic(MemoryBroker broker, BiPredicate<Peer, T> believed) {
    this.broker = broker;
    this.believed = believed;
  }

  void publish(MemoryConnection from, String call, T message) throws BrokerException {
    from.before(call, message);
    int copies = broker.interference().copies(from.self(), message);
    synchronized (broker) {
      if (believed.test(from.self(), message)) {
        for (MemorySubscription<T> subscriber : subscribers) {
          // Of one whose connection is down the queue is gone with it.
          for (int i = 0; i < copies && !subscriber.by().isDown(); i++) {
            subscriber.give(message);
          }
        }
      }
    }
    from.after(call);
  }

  Subscription subscribe(MemoryConnection by, String name, Consumer<T> handler) {
    synchronized (broker) {
      MemorySubscription<T> subscribed =
          new MemorySubscription<>(broker, by, name, handler, this::forget);
      subscribers.add(subscribed);
      return subscribed;
    }
  }

  void lost(MemoryConnection of) {
    synchronized (broker) {
      subscribers.removeIf(subscriber -> subscriber.by() == of);
    }
  }

  private void forget(MemorySubscription<T> closed) {
    synchronized (broker) {
      subscribers.remove(closed);
    }
  }
}
