package resguardo.agent.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.port.Platform;
import resguardo.testkit.time.ForwardingPlatform;

/** Two agents and one folder for caches. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CacheLockTest {
  private static final Platform JVM = Platform.ofJvm();

  @TempDir Path folder;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  /** A program for a process of its own: has the folder until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      try (CacheLock lock = CacheLock.take(Path.of(args[0]), Duration.ZERO, JVM)) {
        System.out.write(lock.trouble().isEmpty() ? 'y' : 'n');
        System.out.flush();
        Thread.sleep(Long.MAX_VALUE);
      }
    }
  }

  private static Process holder(Path folder) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.getInputStream().read()).isEqualTo('y');
    return process;
  }

  @Test
  void aSecondAgentIsToldAndTouchesNothing() throws Exception {
    Path caches = folder.resolve("not/there/yet");
    Process first = holder(caches);
    try {
      assertThatThrownBy(() -> CacheLock.take(caches, Duration.ZERO, JVM))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("another agent has its caches in " + caches);
    } finally {
      first.destroyForcibly().waitFor();
    }
  }

  @Test
  void oneThatIsStartedWhileItsPredecessorEndsWaitsForItHoweverItEnds() throws Exception {
    Process first = holder(folder);
    try {
      CountDownLatch waits = new CountDownLatch(1);
      Platform platform =
          new ForwardingPlatform() {
            @Override
            public void sleep(Duration time) throws InterruptedException {
              waits.countDown();
              super.sleep(time);
            }
          };
      Future<CacheLock> second =
          threads.submit(() -> CacheLock.take(folder, Duration.ofHours(1), platform));
      waits.await();
      assertThat(second.isDone()).isFalse();
      first.destroyForcibly().waitFor();
      try (CacheLock lock = second.get()) {
        assertThat(lock.trouble()).isEmpty();
      }
    } finally {
      first.destroyForcibly().waitFor();
    }
  }

  @Test
  void afterItsEndTheFolderIsFree() throws Exception {
    CacheLock.take(folder, Duration.ZERO, JVM).close();
    try (CacheLock lock = CacheLock.take(folder, Duration.ZERO, JVM)) {
      assertThat(lock.trouble()).isEmpty();
      assertThatThrownBy(() -> CacheLock.take(folder, Duration.ZERO, JVM))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void whereNothingCanBeLockedItIsToldAndTheAgentGoesOn() throws Exception {
    Files.createDirectory(folder.resolve("lock"));
    try (CacheLock lock = CacheLock.take(folder, Duration.ZERO, JVM)) {
      assertThat(lock.trouble()).isPresent();
    }
  }
}
