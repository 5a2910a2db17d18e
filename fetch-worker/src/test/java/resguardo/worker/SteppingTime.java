package resguardo.worker;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import resguardo.testkit.time.ForwardingPlatform;

/** Each look at the clock takes some time, and nothing else does. */
final class SteppingTime extends ForwardingPlatform {
  private final AtomicLong nanos = new AtomicLong();
  private final Duration step;

  SteppingTime(Duration step) {
    this.step = step;
  }

  void passes(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Override
  public long nanoTime() {
    return nanos.addAndGet(step.toNanos());
  }
}
