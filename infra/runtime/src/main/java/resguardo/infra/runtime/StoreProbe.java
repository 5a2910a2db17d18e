package resguardo.infra.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;

/** Looks every ten seconds whether the store answers. */
public final class StoreProbe implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(10);

  private final ArchiveStore store;
  private final ObjectKey object;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "store-probe");
            thread.setDaemon(true);
            return thread;
          });
  private volatile String trouble = "the store was not asked yet";

  /**
   * Begins to look.
   *
   * @param object which is asked for; it need not be there
   */
  @SuppressWarnings("FutureReturnValueIgnored") // the work catches what it can meet
  public StoreProbe(ArchiveStore store, ObjectKey object) {
    this.store = store;
    this.object = object;
    timer.scheduleWithFixedDelay(this::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      store.head(object);
      trouble = "";
    } catch (IOException | RuntimeException e) {
      trouble = "the store does not answer: " + e.getMessage();
    }
  }

  /** What was wrong the last time; empty: nothing. */
  public Optional<String> trouble() {
    String last = trouble;
    return last.isEmpty() ? Optional.empty() : Optional.of(last);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
