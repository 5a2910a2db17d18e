package resguardo.testkit.broker;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import resguardo.core.port.Subscription;

/** One who is handed messages, on a thread of its own, in their order. */
final class MemorySubscription<T> implements Subscription {
  private final MemoryBroker broker;
  private final MemoryConnection by;
  private final ExecutorService thread;
  private final Consumer<T> handler;
  private final Consumer<MemorySubscription<T>> onClose;

  /**
   * @param name of the thread
   * @param onClose forgets it
   */
  MemorySubscription(
      MemoryBroker broker,
      MemoryConnection by,
      String name,
      Consumer<T> handler,
      Consumer<MemorySubscription<T>> onClose) {
    this.broker = broker;
    this.by = by;
    this.thread = by.platform().pool(name, 1);
    this.handler = handler;
    this.onClose = onClose;
  }

  MemoryConnection by() {
    return by;
  }

  void give(T message) {
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
    onClose.accept(this);
    thread.shutdown();
  }
}
