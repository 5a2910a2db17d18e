package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static resguardo.testkit.broker.JobQueueContract.PATIENCE;
import static resguardo.testkit.broker.JobQueueContract.job;
import static resguardo.testkit.broker.JobQueueContract.next;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.FetchJob;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Delivery;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.testkit.net.ChaosProxy;

/**
 * What a worker has in hand when its connection is lost keeps its slot until its work has ended.
 */
class RabbitSlotsTest {
  @TempDir static Path folder;

  @AutoClose private static TestRabbit rabbit;

  @AutoClose private ChaosProxy network;

  @AutoClose private RabbitBroker worker;

  @AutoClose private RabbitBroker other;

  @BeforeAll
  static void startServer() {
    rabbit = TestRabbit.start(folder);
  }

  @BeforeEach
  void connectToEmptyQueues() throws Exception {
    String direct = rabbit.server().fact("amqp_uri");
    int port = rabbit.uri().factory().getPort();
    network = new ChaosProxy(port);
    BrokerUri through = BrokerUri.parse(direct.replace(":" + port, ":" + network.port()));
    worker = new RabbitBroker(List.of(through), new Peer(Role.WORKER, "one"));
    other = new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.WORKER, "two"));
    Queues.empty(rabbit.uri(), Topology.FETCH_QUEUE, Topology.DEAD_QUEUE);
  }

  /** The worker's connection is lost, and there is another. */
  private void cut() throws Exception {
    try (ReplyChannel.Mailbox noticed = worker.replies().open(ReplyId.random(), 10)) {
      network.cut();
      assertThatThrownBy(() -> noticed.receive(PATIENCE))
          .isInstanceOf(BrokerException.Unavailable.class);
    }
    worker.await(PATIENCE);
  }

  @Test
  void aSlotTakesNoOtherJobWhileTheWorkGoesOnWhoseConnectionWasLost() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    BlockingQueue<Delivery<FetchJob>> elsewhere = new LinkedBlockingQueue<>();
    other.jobs().publish(job(1));
    try (Subscription one = worker.jobs().consumeFetches(1, taken::add)) {
      Delivery<FetchJob> works = next(taken);
      cut();
      other.jobs().publish(job(2));
      try (Subscription two = other.jobs().consumeFetches(2, elsewhere::add)) {
        assertThat(List.of(next(elsewhere).message(), next(elsewhere).message()))
            .as("nothing is taken that nobody works at")
            .containsExactlyInAnyOrder(job(1), job(2));
        assertThat(taken).isEmpty();
        works.ack();
      }
      assertThat(List.of(next(taken).message())).containsAnyOf(job(1), job(2));
    }
  }

  /** More than the brokers that we set up let one channel have of consumers. */
  @Test
  void manySlotsTakeAsManyJobsAtOnce() throws Exception {
    int many = 70;
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    for (int i = 1; i <= many; i++) {
      other.jobs().publish(job(i));
    }
    try (Subscription one = worker.jobs().consumeFetches(many, taken::add)) {
      List<Delivery<FetchJob>> works = new ArrayList<>();
      for (int i = 1; i <= many; i++) {
        works.add(next(taken));
      }
      works.forEach(Delivery::ack);
    }
  }

  private static final Map<String, Consumer<Delivery<FetchJob>>> ENDS =
      Map.of(
          "acked", Delivery::ack,
          "handed back", Delivery::handBack,
          "dead", delivery -> delivery.dead("no good"),
          "released and acked",
              delivery -> {
                delivery.release();
                delivery.ack();
              },
          "released and dead",
              delivery -> {
                delivery.release();
                delivery.dead("no good");
              },
          "thrown",
              delivery -> {
                throw new IllegalStateException("as this test wants it");
              });

  @ParameterizedTest
  @ValueSource(
      strings = {
        "acked",
        "handed back",
        "dead",
        "released and acked",
        "released and dead",
        "thrown"
      })
  void howeverItEndsItsSlotTakesAnother(String end) throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    BlockingQueue<Delivery<FetchJob>> elsewhere = new LinkedBlockingQueue<>();
    CountDownLatch mayEnd = new CountDownLatch(1);
    other.jobs().publish(job(1));
    try (Subscription one =
        worker
            .jobs()
            .consumeFetches(
                1,
                delivery -> {
                  taken.add(delivery);
                  if (delivery.message().equals(job(1))) {
                    awaitQuietly(mayEnd);
                    ENDS.getOrDefault(end, Delivery::ack).accept(delivery);
                  }
                })) {
      next(taken);
      cut();
      try (Subscription two = other.jobs().consumeFetches(1, elsewhere::add)) {
        next(elsewhere).ack(); // who has it now
      }
      mayEnd.countDown();
      other.jobs().publish(job(2));
      Delivery<FetchJob> second = next(taken);
      assertThat(second.message()).isEqualTo(job(2));
      second.release();
      cut();
      second.ack();
      other.jobs().publish(job(3));
      Delivery<FetchJob> third = next(taken);
      while (third.message().equals(job(2))) { // the broker had not heard that it was released
        third.ack();
        third = next(taken);
      }
      assertThat(third.message()).isEqualTo(job(3));
      third.ack();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("this test went wrong");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The broker falls silent: it hears of no release, and its connection is given up. */
  @Test
  void aBrokerThatSaysNothingToAReleaseIsLeftAndTheSlotTakesAnother() throws Exception {
    BlockingQueue<Delivery<FetchJob>> taken = new LinkedBlockingQueue<>();
    other.jobs().publish(job(1));
    try (Subscription one = worker.jobs().consumeFetches(1, taken::add)) {
      Delivery<FetchJob> works = next(taken);
      network.silence();
      works.release();
      works.ack();
      Delivery<FetchJob> again = next(taken);
      assertThat(again.message()).isEqualTo(job(1));
      again.ack();
    }
  }
}
