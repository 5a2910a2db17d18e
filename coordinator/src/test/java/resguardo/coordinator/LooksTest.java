package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import resguardo.core.port.Platform;

/** A quick look is waited for by whoever asks, and a slow one by nobody. */
@Timeout(60)
class LooksTest {
  private static final Duration AN_HOUR = Duration.ofHours(1);

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();

  /** A look ends when there is one for it. */
  private final Semaphore leave = new Semaphore(0);

  private volatile Duration takes = Duration.ZERO;
  private volatile boolean away;
  private Looks looks = looks(AN_HOUR);

  private Looks looks(Duration wait) {
    Platform platform = Platform.of(Clock.systemUTC(), nanos::get);
    return new Looks(platform, this::look, wait);
  }

  private void look() throws IOException {
    begun.incrementAndGet();
    leave.acquireUninterruptibly();
    nanos.addAndGet(takes.toNanos());
    ended.incrementAndGet();
    if (away) {
      throw new IOException("nobody there");
    }
  }

  @AfterEach
  void end() {
    leave.release(1000);
    looks.close();
  }

  @Test
  void whoeverAsksSeesAllAsItIsNow() throws Exception {
    leave.release(1000);
    for (int i = 1; i <= 3; i++) {
      looks.freshen();
      assertThat(ended).hasValue(i);
    }
  }

  @Test
  void aLookThatBeganBeforeIsFollowedByAnother() throws Exception {
    CompletableFuture<Void> one = CompletableFuture.runAsync(this::freshen);
    await().untilAtomic(begun, org.hamcrest.Matchers.equalTo(1));
    CompletableFuture<Void> other = CompletableFuture.runAsync(this::freshen);
    leave.release();
    one.get();
    leave.release();
    other.get();
    assertThat(ended).hasValue(2);
  }

  private void freshen() {
    try {
      looks.freshen();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void nobodyWaitsForOneThatTakesLongAndItIsNotMadeAgainAtOnce() throws Exception {
    looks.close();
    looks = looks(Duration.ofMillis(50));
    takes = Duration.ofSeconds(5);
    looks.freshen();
    looks.freshen();
    assertThat(begun).as("and one is made at a time").hasValueLessThanOrEqualTo(1);
    leave.release(1000);
    await().untilAtomic(ended, org.hamcrest.Matchers.equalTo(1));
    await()
        .untilAsserted(
            () -> {
              looks.freshen(); // it has ended, and is followed by a rest
              looks.freshen();
            });
    nanos.addAndGet(Duration.ofSeconds(49).toNanos());
    looks.freshen();
    assertThat(begun).hasValue(1);
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    looks.freshen();
    await().untilAtomic(ended, org.hamcrest.Matchers.equalTo(2));
  }

  @Test
  void thatASlowOneFailedIsKnownUntilOneSucceeds() throws Exception {
    looks.close();
    looks = looks(Duration.ofMillis(50));
    takes = Duration.ofSeconds(5);
    away = true;
    looks.freshen();
    assertThat(looks.failure()).as("none has ended").isEmpty();
    leave.release(1000);
    await().untilAsserted(() -> assertThat(looks.failure()).contains("nobody there"));
    looks.freshen();
    assertThat(looks.failure()).contains("nobody there");
    away = false;
    nanos.addAndGet(Duration.ofSeconds(6).toNanos()); // the rest after a failure is over
    looks.freshen();
    await().untilAsserted(() -> assertThat(looks.failure()).isEmpty());
  }

  @Test
  void whoeverWaitsIsToldThatTheStoreCannotBeReadAndTheNextLooksAgain() throws Exception {
    leave.release(1000);
    away = true;
    assertThatThrownBy(() -> looks.freshen())
        .isInstanceOf(IOException.class)
        .hasMessage("nobody there");
    away = false;
    looks.freshen();
    assertThat(ended).hasValue(2);
  }
}
