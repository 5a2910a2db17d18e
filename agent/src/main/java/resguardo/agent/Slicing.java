package resguardo.agent;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.SliceLimit;

/**
 * Tells when a slice of a set is full. It counts only from where the slice before it ended: each
 * slice ends later than the one before, whatever has changed again in what was brought already. So
 * a set that goes on changing is brought all the same. For one thread.
 */
final class Slicing {
  /** What 100 Mbit/s carry is taken for granted until it is known better. */
  private static final long ASSUMED_BYTES_A_SECOND = 8L * 1024 * 1024;

  /** Before that nothing is known of the pace. */
  private static final long MEASURED_NANOS = Duration.ofSeconds(5).toNanos();

  private final @Nullable SliceLimit limit;
  private final @Nullable RawPath upTo;
  private final LongSupplier written;
  private final LongSupplier nanos;
  private boolean begun;
  private long beginning;
  private long writtenBefore;

  /**
   * @param limit absent: a slice is never full
   * @param upTo where the slice before ended; absent: there was none
   * @param written how many bytes of the archive were written
   * @param nanos a clock that only goes forward
   */
  Slicing(
      @Nullable SliceLimit limit,
      @Nullable RawPath upTo,
      LongSupplier written,
      LongSupplier nanos) {
    this.limit = limit;
    this.upTo = upTo;
    this.written = written;
    this.nanos = nanos;
  }

  /** Something new was found of this name. */
  void news(RawPath name) {
    if (!isPast(name) && !wasUpTo(name)) {
      begin();
    }
  }

  /** Whether the slice before ended beyond this name. */
  boolean isPast(RawPath name) {
    return upTo != null && upTo.compareTo(name) > 0;
  }

  /** Whether the slice before ended within or right after this name. */
  boolean wasUpTo(RawPath name) {
    return upTo != null && upTo.equals(name);
  }

  /** Something new was found that is beyond the end of the slice before. */
  void begin() {
    if (!begun) {
      begun = true;
      beginning = nanos.getAsLong();
      writtenBefore = written.getAsLong();
    }
  }

  /** Whether no more is to go into it. */
  boolean isFull() {
    return limit != null
        && begun
        && (brought() > limit.bytes()
            || elapsed() >= Duration.ofSeconds(limit.seconds()).toNanos());
  }

  private long brought() {
    return begun ? written.getAsLong() - writtenBefore : 0;
  }

  private long elapsed() {
    return begun ? nanos.getAsLong() - beginning : 0;
  }

  /** Whether this many bytes will go into it before it is full, as far as can be said. */
  boolean hasRoomFor(long bytes) {
    if (limit == null) {
      return true;
    }
    double secondsLeft = limit.seconds() - elapsed() / (double) Duration.ofSeconds(1).toNanos();
    return bytes <= limit.bytes() - brought() && bytes <= pace() * secondsLeft;
  }

  /** In bytes a second. */
  private double pace() {
    long elapsed = elapsed();
    return elapsed < MEASURED_NANOS
        ? ASSUMED_BYTES_A_SECOND
        : brought() * (double) Duration.ofSeconds(1).toNanos() / elapsed;
  }
}
