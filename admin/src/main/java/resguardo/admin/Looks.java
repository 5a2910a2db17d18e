package resguardo.admin;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * When it is to be looked whether what an operator waits for has ended, and how. That is what the
 * coordinator says, which reads it in the bucket. An event that tells of it is a hint: it may be
 * lost, and whoever has the password of a worker at the broker can have it say anything.
 */
final class Looks {
  private static final long SELDOM_MILLIS = 5000;

  /** The coordinator reads it as soon as it is told of it, as we are. */
  private static final long SOON_MILLIS = 500;

  private final Semaphore words = new Semaphore(0);
  private boolean soon;

  /** Somebody says that it has ended; from any thread. */
  void told() {
    words.release();
  }

  /** Waits until it is time for the next look. However much is told, there are few. */
  void await() throws InterruptedException {
    if (soon) {
      TimeUnit.MILLISECONDS.sleep(SOON_MILLIS);
      soon = words.tryAcquire();
    } else {
      soon = words.tryAcquire(SELDOM_MILLIS, TimeUnit.MILLISECONDS);
    }
    words.drainPermits();
  }
}
