package resguardo.core.port;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.Lock;
import java.util.function.LongSupplier;
import resguardo.core.ReplyId;

/**
 * What a process takes from the machine that it runs on, beside broker and store: time, threads,
 * locks, chance. A role has these from here alone wherever it waits for anything, or calls a broker
 * or a store; so a simulation can have the whole run decided by one seed (decision 27).
 *
 * <p>All methods may be called from any thread.
 */
public interface Platform {
  /** The time of day, for what is written down and for schedules; it may be set back or forward. */
  Clock clock();

  /** A clock in nanoseconds that only goes forward, from any origin, to tell how long it took. */
  long nanoTime();

  /**
   * Waits.
   *
   * @throws InterruptedException when the thread is to end
   */
  void sleep(Duration time) throws InterruptedException;

  /** A lock that its holder may take again, as {@code synchronized} does, with conditions. */
  Lock newLock();

  /**
   * Threads for work that comes now and then, which do not keep a process from ending. To be shut
   * down by whoever asked for it.
   *
   * @param name of each thread
   * @param threads how many at the most, 1 or more; what is more waits in its order
   */
  ExecutorService pool(String name, int threads);

  /** As {@link #pool}, for what is done again and again, or later. */
  ScheduledExecutorService timer(String name, int threads);

  /** An id that nobody else has, and nobody can guess. */
  ReplyId newId();

  /** Where it is told how long the steps of the work take; nowhere, unless somebody has asked. */
  default Tracing tracing() {
    return Tracing.NONE;
  }

  /** The machine that this program runs on. */
  static Platform ofJvm() {
    return JvmPlatform.SYSTEM;
  }

  /** The machine that this program runs on, where somebody has asked how long the steps take. */
  static Platform ofJvm(Tracing tracing) {
    return new JvmPlatform(Clock.systemUTC(), System::nanoTime, tracing);
  }

  /** The machine that this program runs on, but for the time of day. */
  static Platform of(Clock clock) {
    return of(clock, System::nanoTime);
  }

  /**
   * The machine that this program runs on, but for both clocks; waiting takes the time that it
   * takes.
   */
  static Platform of(Clock clock, LongSupplier nanos) {
    return new JvmPlatform(clock, nanos, Tracing.NONE);
  }
}
