package resguardo.agent;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.Platform;

/** What comes for one thread from others, in its order. */
final class Inbox<T> {
  private final Lock lock;
  private final Condition came;
  private final Queue<T> waiting = new ArrayDeque<>();

  Inbox(Platform platform) {
    this.lock = platform.newLock();
    this.came = lock.newCondition();
  }

  void add(T next) {
    lock.lock();
    try {
      waiting.add(next);
      came.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The next, which is taken; absent when none came in this time. */
  @Nullable T poll(Duration atMost) throws InterruptedException {
    lock.lock();
    try {
      long left = atMost.toNanos();
      while (waiting.isEmpty() && left > 0) {
        left = came.awaitNanos(left);
      }
      return waiting.poll();
    } finally {
      lock.unlock();
    }
  }
}
