package resguardo.transfer.copy;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.Platform;

/**
 * Does pieces of work, some at once. Whoever brings one waits until a lane is free, so what is not
 * begun is not held. When one fails, the others end at their next {@link #check}, which lets them
 * clean up after themselves; when whoever brings them is interrupted, so are they. To be used by
 * one thread, but for {@link #check}.
 */
final class Lanes implements AutoCloseable {
  private final int lanes;
  private final ExecutorService threads;
  private final Lock lock;
  private final Condition freed;
  private int busy;
  private volatile @Nullable Throwable wrong;
  private volatile boolean closed;

  /** A piece of work. */
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  /**
   * @param lanes how many at once, 1 or more
   */
  Lanes(Platform platform, int lanes) {
    this.lanes = lanes;
    this.threads = platform.pool("export", lanes);
    this.lock = platform.newLock();
    this.freed = lock.newCondition();
  }

  /**
   * Begins a piece of work as soon as a lane is free.
   *
   * @throws IOException when an earlier one has failed, as it did; this one is not begun
   */
  void begin(Work work) throws IOException, InterruptedException {
    awaitAtMost(lanes - 1);
    lock.lock();
    try {
      busy++;
    } finally {
      lock.unlock();
    }
    boolean begun = false;
    try {
      threads.execute(() -> run(work));
      begun = true;
    } finally {
      if (!begun) { // the machine gives no thread: nobody else would count it out
        ended(null);
      }
    }
  }

  /**
   * Returns when all is done.
   *
   * @throws IOException when one has failed, as it did
   */
  void finish() throws IOException, InterruptedException {
    awaitAtMost(0);
  }

  /**
   * To be called by work that takes long, now and then.
   *
   * @throws InterruptedException when it is to end, as other work has failed
   */
  void check() throws InterruptedException {
    if (closed || wrong != null) {
      throw new InterruptedException("what was done beside it has failed");
    }
  }

  private void awaitAtMost(int others) throws IOException, InterruptedException {
    lock.lock();
    try {
      while (busy > others && wrong == null) {
        freed.await();
      }
    } catch (InterruptedException e) {
      interrupt();
      throw e;
    } finally {
      lock.unlock();
    }
    @Nullable Throwable failure = wrong;
    if (failure instanceof IOException store) {
      throw store;
    } else if (failure instanceof InterruptedException interrupted) {
      throw interrupted;
    } else if (failure instanceof RuntimeException mistake) {
      throw mistake;
    } else if (failure instanceof Error fatal) {
      throw fatal;
    }
  }

  private void run(Work work) {
    @Nullable Throwable failure = null;
    try {
      check();
      work.run();
    } catch (Throwable e) { // told by the thread that brings the work
      failure = e;
    } finally {
      ended(failure);
    }
  }

  private void ended(@Nullable Throwable failure) {
    lock.lock();
    try {
      busy--;
      wrong = wrong == null ? failure : wrong;
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What was not taken up by a thread yet never will be. */
  private void interrupt() {
    lock.lock();
    try {
      busy -= threads.shutdownNow().size();
    } finally {
      lock.unlock();
    }
  }

  /** Has what is under way end, and returns when it has: what it works with may be closed then. */
  @Override
  public void close() {
    closed = true;
    if (Thread.currentThread().isInterrupted()) {
      interrupt();
    }
    threads.shutdown();
    lock.lock();
    try {
      while (busy > 0) {
        freed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
