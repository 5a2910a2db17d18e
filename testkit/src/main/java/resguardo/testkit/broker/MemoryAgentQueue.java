package resguardo.testkit.broker;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.Subscription;

/** What waits for one agent; gone from here when it is handed over. */
final class MemoryAgentQueue {
  private final MemoryBroker broker;
  private final Deque<Object> waiting = new ArrayDeque<>();
  private @Nullable MemorySubscription<Object> consuming;

  MemoryAgentQueue(MemoryBroker broker) {
    this.broker = broker;
  }

  void add(Object message) {
    synchronized (broker) {
      waiting.add(message);
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

  void dispatch() {
    synchronized (broker) {
      MemorySubscription<Object> to = consuming;
      while (to != null && !to.by().isDown() && !waiting.isEmpty()) {
        to.give(waiting.remove());
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
