package resguardo.transfer.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import resguardo.core.port.Platform;

/** What is done at once is bounded, and so is what waits. */
class LanesTest {
  private final Platform platform = Platform.ofJvm();

  private static void awaitThatWaits(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whatThereIsNoLaneForIsNotTakenOver() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    try (Lanes lanes = new Lanes(platform, 2)) {
      FutureTask<Boolean> three =
          new FutureTask<>(
              () -> {
                for (int i = 0; i < 3; i++) {
                  lanes.begin(free::await);
                  begun.incrementAndGet();
                }
                lanes.finish();
                return true;
              });
      Thread thread = new Thread(three);
      thread.start();
      while (begun.get() < 2) {
        Thread.onSpinWait();
      }
      awaitThatWaits(thread);
      assertThat(begun).hasValue(2);
      free.countDown();
      assertThat(three.get()).isTrue();
      assertThat(begun).hasValue(3);
    }
  }

  @Test
  void theFirstFailureIsToldAndNothingIsBegunAfterIt() throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    try (Lanes lanes = new Lanes(platform, 1)) {
      lanes.begin(
          () -> {
            failed.countDown();
            throw new IOException("the store is gone");
          });
      failed.await();
      assertThatThrownBy(() -> lanes.begin(begun::incrementAndGet))
          .isInstanceOf(IOException.class)
          .hasMessage("the store is gone");
      assertThatThrownBy(lanes::check).isInstanceOf(InterruptedException.class);
      assertThatThrownBy(lanes::finish).hasMessage("the store is gone");
    }
    assertThat(begun).hasValue(0);
  }

  @Test
  void aMistakeOfTheProgramIsThrownAsWhatItIs() throws Exception {
    try (Lanes lanes = new Lanes(platform, 2)) {
      lanes.begin(
          () -> {
            throw new IllegalStateException("a mistake");
          });
      assertThatThrownBy(lanes::finish).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void whoeverIsInterruptedEndsWhatIsUnderWay() throws Exception {
    CountDownLatch begun = new CountDownLatch(2);
    AtomicInteger ended = new AtomicInteger();
    FutureTask<Boolean> all =
        new FutureTask<>(
            () -> {
              try (Lanes lanes = new Lanes(platform, 2)) {
                for (int i = 0; i < 3; i++) {
                  lanes.begin(
                      () -> {
                        begun.countDown();
                        try {
                          new CountDownLatch(1).await();
                        } finally {
                          ended.incrementAndGet();
                        }
                      });
                }
              }
              return true;
            });
    Thread thread = new Thread(all);
    thread.start();
    begun.await();
    thread.interrupt();
    assertThatThrownBy(all::get).hasCauseInstanceOf(InterruptedException.class);
    assertThat(ended).hasValue(2);
  }

  @Test
  void uploadsWaitUntilThereIsMemoryForThem() throws Exception {
    long part = 8 << 20;
    Line line = new Line(platform, null, 3 * part);
    Line.Room first = line.room(2 * part);
    FutureTask<Boolean> second =
        new FutureTask<>(
            () -> {
              line.room(9000 * part).close(); // more than there is: it gets all
              return true;
            });
    Thread thread = new Thread(second);
    thread.start();
    awaitThatWaits(thread);
    first.close();
    assertThat(second.get()).isTrue();
  }
}
