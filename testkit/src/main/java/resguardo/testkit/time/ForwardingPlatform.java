package resguardo.testkit.time;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.Lock;
import resguardo.core.ReplyId;
import resguardo.core.port.Platform;
import resguardo.core.port.Tracing;

/** One that is as that of the JVM but for what a test overrides. */
public abstract class ForwardingPlatform implements Platform {
  private final Platform jvm = Platform.ofJvm();

  @Override
  public Clock clock() {
    return jvm.clock();
  }

  @Override
  public long nanoTime() {
    return jvm.nanoTime();
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    jvm.sleep(time);
  }

  @Override
  public Lock newLock() {
    return jvm.newLock();
  }

  @Override
  public ExecutorService pool(String name, int threads) {
    return jvm.pool(name, threads);
  }

  @Override
  public ScheduledExecutorService timer(String name, int threads) {
    return jvm.timer(name, threads);
  }

  @Override
  public ReplyId newId() {
    return jvm.newId();
  }

  @Override
  public Tracing tracing() {
    return jvm.tracing();
  }
}
