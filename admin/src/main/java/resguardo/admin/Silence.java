package resguardo.admin;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether nothing is heard any more of work that somebody waits for: its worker tells of it every
 * few seconds. Of what has not begun nothing is heard either, and it may wait for long. For several
 * threads.
 */
final class Silence {
  /** A broker that is away for a while, or a worker that stands still, is not the end. */
  static final Duration LONGEST = Duration.ofMinutes(2);

  private final LongSupplier nanos;
  private boolean begun;
  private long heard;

  /**
   * @param nanos a clock that only goes on, in nanoseconds
   */
  Silence(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** A worker says that it does it. */
  synchronized void heard() {
    begun = true;
    heard = nanos.getAsLong();
  }

  /** Whether it had begun, and nothing was heard of it for long. */
  synchronized boolean isLong() {
    return begun && nanos.getAsLong() - heard > LONGEST.toNanos();
  }
}
