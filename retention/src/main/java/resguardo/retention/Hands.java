package resguardo.retention;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import resguardo.core.port.Platform;

/** Does the same to many, some at once: each costs a few requests, which mostly wait. */
final class Hands implements AutoCloseable {
  private static final int AT_ONCE = 8;

  private final ExecutorService threads;

  /** What is to be done to each. */
  interface Work<T> {
    void on(T one) throws IOException;
  }

  Hands(Platform platform) {
    this.threads = platform.pool("retention", AT_ONCE);
  }

  /**
   * Returns when all is done.
   *
   * @throws IOException when something went wrong with one of them: with the others it was done, or
   *     went wrong too
   */
  <T> void each(List<T> all, Work<T> work) throws IOException {
    List<Future<Boolean>> doing = new ArrayList<>();
    for (T one : all) {
      Callable<Boolean> task =
          () -> {
            work.on(one);
            return true;
          };
      doing.add(threads.submit(task));
    }
    IOException wrong = null;
    for (Future<Boolean> one : doing) {
      try {
        one.get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof IOException why)) {
          throw new IllegalStateException(e.getCause());
        }
        wrong = wrong == null ? why : wrong;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    if (wrong != null) {
      throw wrong;
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
