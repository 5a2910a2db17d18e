package resguardo.testkit.broker;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.Platform;
import resguardo.core.port.Subscription;

/** What waits for one agent; gone from here when it is handed over. */
final class MemoryAgentQueue {
  private final MemoryBroker broker;

  /**
   * A message.
   *
   * @param until by {@link Platform#nanoTime}, which all count alike: to nobody later; absent: at
   *     any time
   */
  private record Waiting(Object message, @Nullable Long until) {
    boolean isOver(long now) {
      return until != null && now - until > 0;
    }
  }

  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private @Nullable MemorySubscription<Object> consuming;
  private boolean there;

  MemoryAgentQueue(MemoryBroker broker) {
    this.broker = broker;
  }

  void make() {
    synchronized (broker) {
      there = true;
    }
  }

  /** It is gone with all that waits in it. Its consumer gets what comes when it is made again. */
  void remove() {
    synchronized (broker) {
      there = false;
      waiting.clear();
    }
  }

  boolean isThere() {
    synchronized (broker) {
      return there;
    }
  }

  void add(Object message, @Nullable Long until) {
    synchronized (broker) {
      waiting.add(new Waiting(message, until));
      dispatch();
    }
  }

  Subscription consume(MemoryConnection by, Consumer<Object> handler) {
    synchronized (broker) {
      MemorySubscription<Object> next =
          new MemorySubscription<>(broker, by, "orders", handler, closed -> lost(closed.by()));
      consuming = next;
      dispatch();
      return next;
    }
  }

  boolean isTaken() {
    synchronized (broker) {
      return consuming != null && !consuming.by().isDown();
    }
  }

  void dispatch() {
    synchronized (broker) {
      MemorySubscription<Object> to = consuming;
      while (to != null && !to.by().isDown() && !waiting.isEmpty()) {
        Waiting next = waiting.remove();
        if (!next.isOver(to.by().platform().nanoTime())) {
          to.give(next.message());
        }
      }
    }
  }

  void lost(MemoryConnection of) {
    synchronized (broker) {
      if (consuming != null && consuming.by() == of) {
        consuming = null;
      }
    }
  }
}
