package resguardo.agent;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.stream.ChunkSender;

/**
 * What a thread is at that reads a set, for others: a call of the system for a file whose server is
 * gone does not return, and then the thread cannot say so itself. Told of each step by that thread
 * alone; what others do is not its step. To be asked by any thread.
 */
final class Whereabouts implements ChunkSender.Turns {
  private final LongSupplier nanos;
  private volatile @Nullable Thread of;
  private volatile @Nullable RawPath at;
  private volatile boolean sends;
  private volatile long lastStep;
  private volatile Runnable letsGo = () -> {};

  /**
   * @param nanos a clock that only goes forward
   */
  Whereabouts(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** From now on it is told of the steps of this thread. */
  void begin() {
    of = Thread.currentThread();
    goesOn();
  }

  /** From now on this is looked at, or read. */
  void comesTo(RawPath name) {
    at = name;
    goesOn();
  }

  /** From now on nothing is read that somebody on the node could have put there. */
  void leaves() {
    at = null;
  }

  /** What is to be given back when it hangs, as others wait for it. */
  void holds(Runnable letsGo) {
    this.letsGo = letsGo;
  }

  /** It is taken for one that hangs. */
  void hangs() {
    letsGo.run();
  }

  /** One more step is done. */
  void goesOn() {
    lastStep = nanos.getAsLong();
  }

  /** The receiver is waited for from now on, or the broker. */
  @Override
  public void rest() {
    if (Thread.currentThread() == of) {
      sends = true;
    }
  }

  /** Whoever was waited for has answered. */
  @Override
  public void next() {
    if (Thread.currentThread() == of) {
      goesOn();
      sends = false;
    }
  }

  /**
   * What has not answered for so long.
   *
   * @return absent: something else is done, or it goes on
   */
  @Nullable RawPath unanswered(Duration time) {
    RawPath name = at;
    boolean still = !sends && nanos.getAsLong() - lastStep >= time.toNanos();
    return still ? name : null;
  }
}
