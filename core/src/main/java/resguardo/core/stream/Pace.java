package resguardo.core.stream;

import java.util.function.LongSupplier;

/**
 * How fast a stream may go. What was not used in a pause is not made up for later, so in no second
 * more goes than in any other. For one thread.
 */
public final class Pace {
  private static final long SECOND = 1_000_000_000;

  private final long bytesASecond;
  private final LongSupplier nanos;
  private long next;

  /**
   * @param bytesASecond 1 or more
   * @param nanos a clock that only goes forward, such as {@link System#nanoTime}
   */
  public Pace(long bytesASecond, LongSupplier nanos) {
    this.bytesASecond = bytesASecond;
    this.nanos = nanos;
    this.next = nanos.getAsLong();
  }

  /**
   * The chunk to send at this pace: one takes a second at the most, so that it is also a sign of
   * life.
   */
  public int chunk(int bytes) {
    return (int) Math.min(bytes, bytesASecond);
  }

  /** How many nanoseconds are left until more may go; 0 or less: it may. */
  public long left() {
    return next - nanos.getAsLong();
  }

  /** So many bytes go now. */
  public void went(int bytes) {
    long now = nanos.getAsLong();
    long from = next - now > 0 ? next : now;
    next = from + Math.round((double) bytes * SECOND / bytesASecond);
  }
}
