package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.FetchJob;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.DeadLetter;
import resguardo.core.port.Delivery;
import resguardo.core.port.JobQueue;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Json;
import resguardo.testkit.broker.JobQueueContract;

class RabbitJobQueueTest implements JobQueueContract {
  @TempDir static Path folder;

  @AutoClose private static TestRabbit rabbit;

  @AutoClose private RabbitBroker one;

  @AutoClose private RabbitBroker two;

  @BeforeAll
  static void startServer() {
    rabbit = TestRabbit.start(folder);
  }

  @BeforeEach
  void connectToEmptyQueues() throws Exception {
    one = new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.WORKER, "one"));
    two = new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.WORKER, "two"));
    one.jobs().waitingFetches();
    Queues.empty(rabbit.uri(), Topology.FETCH_QUEUE, Topology.QUERY_QUEUE, Topology.DEAD_QUEUE);
  }

  @Override
  public JobQueue queue() {
    return one.jobs();
  }

  @Override
  public JobQueue otherQueue() {
    return two.jobs();
  }

  @Test
  void noConfirmedJobIsLostWhenTheBrokerIsKilledAndConsumingGoesOnByItself() throws Exception {
    Set<FetchJob> published = ConcurrentHashMap.newKeySet();
    Set<FetchJob> done = ConcurrentHashMap.newKeySet();
    try (Subscription all =
        two.jobs()
            .consumeFetches(
                2,
                delivery -> {
                  done.add(delivery.message());
                  delivery.ack();
                })) {
      for (int i = 0; i < 60; i++) {
        if (i == 20) {
          rabbit.server().kill();
          rabbit.server().start();
        }
        publishUntilConfirmed(JobQueueContract.job(i));
        published.add(JobQueueContract.job(i));
      }
      await().atMost(PATIENCE).until(() -> done.containsAll(published));
    }
  }

  private void publishUntilConfirmed(FetchJob job) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              try {
                one.jobs().publish(job);
                return true;
              } catch (BrokerException.Unavailable again) {
                return false;
              }
            });
  }

  private static void limits(long consumerMillis, long lookMillis) {
    rabbit
        .server()
        .control(
            "eval",
            "application:set_env(rabbit, consumer_timeout, "
                + consumerMillis
                + "), application:set_env(rabbit, channel_tick_interval, "
                + lookMillis
                + ").");
  }

  /** In the time after which the broker takes a consumer for dead, made short. */
  @Test
  void whatIsReleasedInTimeKeepsItsConnectionAndWhatIsNotDoesNot() throws Exception {
    limits(5000, 1000);
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    BlockingQueue<Delivery<FetchJob>> forgotten = new LinkedBlockingQueue<>();
    try (RabbitBroker releases =
            new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.WORKER, "a"));
        RabbitBroker forgets = new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.WORKER, "b"));
        ReplyChannel.Mailbox restore = releases.replies().open(ReplyId.random(), 10)) {
      one.jobs().publish(JobQueueContract.job(1));
      try (Subscription long1 = releases.jobs().consumeFetches(1, taken::add)) {
        Delivery<FetchJob> longWork = JobQueueContract.next(taken);
        longWork.release();
        one.jobs().publish(JobQueueContract.job(2));
        try (Subscription long2 = forgets.jobs().consumeFetches(1, forgotten::add)) {
          assertThat(JobQueueContract.next(forgotten).deliveries()).isEqualTo(1);
          BlockingQueue<Delivery<FetchJob>> elsewhere = new LinkedBlockingQueue<>();
          try (Subscription heir = one.jobs().consumeFetches(1, elsewhere::add)) {
            Delivery<FetchJob> again =
                JobQueueContract.next(elsewhere); // that is what it guards from
            assertThat(again.message()).isEqualTo(JobQueueContract.job(2));
            assertThat(again.deliveries()).isEqualTo(2);
            again.ack();
          }
          assertThat(forgotten).as("whoever hangs gets no more").isEmpty();
        }
        assertThat(restore.receive(Duration.ZERO)).as("or it says that it was cut").isEmpty();
        longWork.ack();
        one.jobs().publish(JobQueueContract.job(3));
        Delivery<FetchJob> next = JobQueueContract.next(taken);
        assertThat(next.message()).isEqualTo(JobQueueContract.job(3));
        next.ack();
      }
    } finally {
      limits(1_800_000, 60_000);
    }
  }

  @Test
  void whereTheBrokerDiesWhileWorkGoesOnThatWasReleasedTheNextIsTakenWhenItEnds() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    one.jobs().publish(JobQueueContract.job(1));
    try (Subscription all = two.jobs().consumeFetches(1, taken::add)) {
      Delivery<FetchJob> longWork = JobQueueContract.next(taken);
      longWork.release();
      rabbit.server().kill();
      rabbit.server().start();
      publishUntilConfirmed(JobQueueContract.job(2));
      two.await(PATIENCE);
      assertThat(taken).isEmpty();
      longWork.ack();
      Delivery<FetchJob> next = JobQueueContract.next(taken);
      if (next.message().equals(JobQueueContract.job(1))) { // it died before it had heard of that
        next.ack();
        next = JobQueueContract.next(taken);
      }
      assertThat(next.message()).isEqualTo(JobQueueContract.job(2));
      next.ack();
    }
  }

  @Test
  void aQueueThatIsDeletedUnderAConsumerIsDeclaredAndConsumedAgain() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    try (Subscription all = two.jobs().consumeFetches(1, taken::add);
        Connection admin = rabbit.uri().factory().newConnection();
        Channel channel = admin.createChannel()) {
      one.jobs().publish(JobQueueContract.job(1));
      JobQueueContract.next(taken).ack();
      channel.queueDelete(Topology.FETCH_QUEUE);
      await()
          .atMost(PATIENCE)
          .ignoreException(BrokerException.Unroutable.class)
          .until(
              () -> {
                one.jobs().publish(JobQueueContract.job(2));
                return true;
              });
      assertThat(JobQueueContract.next(taken).message()).isEqualTo(JobQueueContract.job(2));
    }
  }

  @Test
  void aJobThatNoQueueTakesIsToldAsUnroutable() throws Exception {
    try (Connection admin = rabbit.uri().factory().newConnection();
        Channel channel = admin.createChannel()) {
      one.jobs().publish(JobQueueContract.job(0)); // the first makes the queue where there is none
      channel.queueDelete(Topology.FETCH_QUEUE);
      assertThatThrownBy(() -> one.jobs().publish(JobQueueContract.job(1)))
          .isInstanceOf(BrokerException.Unroutable.class);
      Topology.jobs(channel);
      one.jobs().publish(JobQueueContract.job(1));
    }
  }

  @Test
  void whatIsNoJobGoesToTheDeadLettersWithTheReasonAndTheNextIsTaken() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    try (Subscription all = two.jobs().consumeFetches(1, taken::add);
        Connection admin = rabbit.uri().factory().newConnection();
        Channel channel = admin.createChannel()) {
      RawBytes.publish(channel, Topology.JOBS, Topology.FETCH_QUEUE, new byte[] {'{'});
      one.jobs().publish(JobQueueContract.job(1));
      assertThat(JobQueueContract.next(taken).message()).isEqualTo(JobQueueContract.job(1));
      GetResponse letter = channel.basicGet(Topology.DEAD_QUEUE, true);
      assertThat(letter.getBody()).isEqualTo(new byte[] {'{'});
      assertThat(letter.getProps().getHeaders().get("resguardo-reason"))
          .asString()
          .startsWith("not a job: ");
      assertThat(letter.getProps().getHeaders().get("resguardo-queue"))
          .hasToString(Topology.FETCH_QUEUE);
    }
  }

  /** Gives two jobs up, and puts one letter there that is of no queue of jobs. */
  private void giveUp() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    try (Subscription all = two.jobs().consumeFetches(1, taken::add);
        Connection admin = rabbit.uri().factory().newConnection();
        Channel channel = admin.createChannel()) {
      for (int i = 1; i <= 2; i++) {
        one.jobs().publish(JobQueueContract.job(i));
        JobQueueContract.next(taken).dead("no good: " + i);
      }
      RawBytes.publish(channel, Topology.DEAD, "", new byte[] {'?'});
    }
    await().atMost(PATIENCE).until(() -> one.jobs().deadLetters() == 3);
  }

  @Test
  void deadLettersAreShownHoweverOftenTheyAreLookedAt() throws Exception {
    giveUp();
    List<DeadLetter> first = one.dead().list(100);
    assertThat(first)
        .extracting(DeadLetter::reason)
        .containsExactlyInAnyOrder("no good: 1", "no good: 2", null);
    // More often than the 20 times after which RabbitMQ 4 throws away what was given back.
    for (int i = 0; i < 30; i++) {
      assertThat(one.dead().list(100)).containsExactlyInAnyOrderElementsOf(first);
    }
    assertThat(one.dead().list(2)).hasSize(2);
    await().atMost(PATIENCE).until(() -> one.jobs().deadLetters() == 3);
  }

  @Test
  void ofWhatIsLargerThanAnyMessageOfOursTheBeginningIsKept() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    byte[] large = new byte[3_000_000];
    Arrays.fill(large, (byte) 'x');
    try (Subscription all = two.jobs().consumeFetches(1, taken::add);
        Connection admin = rabbit.uri().factory().newConnection();
        Channel channel = admin.createChannel()) {
      RawBytes.publish(channel, Topology.JOBS, Topology.FETCH_QUEUE, large);
      await().atMost(PATIENCE).until(() -> one.jobs().deadLetters() == 1);
      GetResponse letter = channel.basicGet(Topology.DEAD_QUEUE, true);
      assertThat(letter.getBody())
          .hasSize(Json.MESSAGE_BYTES + 1)
          .isEqualTo(Arrays.copyOf(large, Json.MESSAGE_BYTES + 1));
    }
    assertThat(taken).isEmpty();
  }

  @Test
  void aDeadJobIsSentAgainAndOthersStay() throws Exception {
    giveUp();
    String id =
        one.dead().list(100).stream()
            .filter(letter -> "no good: 2".equals(letter.reason()))
            .map(DeadLetter::id)
            .findFirst()
            .orElseThrow();
    assertThat(one.dead().settle("000000000000", true)).isZero();
    assertThat(one.dead().settle(id, true)).isEqualTo(1);
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    try (Subscription all = two.jobs().consumeFetches(1, taken::add)) {
      Delivery<FetchJob> again = JobQueueContract.next(taken);
      assertThat(again.message()).isEqualTo(JobQueueContract.job(2));
      assertThat(again.deliveries()).isEqualTo(1);
      again.ack();
    }
    // What came from no queue of jobs cannot be sent again.
    assertThat(one.dead().settle(null, true)).isEqualTo(1);
    assertThat(one.dead().list(100)).extracting(DeadLetter::text).containsExactly("?");
    assertThat(one.dead().settle(null, false)).isEqualTo(1);
    assertThat(one.dead().list(100)).isEmpty();
  }

  @Test
  void anAddressIsShownWithoutItsPasswordAlsoWhenItIsWrong() {
    assertThat(BrokerUri.parse("amqp://user:hush@127.0.0.1:1/%2f"))
        .hasToString("amqp://127.0.0.1:1 as user");
    assertThatThrownBy(() -> BrokerUri.parse("http://user:hush@127.0.0.1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("hush");
  }
}
