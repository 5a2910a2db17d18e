package resguardo.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static resguardo.testkit.broker.BrokerContract.ALPHA;
import static resguardo.testkit.broker.BrokerContract.PATIENCE;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.JobQueue;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.AgentOrder;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.testkit.broker.BrokerContract;
import resguardo.testkit.broker.BrokerPorts;
import resguardo.testkit.broker.JobQueueContract;

/** The adapters for RabbitMQ keep the ports' promises on the embedded broker too. */
class EmbeddedBrokerTest {
  private EmbeddedBroker broker;
  private RabbitBroker one;
  private RabbitBroker two;

  @BeforeEach
  void start() throws Exception {
    broker = EmbeddedBroker.start(0);
    one = connect(new Peer(Role.COORDINATOR, "one"));
    two = connect(Peer.agent(BrokerContract.ALPHA));
  }

  private RabbitBroker connect(Peer self) {
    return new RabbitBroker(List.of(BrokerUri.parse(broker.uri())), self);
  }

  @AfterEach
  void end() {
    one.close();
    two.close();
    broker.close();
  }

  @Nested
  class Jobs implements JobQueueContract {
    @Override
    public JobQueue queue() {
      return one.jobs();
    }

    @Override
    public JobQueue otherQueue() {
      return two.jobs();
    }
  }

  @Nested
  class Channels implements BrokerContract {
    @Override
    public BrokerPorts one() {
      return ports(one, new Peer(Role.COORDINATOR, "one"));
    }

    @Override
    public BrokerPorts two() {
      return ports(two, Peer.agent(ALPHA));
    }

    private static BrokerPorts ports(RabbitBroker broker, Peer self) {
      return new BrokerPorts(
          self,
          broker.commands(),
          broker.agents(),
          broker.replies(),
          broker.events(),
          broker.activity(),
          broker.control());
    }
  }

  @Test
  void twoBrokersInOneProcessStayApart() throws Exception {
    try (EmbeddedBroker other = EmbeddedBroker.start(0)) {
      assertThat(other.uri()).isNotEqualTo(broker.uri());
      one.jobs().publish(JobQueueContract.job(1));
      try (RabbitBroker elsewhere =
          new RabbitBroker(List.of(BrokerUri.parse(other.uri())), new Peer(Role.WORKER, "x"))) {
        assertThat(elsewhere.jobs().waitingFetches()).isZero();
      }
      assertThat(one.jobs().waitingFetches()).isEqualTo(1);
    }
  }

  @Test
  void ofTwoAgentsOfANodeOneGetsAllOrdersAndTheOtherSaysSoAndWaits() throws Exception {
    BlockingQueue<AgentOrder> toFirst = new LinkedBlockingQueue<>();
    BlockingQueue<AgentOrder> toSecond = new LinkedBlockingQueue<>();
    try (RabbitBroker copy = connect(Peer.agent(ALPHA));
        Subscription first = two.agents().consume(ALPHA, toFirst::add, (id, chunk) -> {})) {
      AgentOrder before = send();
      assertThat(BrokerContract.next(toFirst)).isEqualTo(before);
      try (Subscription second = copy.agents().consume(ALPHA, toSecond::add, (id, chunk) -> {})) {
        await().atMost(PATIENCE).until(() -> copy.rival().isPresent());
        for (int i = 0; i < 10; i++) {
          AgentOrder order = send();
          assertThat(BrokerContract.next(toFirst)).isEqualTo(order);
        }
        assertThat(toSecond).isEmpty();
        two.close();
        AgentOrder after = send();
        assertThat(BrokerContract.next(toSecond)).isEqualTo(after);
        await().atMost(PATIENCE).until(() -> copy.trouble().isEmpty());
      }
    }
  }

  private AgentOrder send() throws Exception {
    AgentOrder order = new AgentOrder.Credit(ReplyId.random(), 1);
    one.agents().prepare(ALPHA);
    one.agents().send(ALPHA, order);
    return order;
  }

  @Test
  void nobodyGetsInWithAnotherPassword() {
    String wrong = broker.uri().replaceFirst(":[0-9a-f]{32}@", ":wrong@");
    try (RabbitBroker stranger =
        new RabbitBroker(List.of(BrokerUri.parse(wrong)), new Peer(Role.WORKER, "x"))) {
      assertThatThrownBy(() -> stranger.await(Duration.ofSeconds(3)))
          .isInstanceOf(BrokerException.Unavailable.class);
    }
  }

  @Test
  void aPortThatIsTakenIsToldAndOneThatIsFreeAgainIsUsed() throws Exception {
    int port = Integer.parseInt(broker.uri().replaceFirst(".*:(\\d+)/.*", "$1"));
    assertThatThrownBy(() -> EmbeddedBroker.start(port)).isInstanceOf(java.io.IOException.class);
    broker.close();
    broker = EmbeddedBroker.start(port);
    assertThat(broker.uri()).contains(":" + port + "/");
  }
}
