package resguardo.infra.rabbit;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Says that something happened, once a minute at the most: whoever can have it happen as often as
 * they like would fill the logs. What happened meanwhile is counted, and said with the next. For
 * any threads.
 */
final class Seldom {
  private static final long PAUSE = Duration.ofMinutes(1).toNanos();

  private final LongSupplier nanos;
  private long kept;
  private boolean any;
  private long said;

  Seldom() {
    this(System::nanoTime);
  }

  /**
   * @param nanos a clock that only goes forward
   */
  Seldom(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * It happened.
   *
   * @param how says it; takes what is to be added to the sentence: how often it was kept back since
   *     the last time, or nothing
   */
  void happens(Consumer<String> how) {
    String more;
    synchronized (this) {
      long now = nanos.getAsLong();
      if (any && now - said < PAUSE) {
        kept++;
        return;
      }
      any = true;
      said = now;
      more = kept == 0 ? "" : "; and " + kept + " more since the last time";
      kept = 0;
    }
    how.accept(more);
  }
}
