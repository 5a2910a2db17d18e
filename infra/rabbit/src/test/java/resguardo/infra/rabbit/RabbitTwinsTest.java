package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static resguardo.infra.rabbit.HostileClient.PATIENCE;
import static resguardo.infra.rabbit.HostileClient.reason;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.AgentOrder;
import resguardo.testkit.broker.BrokerContract;

/** Two that take the orders of one node, as when its machine was copied with all that is on it. */
class RabbitTwinsTest {
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final NodeName BETA = new NodeName("beta");

  @TempDir static Path folder;

  @AutoClose private static TestRabbit rabbit;

  private RabbitBroker ours;
  private BrokerUsers users;
  private BrokerUri alpha;

  @BeforeAll
  static void startServer() {
    rabbit = TestRabbit.start(folder);
  }

  @BeforeEach
  void enroll() throws Exception {
    users = rabbit.users();
    ours = new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.COORDINATOR, "one"));
    ours.agents().prepare(ALPHA);
    ours.declareAll();
    alpha = rabbit.uri(new NodeUser(ALPHA), users.enroll(new NodeUser(ALPHA)));
  }

  @AfterEach
  void revoke() throws Exception {
    ours.close();
    for (NodeName node : users.nodes()) {
      users.revoke(new NodeUser(node));
    }
  }

  private RabbitBroker agent() {
    return new RabbitBroker(List.of(alpha), Peer.agent(ALPHA));
  }

  private static Subscription take(RabbitBroker agent, BlockingQueue<AgentOrder> to) {
    return agent.agents().consume(ALPHA, to::add, (stream, chunk) -> {});
  }

  private AgentOrder send() throws Exception {
    AgentOrder order = new AgentOrder.Credit(ReplyId.random(), 1);
    ours.agents().send(ALPHA, order);
    return order;
  }

  private static void assertSaysThatAnotherTakesThem(RabbitBroker agent) {
    await().atMost(PATIENCE).until(() -> agent.rival().isPresent());
    assertThat(agent.trouble())
        .contains("another agent of alpha takes its orders: is it a copy of this machine?");
  }

  @Test
  void theSecondGetsNoOrderSaysWhyAndComesInWhenTheFirstIsGone() throws Exception {
    BlockingQueue<AgentOrder> toFirst = new LinkedBlockingQueue<>();
    BlockingQueue<AgentOrder> toSecond = new LinkedBlockingQueue<>();
    try (RabbitBroker first = agent();
        RabbitBroker second = agent()) {
      first.await(PATIENCE);
      second.await(PATIENCE);
      try (Subscription one = take(first, toFirst)) {
        AgentOrder before = send();
        assertThat(BrokerContract.next(toFirst)).isEqualTo(before);
        try (Subscription two = take(second, toSecond)) {
          assertSaysThatAnotherTakesThem(second);
          for (int i = 0; i < 10; i++) {
            AgentOrder order = send();
            assertThat(BrokerContract.next(toFirst)).isEqualTo(order);
          }
          assertThat(toSecond).isEmpty();
          assertThat(first.trouble()).isEmpty();
          first.close(); // as one that is killed: its connections end
          AgentOrder after = send();
          assertThat(BrokerContract.next(toSecond)).isEqualTo(after);
          await().atMost(PATIENCE).until(() -> second.trouble().isEmpty());
        }
      }
    }
  }

  /** All else goes over the same connection, and is not to be begun again every few seconds. */
  @Test
  void theConnectionOfWhoIsRefusedStays() throws Exception {
    BlockingQueue<AgentOrder> none = new LinkedBlockingQueue<>();
    try (RabbitBroker first = agent();
        RabbitBroker second = agent();
        Subscription one = take(first, none)) {
      await().atMost(PATIENCE).until(() -> ours.agents().isTaken(ALPHA));
      second.await(PATIENCE);
      String connections = connections();
      try (Subscription two = take(second, none)) {
        assertSaysThatAnotherTakesThem(second);
        Thread.sleep(8000); // it tries again meanwhile
        assertThat(connections()).isEqualTo(connections);
      }
      assertThat(second.trouble()).as("it wants them no more").isEmpty();
    }
  }

  private static String connections() {
    return rabbit
        .server()
        .control("-q", "list_connections", "user", "peer_port")
        .lines()
        .filter(line -> line.startsWith("node.alpha"))
        .sorted()
        .toList()
        .toString();
  }

  /** One of an earlier version takes them as it always did. */
  @Test
  void oneThatDoesNotAskToBeAloneKeepsOthersAwayToo() throws Exception {
    BlockingQueue<AgentOrder> came = new LinkedBlockingQueue<>();
    Connection earlier = alpha.factory().newConnection();
    try (RabbitBroker agent = agent()) {
      Channel channel = earlier.createChannel();
      channel.basicConsume("agent.alpha", true, new DefaultConsumer(channel));
      try (Subscription taken = take(agent, came)) {
        assertSaysThatAnotherTakesThem(agent);
        earlier.abort();
        await().atMost(PATIENCE).until(() -> agent.rival().isEmpty());
        AgentOrder order = send();
        assertThat(BrokerContract.next(came)).isEqualTo(order);
      }
    } finally {
      earlier.abort();
    }
  }

  @Test
  void whoMayNotTakeThemIsNotToldOfAnother() throws Exception {
    BrokerUri beta = rabbit.uri(new NodeUser(BETA), users.enroll(new NodeUser(BETA)));
    try (Connection stranger = beta.factory().newConnection()) {
      Channel channel = stranger.createChannel();
      assertThatThrownBy(
              () ->
                  channel.basicConsume(
                      "agent.alpha",
                      false,
                      "",
                      false,
                      true,
                      Map.of(),
                      new DefaultConsumer(channel)))
          .satisfies(e -> assertThat(reason(e)).contains("ACCESS_REFUSED"))
          .satisfies(e -> assertThat(Claim.isRefused(e)).isFalse());
    }
  }

  @Test
  void whoTakesTheOrdersOfANodeManyTimesIsNamed() throws Exception {
    BlockingQueue<AgentOrder> none = new LinkedBlockingQueue<>();
    try (RabbitBroker agent = agent()) {
      try (Subscription taken = take(agent, none)) {
        await().atMost(PATIENCE).until(() -> ours.agents().isTaken(ALPHA));
        assertThat(users.strangeConnections()).isEmpty();
      }
    }
    try (Connection thief = alpha.factory().newConnection()) {
      for (int i = 0; i < 3; i++) {
        Channel channel = thief.createChannel();
        for (int k = 0; k < 3; k++) {
          channel.basicConsume("agent.alpha", true, new DefaultConsumer(channel));
        }
      }
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(users.strangeConnections())
                      .singleElement()
                      .satisfies(
                          one -> {
                            assertThat(one.node()).isEqualTo(ALPHA);
                            assertThat(one.what()).startsWith("9 consumers are on its queue");
                          }));
    }
  }

  /** Twenty thousand have RabbitMQ 3.10 stand still for minutes when they end. */
  @Test
  void nobodyMakesMoreConsumersThanChannelsHaveRoomForFromRabbitMq4On() throws Exception {
    Assumptions.assumeTrue(
        "4".equals(System.getenv("RESGUARDO_RABBITMQ")), "RabbitMQ 3.10 knows no such bound");
    assertEnds(
        thief -> {
          Channel channel = thief.createChannel();
          for (int k = 0; k < 65; k++) {
            channel.basicConsume("agent.alpha", true, new DefaultConsumer(channel));
          }
        },
        "of consumers per channel");
    assertEnds(
        thief -> {
          for (int i = 0; i < 33; i++) {
            Channel channel = thief.createChannel();
            channel.basicConsume("agent.alpha", true, new DefaultConsumer(channel));
          }
        },
        "user limit of (32)");
  }

  private interface Greed {
    void over(Connection connection) throws IOException;
  }

  private void assertEnds(Greed greed, String why) throws Exception {
    Connection thief = alpha.factory().newConnection();
    try {
      assertThatThrownBy(() -> greed.over(thief))
          .satisfies(e -> assertThat(reason(e)).contains(why));
    } finally {
      thief.abort(); // it has ended already, if all is well
    }
  }
}
