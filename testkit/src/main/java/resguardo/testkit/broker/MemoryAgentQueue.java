package resguardo.testkit.broker;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.Subscription;

/** What waits for one agent; gone from here when it is handed over. */
final class MemoryAgentQueue {
  private final MemoryBroker broker;
  private final Deque<Object> waiting = new ArrayDeque<>();
  private @Nullable Consuming consuming;

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
      Consuming next = new Consuming(by, by.platform().pool("orders", 1), handler);
      consuming = next;
      dispatch();
      return next;
    }
  }

  void dispatch() {
    synchronized (broker) {
      Consuming to = consuming;
      while (to != null && !to.by.isDown() && !waiting.isEmpty()) {
        to.give(waiting.remove());
      }
    }
  }

  void lost(MemoryConnection of) {
    synchronized (broker) {
      if (consuming != null && consuming.by == of) {
        consuming = null;
      }
    }
  }

  private final class Consuming implements Subscription {
    private final MemoryConnection by;
    private final ExecutorService thread;
    private final Consumer<Object> handler;

    Consuming(MemoryConnection by, ExecutorService thread, Consumer<Object> handler) {
      this.by = by;
      this.thread = thread;
      this.handler = handler;
    }

    void give(Object message) {
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
      lost(by);
      thread.shutdown();
    }
  }
}
