package resguardo.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.port.Delivery;
import resguardo.core.port.JobQueue;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.QueryJob;

/** What {@link JobQueue} promises. Each test begins with empty queues. */
public interface JobQueueContract {
  /** How long anything may take that is to happen. */
  Duration PATIENCE = Duration.ofSeconds(30);

  /** The queue of one process. */
  JobQueue queue();

  /** The queue of another process at the same broker. */
  JobQueue otherQueue();

  /** A job of its own for each number. */
  static FetchJob job(int number) {
    RegistrationKey key =
        new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv/" + number));
    Instant slot = Instant.ofEpochSecond(1_700_000_000L + number);
    return FetchJob.first(
        new Registration(key, new Schedule.Every(1), 1, slot, Registration.State.ACTIVE), slot);
  }

  /** The next delivery. */
  static <T> Delivery<T> next(BlockingQueue<Delivery<T>> taken) throws InterruptedException {
    Delivery<T> delivery = taken.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(delivery).as("a delivery").isNotNull();
    return java.util.Objects.requireNonNull(delivery);
  }

  @Test
  default void aPublishedJobIsTakenAsItIsAndGoneOnceAcked() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    queue().publish(job(1));
    try (Subscription all = queue().consumeFetches(1, taken::add)) {
      Delivery<FetchJob> delivery = next(taken);
      assertThat(delivery.message()).isEqualTo(job(1));
      assertThat(delivery.deliveries()).isEqualTo(1);
      delivery.ack();
      delivery.ack();
      queue().publish(job(2));
      assertThat(next(taken).message()).isEqualTo(job(2));
    }
  }

  @Test
  default void aJobThatIsHandedBackComesAgainAndIsCounted() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    queue().publish(job(1));
    try (Subscription all = queue().consumeFetches(1, taken::add)) {
      next(taken).handBack();
      Delivery<FetchJob> again = next(taken);
      assertThat(again.message()).isEqualTo(job(1));
      assertThat(again.deliveries()).isEqualTo(2);
      again.ack();
    }
  }

  @Test
  default void whatAHandlerThrowsHandsTheJobBack() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    queue().publish(job(1));
    try (Subscription all =
        queue()
            .consumeFetches(
                1,
                delivery -> {
                  taken.add(delivery);
                  if (delivery.deliveries() == 1) {
                    throw new IllegalStateException(
                        "the first time goes wrong, as this test wants it");
                  }
                  delivery.ack();
                })) {
      assertThat(next(taken).deliveries()).isEqualTo(1);
      assertThat(next(taken).deliveries()).isEqualTo(2);
    }
  }

  @Test
  default void noMoreThanItsSlotsAreInHandAndTheRestIsForOthers() throws Exception {
    BlockingQueue<Delivery<FetchJob>> first = new LinkedBlockingQueue<>();
    BlockingQueue<Delivery<FetchJob>> second = new LinkedBlockingQueue<>();
    try (Subscription one = queue().consumeFetches(2, first::add)) {
      for (int i = 0; i < 5; i++) {
        queue().publish(job(i));
      }
      next(first);
      next(first);
      try (Subscription other = otherQueue().consumeFetches(3, second::add)) {
        for (int i = 0; i < 3; i++) {
          next(second);
        }
        assertThat(first).isEmpty();
      }
    }
  }

  @Test
  default void whatWasInHandOfOneThatEndedGoesToAnother() throws Exception {
    BlockingQueue<Delivery<FetchJob>> first = new LinkedBlockingQueue<>();
    BlockingQueue<Delivery<FetchJob>> second = new LinkedBlockingQueue<>();
    queue().publish(job(1));
    Subscription one = queue().consumeFetches(1, first::add);
    Delivery<FetchJob> lost = next(first);
    one.close();
    try (Subscription other = otherQueue().consumeFetches(1, second::add)) {
      Delivery<FetchJob> again = next(second);
      assertThat(again.message()).isEqualTo(job(1));
      lost.ack(); // too late: does nothing
      again.ack();
    }
  }

  @Test
  default void whatIsReleasedComesToNobodyElseAndKeepsItsSlotUntilItEnds() throws Exception {
    BlockingQueue<Delivery<FetchJob>> first = new LinkedBlockingQueue<>();
    BlockingQueue<Delivery<FetchJob>> second = new LinkedBlockingQueue<>();
    queue().publish(job(1));
    queue().publish(job(2));
    try (Subscription one = queue().consumeFetches(1, first::add)) {
      Delivery<FetchJob> released = next(first);
      released.release();
      released.release();
      try (Subscription other = otherQueue().consumeFetches(1, second::add)) {
        Delivery<FetchJob> elsewhere = next(second);
        assertThat(elsewhere.message()).as("nobody has it twice").isEqualTo(job(2));
        assertThat(first).as("its slot is taken").isEmpty();
        released.ack();
        queue().publish(job(3));
        Delivery<FetchJob> again = next(first);
        assertThat(again.message()).isEqualTo(job(3));
        again.release();
        again.dead("it is to be kept all the same");
        elsewhere.ack();
      }
      queue().publish(job(4));
      next(first).ack();
    }
    await().atMost(PATIENCE).until(() -> queue().deadLetters() == 1);
  }

  @Test
  default void ofSeveralSlotsTheOneThatIsReleasedIsKeptAndTheOthersGoOn() throws Exception {
    BlockingQueue<Delivery<FetchJob>> first = new LinkedBlockingQueue<>();
    BlockingQueue<Delivery<FetchJob>> second = new LinkedBlockingQueue<>();
    queue().publish(job(1));
    queue().publish(job(2));
    try (Subscription two = queue().consumeFetches(2, first::add)) {
      Delivery<FetchJob> released = next(first);
      released.release();
      next(first).ack();
      queue().publish(job(3));
      Delivery<FetchJob> third = next(first);
      assertThat(third.message()).isEqualTo(job(3));
      queue().publish(job(4));
      try (Subscription other = otherQueue().consumeFetches(1, second::add)) {
        assertThat(next(second).message()).as("no slot is free there").isEqualTo(job(4));
      }
      released.ack();
      Delivery<FetchJob> again = next(first); // which the other gave back
      assertThat(again.message()).isEqualTo(job(4));
      third.ack();
      again.ack();
      assertThat(first).isEmpty();
    }
  }

  @Test
  default void whatWasReleasedIsGoneWithItsTaker() throws Exception {
    BlockingQueue<Delivery<FetchJob>> first = new LinkedBlockingQueue<>();
    BlockingQueue<Delivery<FetchJob>> second = new LinkedBlockingQueue<>();
    queue().publish(job(1));
    Subscription one = queue().consumeFetches(1, first::add);
    Delivery<FetchJob> released = next(first);
    released.release();
    one.close();
    released.ack(); // late, and too late to take another
    queue().publish(job(2));
    try (Subscription other = otherQueue().consumeFetches(1, second::add)) {
      Delivery<FetchJob> next = next(second);
      assertThat(next.message()).isEqualTo(job(2));
      next.ack();
    }
  }

  @Test
  default void aPausedOneTakesNoMoreAndCanStillAckWhatItHas() throws Exception {
    BlockingQueue<Delivery<FetchJob>> first = new LinkedBlockingQueue<>();
    BlockingQueue<Delivery<FetchJob>> second = new LinkedBlockingQueue<>();
    queue().publish(job(1));
    try (Subscription one = queue().consumeFetches(1, first::add)) {
      Delivery<FetchJob> inHand = next(first);
      one.pause();
      queue().publish(job(2));
      inHand.ack();
      try (Subscription other = otherQueue().consumeFetches(5, second::add)) {
        Delivery<FetchJob> next = next(second);
        assertThat(next.message()).isEqualTo(job(2));
        next.ack();
      }
      assertThat(first).isEmpty();
    }
  }

  @Test
  default void aHopelessJobIsGoneFromTheQueue() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    queue().publish(job(1));
    queue().publish(job(2));
    try (Subscription all = queue().consumeFetches(1, taken::add)) {
      next(taken).dead("it kills everyone who touches it");
      Delivery<FetchJob> second = next(taken);
      assertThat(second.message()).isEqualTo(job(2));
      second.ack();
    }
    await().atMost(PATIENCE).until(() -> queue().waitingFetches() == 0);
  }

  @Test
  default void queriesDoNotWaitBehindBackups() throws Exception {
    QueryJob query =
        new QueryJob(
            job(1).registration(),
            Serial.first(),
            QueryJob.What.ARCHIVE,
            null,
            null,
            null,
            ReplyId.random());
    BlockingQueue<Delivery<QueryJob>> taken = new LinkedBlockingQueue<>();
    CountDownLatch busy = new CountDownLatch(1);
    for (int i = 0; i < 3; i++) {
      queue().publish(job(i));
    }
    try (Subscription backups = queue().consumeFetches(1, delivery -> busy.countDown());
        Subscription queries = queue().consumeQueries(1, taken::add)) {
      assertThat(busy.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      queue().publish(query);
      Delivery<QueryJob> delivery = next(taken);
      assertThat(delivery.message()).isEqualTo(query);
      delivery.ack();
    }
  }

  @Test
  default void jobsPublishedBeforeAnyoneConsumesWaitInTheirOrder() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    List<FetchJob> jobs = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      jobs.add(job(i));
      queue().publish(job(i));
    }
    await().atMost(PATIENCE).until(() -> queue().waitingFetches() == 20);
    try (Subscription all = queue().consumeFetches(1, taken::add)) {
      for (FetchJob job : jobs) {
        Delivery<FetchJob> delivery = next(taken);
        assertThat(delivery.message()).isEqualTo(job);
        delivery.ack();
      }
    }
  }
}
