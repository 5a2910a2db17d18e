package resguardo.core.port;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import resguardo.core.ReplyId;

/** The machine that this program runs on. */
record JvmPlatform(Clock clock, LongSupplier nanos, Tracing tracing) implements Platform {
  static final Platform SYSTEM = new JvmPlatform(Clock.systemUTC(), System::nanoTime, Tracing.NONE);

  @Override
  public long nanoTime() {
    return nanos.getAsLong();
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    // Not by milliseconds, which cut off: who waits for less would wait by going round.
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
  }

  @Override
  public Lock newLock() {
    return new ReentrantLock();
  }

  @Override
  public ExecutorService pool(String name, int threads) {
    return Executors.newFixedThreadPool(threads, daemons(name));
  }

  @Override
  public ScheduledExecutorService timer(String name, int threads) {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(threads, daemons(name));
    timer.setRemoveOnCancelPolicy(true); // what is planned for long after is mostly cancelled
    return timer;
  }

  private static ThreadFactory daemons(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public ReplyId newId() {
    return ReplyId.random();
  }
}
