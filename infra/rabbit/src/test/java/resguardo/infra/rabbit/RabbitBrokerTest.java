package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.Delivery;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.testkit.broker.BrokerContract;
import resguardo.testkit.broker.BrokerPorts;

class RabbitBrokerTest implements BrokerContract {
  @TempDir static Path folder;

  @AutoClose private static TestRabbit rabbit;

  @AutoClose private RabbitBroker one;

  @AutoClose private RabbitBroker two;

  @BeforeAll
  static void startServer() {
    rabbit = TestRabbit.start(folder);
  }

  @BeforeEach
  void connect() {
    one = new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.COORDINATOR, "one"));
    two = new RabbitBroker(List.of(rabbit.uri()), Peer.agent(ALPHA));
  }

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

  @Test
  void whatIsNoCommandIsToldBuriedWithTheReasonAndTheNextIsTaken() throws Exception {
    BlockingQueue<Delivery<Command>> came = new LinkedBlockingQueue<>();
    BlockingQueue<CommandChannel.Malformed> malformed = new LinkedBlockingQueue<>();
    ReplyId replyTo = ReplyId.random();
    Queues.empty(rabbit.uri(), Topology.DEAD_QUEUE);
    try (Subscription all = one.commands().consume(0, came::add, malformed::add);
        Connection admin = rabbit.uri().factory().newConnection();
        Channel channel = admin.createChannel()) {
      byte[] wrong =
          ("{\"type\":\"explode\",\"replyTo\":\"" + replyTo + "\"}")
              .getBytes(StandardCharsets.UTF_8);
      RawBytes.publish(channel, Topology.COMMANDS, "a.b.c", wrong, new byte[] {(byte) 0xff});
      one.commands().send(new Command.Shutdown(null));
      assertThat(BrokerContract.next(malformed).replyTo()).isEqualTo(replyTo);
      assertThat(BrokerContract.next(malformed).replyTo()).isNull();
      Delivery<Command> good = BrokerContract.next(came);
      assertThat(good.message()).isEqualTo(new Command.Shutdown(null));
      good.ack();
      GetResponse letter = channel.basicGet(Topology.DEAD_QUEUE, true);
      assertThat(letter.getBody()).isEqualTo(wrong);
      assertThat(letter.getProps().getHeaders().get("resguardo-reason"))
          .asString()
          .startsWith("not a command: ");
    }
  }

  @Test
  void aVirtualHostThatIsNotThereIsTold() {
    BrokerUri missing =
        BrokerUri.parse(rabbit.server().fact("amqp_uri").replace("/%2f", "/missing"));
    try (RabbitBroker broker = new RabbitBroker(List.of(missing), Peer.agent(ALPHA))) {
      assertThatThrownBy(() -> broker.await(Duration.ofSeconds(3)))
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("missing");
    }
  }

  @Test
  void aWrongPasswordIsTold() {
    String uri = rabbit.server().fact("amqp_uri");
    BrokerUri wrong = BrokerUri.parse(uri.replaceFirst(":[^:@/]+@", ":wrong-word@"));
    try (RabbitBroker broker = new RabbitBroker(List.of(wrong), Peer.agent(ALPHA))) {
      assertThatThrownBy(() -> broker.await(Duration.ofSeconds(3)))
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("ACCESS_REFUSED")
          .hasMessageNotContaining("wrong-word");
      assertThat(broker.trouble())
          .hasValueSatisfying(why -> assertThat(why).contains("ACCESS_REFUSED"));
    }
  }

  @Test
  void aListenerThatThrowsKeepsNoCommandFromBeingTaken() throws Exception {
    BlockingQueue<Delivery<Command>> came = new LinkedBlockingQueue<>();
    try (Subscription all =
            one.commands()
                .consume(
                    0,
                    came::add,
                    bad -> {
                      throw new IllegalStateException("as this test wants it");
                    });
        Connection admin = rabbit.uri().factory().newConnection();
        Channel channel = admin.createChannel()) {
      Topology.commands(channel);
      RawBytes.publish(channel, Topology.COMMANDS, "a.b.c", new byte[] {'{'});
      one.commands().send(new Command.Shutdown(null));
      BrokerContract.next(came).ack();
    }
  }

  @Test
  void aMailboxTellsThatTheConnectionWasLostAndGoesOnAfterwards() throws Exception {
    ReplyId id = ReplyId.random();
    try (ReplyChannel.Mailbox mailbox = one.replies().open(id, 10)) {
      two.replies().send(id, BrokerContract.chunk(1));
      assertThat(BrokerContract.nextSequence(mailbox)).isEqualTo(1);
      rabbit.server().kill();
      rabbit.server().start();
      assertThatThrownBy(() -> mailbox.receive(PATIENCE))
          .isInstanceOf(BrokerException.Unavailable.class);
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(BrokerException.class)
          .until(
              () -> {
                // A fresh id each time: one that came back as unroutable is given up for good.
                ReplyId fresh = ReplyId.random();
                try (ReplyChannel.Mailbox other = one.replies().open(fresh, 10)) {
                  two.replies().send(fresh, BrokerContract.chunk(2));
                  return other.receive(Duration.ofSeconds(1)).isPresent();
                }
              });
    }
  }

  /**
   * As where a process was started again whose queue is still there, with what was meant for it.
   */
  @Test
  void whatIsMeantForAnotherMailboxIsDroppedAndNoQueueIsTakenForOneOfBefore() throws Exception {
    ReplyId id = ReplyId.random();
    ReplyId before = ReplyId.random();
    try (ReplyChannel.Mailbox mailbox = one.replies().open(id, 10);
        Connection admin = rabbit.uri().factory().newConnection();
        Channel channel = admin.createChannel()) {
      String queue =
          rabbit
              .server()
              .control("-q", "list_queues", "name")
              .lines()
              .filter(name -> name.startsWith("replies.coordinator.one."))
              .findAny()
              .orElseThrow();
      assertThat(Integer.parseInt(queue.substring(queue.lastIndexOf('.') + 1)))
          .as("numbers do not begin anew with each process")
          .isGreaterThan(100_000);
      channel.queueBind(queue, Topology.REPLIES, "*.*." + before);
      two.replies().send(before, BrokerContract.chunk(7));
      two.replies().send(id, BrokerContract.chunk(0));
      assertThat(BrokerContract.nextSequence(mailbox)).isZero();
    }
  }

  @Test
  void anAnswerOfAnybodyButACoordinatorIsDropped() throws Exception {
    ReplyId id = ReplyId.random();
    try (RabbitBroker operator =
            new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.ADMIN, "a1"));
        ReplyChannel.Mailbox mailbox = one.replies().open(id, 10)) {
      operator.replies().send(id, new Reply.Said(new Answer.Done("so they say")));
      operator.replies().send(id, new Reply.Credit(3));
      assertThat(BrokerContract.next(mailbox).message()).isEqualTo(new Reply.Credit(3));
    }
  }

  @Test
  void aBrokerThatIsNotThereIsToldAfterAWhileAndUsedWhenItComes() throws Exception {
    rabbit.server().kill();
    RabbitBroker early = new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.ADMIN, "early"));
    assertThatThrownBy(() -> early.commands().send(new Command.Shutdown(null)))
        .isInstanceOf(BrokerException.Unavailable.class)
        .hasMessageNotContaining(rabbit.server().fact("amqp_uri"));
    rabbit.server().start();
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(BrokerException.class)
        .until(
            () -> {
              early.agents().prepare(ALPHA);
              return true;
            });
    early.close();
  }
}
