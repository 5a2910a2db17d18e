package resguardo.testkit.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import resguardo.core.Peer;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Subscription;

/** Messages for whoever is subscribed when they are sent. */
final class MemoryTopic<T> {
  private final MemoryBroker broker;
  private final BiPredicate<Peer, T> believed;
  private final List<Subscribed> subscribers = new ArrayList<>();

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
        for (Subscribed subscriber : subscribers) {
          for (int i = 0; i < copies; i++) {
            subscriber.give(message);
          }
        }
      }
    }
    from.after(call);
  }

  Subscription subscribe(MemoryConnection by, String name, Consumer<T> handler) {
    synchronized (broker) {
      Subscribed subscribed = new Subscribed(by, by.platform().pool(name, 1), handler);
      subscribers.add(subscribed);
      return subscribed;
    }
  }

  void lost(MemoryConnection of) {
    synchronized (broker) {
      subscribers.removeIf(subscriber -> subscriber.by == of);
    }
  }

  private final class Subscribed implements Subscription {
    private final MemoryConnection by;
    private final ExecutorService thread;
    private final Consumer<T> handler;

    Subscribed(MemoryConnection by, ExecutorService thread, Consumer<T> handler) {
      this.by = by;
      this.thread = thread;
      this.handler = handler;
    }

    void give(T message) {
      if (by.isDown()) {
        return; // its queue is gone with its connection
      }
      try {
        thread.execute(
            () -> {
              broker.interference().handing(by.self(), message);
              handler.accept(message);
            });
      } catch (RejectedExecutionException ended) {
        return;
      }
    }

    @Override
    public void pause() {
      close();
    }

    @Override
    public void close() {
      synchronized (broker) {
        subscribers.remove(this);
      }
      thread.shutdown();
    }
  }
}
