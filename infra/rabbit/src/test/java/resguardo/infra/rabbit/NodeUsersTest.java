package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static resguardo.infra.rabbit.HostileClient.BODY;
import static resguardo.infra.rabbit.HostileClient.PATIENCE;
import static resguardo.infra.rabbit.HostileClient.publish;
import static resguardo.infra.rabbit.HostileClient.reason;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.Json;
import resguardo.testkit.broker.BrokerContract;

/**
 * What somebody can do who has the password of one node's user, and any client: each line is tried
 * with RabbitMQ's own client, over what is not ours to refuse.
 */
class NodeUsersTest {
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final NodeName BETA = new NodeName("beta");
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

  @TempDir static Path folder;

  @AutoClose private static TestRabbit rabbit;

  private RabbitBroker ours;
  private BrokerUsers users;
  private String password;

  @BeforeAll
  static void startServer() {
    rabbit = TestRabbit.start(folder);
  }

  @BeforeEach
  void enroll() throws Exception {
    users = rabbit.users();
    ours = new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.COORDINATOR, "one"));
    ours.agents().prepare(ALPHA);
    ours.agents().prepare(BETA);
    ours.declareAll(); // an agent declares nothing
    password = users.enroll(new NodeUser(ALPHA));
  }

  @AfterEach
  void revoke() throws Exception {
    ours.close();
    for (NodeName node : users.nodes()) {
      users.revoke(new NodeUser(node));
    }
  }

  private static BrokerUri as(NodeName node, String password) {
    return rabbit.uri(new NodeUser(node), password);
  }

  private Connection thief() throws Exception {
    return hostile().connect();
  }

  private HostileClient hostile() {
    return new HostileClient(as(ALPHA, password));
  }

  private void assertRefused(String what, HostileClient.Attempt attempt) throws Exception {
    hostile().assertRefused(what, attempt);
  }

  private void assertRefused(String what, HostileClient.Attempt attempt, String why)
      throws Exception {
    hostile().assertRefused(what, attempt, why);
  }

  @Test
  void anAgentDoesAllThatItHasToWithItAndDeclaresNothing() throws Exception {
    BlockingQueue<AgentOrder> orders = new LinkedBlockingQueue<>();
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    ReplyId id = ReplyId.random();
    try (RabbitBroker agent = new RabbitBroker(List.of(as(ALPHA, password)), Peer.agent(ALPHA));
        Subscription taken = agent.agents().consume(ALPHA, orders::add, (stream, chunk) -> {});
        Subscription heard = ours.events().subscribe(events::add);
        ReplyChannel.Mailbox mailbox = ours.replies().open(id, 10)) {
      AgentOrder order = new AgentOrder.Credit(id, 7);
      ours.agents().send(ALPHA, order);
      assertThat(BrokerContract.next(orders)).isEqualTo(order);
      agent.replies().send(id, BrokerContract.chunk(0));
      assertThat(BrokerContract.next(mailbox).from()).isEqualTo(Peer.agent(ALPHA));
      Event alive = new Event.ProcessAlive(NOW, Peer.agent(ALPHA), NOW);
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                agent.events().publish(alive);
                return events.contains(alive);
              });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent.beta",
        "coordinator.commands",
        "jobs.fetch",
        "jobs.restore",
        "dead.letters",
        "replies.coordinator.one"
      })
  void whatIsForOthersIsNotRead(String named) throws Exception {
    try (ReplyChannel.Mailbox mailbox = ours.replies().open(ReplyId.random(), 1)) {
      String queue =
          rabbit
              .server()
              .control("-q", "list_queues", "name")
              .lines()
              .filter(name -> name.equals(named) || name.startsWith(named + "."))
              .findAny()
              .orElseThrow();
      await().atMost(PATIENCE).until(() -> isThere(queue));
      assertRefused("get", channel -> channel.basicGet(queue, true));
      assertRefused(
          "consume",
          channel -> channel.basicConsume(queue, new com.rabbitmq.client.DefaultConsumer(channel)));
      assertRefused("purge", channel -> channel.queuePurge(queue));
      assertRefused("delete", channel -> channel.queueDelete(queue));
    }
  }

  private static boolean isThere(String queue) throws Exception {
    try (Connection connection = rabbit.uri().factory().newConnection()) {
      return connection.createChannel().queueDeclarePassive(queue).getQueue().equals(queue);
    } catch (IOException notYet) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "resguardo.commands",
        "resguardo.jobs",
        "resguardo.agents",
        "resguardo.control",
        "resguardo.dead",
        "amq.topic",
        "amq.direct",
        "" // to any queue by its name
      })
  void nothingIsSentToWhereAgentsHaveNothingToSay(String exchange) throws Exception {
    assertRefused("own key", publish(exchange, "agent.alpha.word"));
    assertRefused("the name of a queue", publish(exchange, "agent.beta"));
    assertRefused("of another", publish(exchange, "admin.a1.word"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"resguardo.replies", "resguardo.events", "resguardo.logs"})
  void nobodySpeaksForAnother(String exchange) throws Exception {
    for (String key :
        List.of(
            "agent.beta.word",
            "agent.alphabet.word",
            "agent.alpha",
            "agent.alpha.word.more",
            "agentxalpha.word",
            "coordinator.one.word",
            "worker.w1.word",
            "x.agent.alpha.word",
            "")) {
      assertRefused(key, publish(exchange, key));
    }
    assertRefused(
        "signed by another",
        channel ->
            channel.basicPublish(
                exchange,
                "agent.alpha.word",
                new AMQP.BasicProperties.Builder().userId("node.beta").build(),
                BODY),
        "PRECONDITION_FAILED");
  }

  @Test
  void nothingIsMadeBoundOrRemoved() throws Exception {
    assertRefused(
        "queue", channel -> channel.queueDeclare("agent.alpha2", true, false, false, null));
    assertRefused("queue of the broker's name", Channel::queueDeclare);
    assertRefused(
        "own queue anew", channel -> channel.queueDeclare("agent.alpha", true, false, false, null));
    assertRefused("own queue away", channel -> channel.queueDelete("agent.alpha"));
    assertRefused(
        "exchange", channel -> channel.exchangeDeclare("mine", BuiltinExchangeType.FANOUT));
    assertRefused("exchange away", channel -> channel.exchangeDelete("resguardo.events"));
    for (String exchange :
        List.of("resguardo.events", "resguardo.logs", "resguardo.replies", "resguardo.commands")) {
      assertRefused("bind", channel -> channel.queueBind("agent.alpha", exchange, "#"));
    }
    assertRefused(
        "bind exchanges",
        channel -> channel.exchangeBind("resguardo.events", "resguardo.commands", "#"));
  }

  @Test
  void noOtherVirtualHostAndNoManagementInterface() throws Exception {
    rabbit.server().control("add_vhost", "other");
    ConnectionFactory factory = as(ALPHA, password).factory();
    factory.setVirtualHost("other");
    assertThatThrownBy(factory::newConnection)
        .satisfies(e -> assertThat(reason(e)).contains("NOT_ALLOWED"));
    BrokerUsers asThief = rabbit.users("node.alpha", password);
    assertThatThrownBy(asThief::nodes).satisfies(NodeUsersTest::isNotAllowed);
    assertThatThrownBy(() -> asThief.enroll(new NodeUser(BETA)))
        .satisfies(NodeUsersTest::isNotAllowed);
    assertThatThrownBy(() -> asThief.revoke(new NodeUser(ALPHA)))
        .satisfies(NodeUsersTest::isNotAllowed);
  }

  private static void isNotAllowed(Throwable e) {
    assertThat(e)
        .isInstanceOfSatisfying(
            ManagementException.class,
            told -> assertThat(told.kind()).isEqualTo(ManagementException.Kind.NOT_ALLOWED));
  }

  @Test
  void connectionsAndChannelsAreFew() throws Exception {
    List<Connection> opened = new ArrayList<>();
    try {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100; i++) {
                  opened.add(thief());
                }
              })
          .satisfies(e -> assertThat(reason(e)).contains("NOT_ALLOWED"));
      assertThat(opened).hasSizeLessThan(10);
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  opened.get(0).createChannel();
                }
              })
          .isInstanceOfAny(IOException.class, ShutdownSignalException.class);
      ours.agents().prepare(BETA); // others are not in its way
    } finally {
      for (Connection connection : opened) {
        connection.abort(1000);
      }
    }
  }

  @Test
  void aFloodFillsNoMoreThanItsQueuesMayHold() throws Exception {
    String queue = "events.coordinator.slow.1";
    byte[] large = new byte[1 << 20];
    try (Connection connection = rabbit.uri().factory().newConnection();
        Channel channel = connection.createChannel()) {
      channel.queueDeclare(queue, true, false, false, Map.of("x-expires", 600_000));
      channel.queueBind(queue, Topology.EVENTS, "#");
      try (Connection thief = thief()) {
        Channel flood = thief.createChannel();
        flood.confirmSelect();
        for (int i = 0; i < 200; i++) {
          flood.basicPublish(
              Topology.EVENTS, "agent.alpha.processAlive", new AMQP.BasicProperties(), large);
        }
        flood.waitForConfirmsOrDie(PATIENCE.toMillis());
      }
      assertThat(channel.queueDeclarePassive(queue).getMessageCount()).isBetween(16, 32);
      channel.queueDelete(queue);
    }
  }

  /** What lies in a queue is counted in bytes of bodies, and the broker keeps headers as well. */
  @Test
  void aFloodOfHeadersWithoutBodiesIsBoundedAndSaysWhoseItIs() throws Exception {
    String queue = "events.coordinator.slow.2";
    int more = 2500; // than may wait
    byte[] nothing = {};
    AMQP.BasicProperties some =
        new AMQP.BasicProperties.Builder().headers(Map.of("a", "x".repeat(1000))).build();
    BlockingQueue<Integer> came = new LinkedBlockingQueue<>();
    try (Connection connection = rabbit.uri().factory().newConnection();
        Channel channel = connection.createChannel();
        Connection thief = thief()) {
      channel.queueDeclare(queue, true, false, false, Map.of("x-expires", 600_000));
      channel.queueBind(queue, Topology.EVENTS, "#");
      Channel flood = thief.createChannel();
      flood.confirmSelect();
      for (int i = 0; i < more; i++) {
        flood.basicPublish(Topology.EVENTS, "agent.alpha.processAlive", some, nothing);
      }
      flood.waitForConfirmsOrDie(PATIENCE.toMillis());
      assertThat(channel.queueDeclarePassive(queue).getMessageCount()).isEqualTo(2000);
      channel.queueDelete(queue);
      try (Subscription heard =
          ours.events()
              .subscribe(
                  event -> {},
                  (from, bytes) -> {
                    if (from.equals(Peer.agent(ALPHA))) {
                      came.add(bytes);
                    }
                  })) {
        for (int large : List.of(1000, 100_000)) {
          flood.basicPublish(
              Topology.EVENTS,
              "agent.alpha.processAlive",
              some.builder().headers(Map.of("a", "x".repeat(large))).build(),
              nothing);
          assertThat(BrokerContract.next(came)).isBetween(large, large + 100);
        }
      }
    }
  }

  /** A subscription whose handler waits, and that counts what comes from a node. */
  private Subscription heldUp(
      CountDownLatch waits, CountDownLatch goesOn, BlockingQueue<Event> events, Semaphore came)
      throws Exception {
    return ours.events()
        .subscribe(
            event -> {
              waits.countDown();
              quietly(goesOn);
              events.add(event);
            },
            (from, bytes) -> {
              if (from.equals(Peer.agent(ALPHA))) {
                came.release();
              }
            });
  }

  @Test
  void whatIsTooLargeIsDoneWithWhileTheHandlerWaitsAndOthersAreHeard() throws Exception {
    int many = 50; // more than are handed out at once
    Semaphore came = new Semaphore(0);
    CountDownLatch goesOn = new CountDownLatch(1);
    CountDownLatch waits = new CountDownLatch(1);
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    Event ofAWorker = new Event.ProcessAlive(NOW, new Peer(Role.WORKER, "w1"), NOW);
    Event own = new Event.ProcessAlive(NOW, new Peer(Role.COORDINATOR, "one"), NOW);
    try (Subscription heard = heldUp(waits, goesOn, events, came);
        RabbitBroker worker =
            new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.WORKER, "w1"))) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                ours.events().publish(own);
                return waits.getCount() == 0;
              });
      try (Connection thief = thief()) {
        Channel flood = thief.createChannel();
        for (int i = 0; i < many; i++) {
          flood.basicPublish(
              Topology.EVENTS,
              "agent.alpha.processAlive",
              new AMQP.BasicProperties(),
              new byte[1 << 20]);
          // One after the other: none is too many for the queue, and falls off.
          assertThat(came.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
      }
      worker.events().publish(ofAWorker);
      goesOn.countDown();
      await().atMost(PATIENCE).until(() -> events.contains(ofAWorker));
    }
  }

  private static void quietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whoeverKnowsTheIdOfOneMailboxFillsNoOther() throws Exception {
    ReplyId own = ReplyId.random();
    ReplyId other = ReplyId.random();
    try (ReplyChannel.Mailbox flooded = ours.replies().open(own, 10);
        ReplyChannel.Mailbox mailbox = ours.replies().open(other, 10);
        RabbitBroker honest = new RabbitBroker(List.of(rabbit.uri()), Peer.agent(BETA))) {
      List<String> queues =
          rabbit
              .server()
              .control("-q", "list_queues", "name")
              .lines()
              .filter(name -> name.startsWith("replies.coordinator.one."))
              .toList();
      assertThat(queues).as("a queue for each").hasSize(2);
      try (Connection thief = thief()) {
        Channel flood = thief.createChannel();
        flood.confirmSelect();
        for (int i = 0; i < 100; i++) {
          flood.basicPublish(
              Topology.REPLIES,
              "agent.alpha." + own,
              new AMQP.BasicProperties(),
              new byte[1 << 20]);
          if (i % 10 == 0) {
            honest.replies().send(other, BrokerContract.chunk(i));
          }
        }
        flood.waitForConfirmsOrDie(PATIENCE.toMillis());
      }
      for (int i = 0; i < 100; i += 10) {
        assertThat(BrokerContract.nextSequence(mailbox)).isEqualTo(i);
      }
      assertThat(flooded.overflowed()).isTrue();
    }
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                !rabbit
                    .server()
                    .control("-q", "list_queues", "name")
                    .contains("replies.coordinator.one"));
  }

  @Test
  void whatIsNoReplyBreaksOffTheStreamThatItCameTo() throws Exception {
    ReplyId id = ReplyId.random();
    try (Connection thief = thief();
        ReplyChannel.Mailbox mailbox = ours.replies().open(id, 10)) {
      Channel channel = thief.createChannel();
      AMQP.BasicProperties chunk = new AMQP.BasicProperties.Builder().type("chunk").build();
      channel.basicPublish(Topology.REPLIES, "agent.alpha." + id, chunk, new byte[5 << 20]);
      assertThat(mailbox.receive(PATIENCE)).as("it waits no longer").isEmpty();
      assertThat(mailbox.overflowed()).isTrue();
    }
  }

  /** RabbitMQ passes them on, and its client would end the connection, and the next one. */
  @Test
  void headersThatNoClientReadsEndTheStreamThatTheyCameToAndNoConnection() throws Exception {
    ReplyId own = ReplyId.random();
    ReplyId other = ReplyId.random();
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    Event ofBeta = new Event.ProcessAlive(NOW, Peer.agent(BETA), NOW);
    AMQP.BasicProperties nested =
        new AMQP.BasicProperties.Builder().headers(tables(100)).type("chunk").build();
    try (ReplyChannel.Mailbox hers = ours.replies().open(own, 10);
        ReplyChannel.Mailbox mailbox = ours.replies().open(other, 10);
        Subscription heard = ours.events().subscribe(events::add);
        RabbitBroker honest = new RabbitBroker(List.of(rabbit.uri()), Peer.agent(BETA));
        Connection thief = thief()) {
      Channel channel = thief.createChannel();
      channel.confirmSelect();
      channel.basicPublish(Topology.EVENTS, "agent.alpha.processAlive", nested, Json.write(NOW));
      channel.basicPublish(Topology.REPLIES, "agent.alpha." + own, nested, BODY);
      channel.waitForConfirmsOrDie(PATIENCE.toMillis());
      honest.events().publish(ofBeta);
      honest.replies().send(other, BrokerContract.chunk(0));
      assertThat(hers.receive(PATIENCE)).as("it waits no longer").isEmpty();
      assertThat(hers.overflowed()).isTrue();
      assertThat(BrokerContract.nextSequence(mailbox)).isZero();
      assertThat(events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(ofBeta);
    }
  }

  /** The last word of a key may be anything but a dot. */
  @Test
  void aKeyOfSeveralLinesIsTextOnOneLineOfTheLog() throws Exception {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (Subscription heard = ours.events().subscribe(event -> {})) {
      hostile().assertDone(publish(Topology.EVENTS, "agent.alpha.x\nforged\u001b[2J"));
      await().atMost(PATIENCE).until(() -> log.toString(StandardCharsets.UTF_8).contains("forged"));
    } finally {
      System.setErr(before);
    }
    assertThat(log.toString(StandardCharsets.UTF_8))
        .contains("agent.alpha.x\\u000aforged\\u001b[2J")
        .doesNotContain("\u001b");
  }

  private static Map<String, Object> tables(int deep) {
    Map<String, Object> table = Map.of();
    for (int i = 0; i < deep; i++) {
      table = Map.of("in", table);
    }
    return table;
  }

  /** In the middle of a stream, while nobody reads: each would be a valid message of its own. */
  @Test
  void ofLargeAnswersThatANodeMakesUpNoneIsKept() throws Exception {
    ReplyId id = ReplyId.random();
    byte[] answer = Json.write(new Answer.Done("x".repeat(Json.ANSWER_BYTES - 1000)));
    try (Connection thief = thief();
        ReplyChannel.Mailbox mailbox = ours.replies().open(id, 10)) {
      Channel channel = thief.createChannel();
      channel.confirmSelect();
      for (int i = 0; i < 5; i++) {
        channel.basicPublish(
            Topology.REPLIES,
            "agent.alpha." + id,
            new AMQP.BasicProperties.Builder().type("answer").build(),
            answer);
      }
      channel.waitForConfirmsOrDie(PATIENCE.toMillis());
      await().atMost(PATIENCE).until(mailbox::overflowed);
      assertThat(mailbox.receive(PATIENCE)).isEmpty();
    }
  }

  /** RabbitMQ before 4.0.3 looks only at the key of a message, and not at those of its copies. */
  @Test
  void aCopyThatANodeLeadsToWhereOthersSpeakIsRefusedOrDroppedUnreadAtOnce() throws Exception {
    int many = 150; // more than are handed out at once
    Semaphore came = new Semaphore(0);
    CountDownLatch goesOn = new CountDownLatch(1);
    CountDownLatch waits = new CountDownLatch(1);
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    Event own = new Event.ProcessAlive(NOW, new Peer(Role.COORDINATOR, "one"), NOW);
    AMQP.BasicProperties copied =
        new AMQP.BasicProperties.Builder()
            .headers(Map.of("BCC", List.of("fetch-worker.w1.processAlive")))
            .build();
    byte[] alive = Json.write(new Event.ProcessAlive(NOW, Peer.agent(ALPHA), NOW));
    try (Subscription heard = heldUp(waits, goesOn, events, came);
        Connection thief = thief()) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                ours.events().publish(own);
                return waits.getCount() == 0;
              });
      Channel flood = thief.createChannel();
      flood.confirmSelect();
      try {
        for (int i = 0; i < many; i++) {
          flood.basicPublish(Topology.EVENTS, "agent.alpha.processAlive", copied, alive);
        }
        flood.waitForConfirmsOrDie(PATIENCE.toMillis());
        assertThat(came.tryAcquire(many, PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      } catch (IOException | ShutdownSignalException refused) {
        assertThat(reason(refused)).contains("ACCESS_REFUSED");
      }
      goesOn.countDown();
    }
  }

  /** What it began to send and did not end the broker holds in memory. */
  @Test
  void whoseConnectionTheBrokerHoldsUpAfterItSentMuchIsNamed() throws Exception {
    byte[] large = new byte[1 << 20];
    try (Connection thief = thief();
        RabbitBroker agent = new RabbitBroker(List.of(as(ALPHA, password)), Peer.agent(ALPHA))) {
      agent.await(PATIENCE);
      Channel channel = thief.createChannel();
      channel.confirmSelect();
      for (int i = 0; i < 70; i++) {
        channel.basicPublish(Topology.EVENTS, "agent.alpha.x", new AMQP.BasicProperties(), large);
      }
      channel.waitForConfirmsOrDie(PATIENCE.toMillis());
      assertThat(users.strangeConnections()).as("it is not held up").isEmpty();
      rabbit.server().control("set_vm_memory_high_watermark", "absolute", "1MB");
      try {
        channel.basicPublish(Topology.EVENTS, "agent.alpha.x", new AMQP.BasicProperties(), BODY);
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(users.strangeConnections())
                        .singleElement()
                        .satisfies(
                            one -> {
                              assertThat(one.node()).isEqualTo(ALPHA);
                              assertThat(one.what()).contains("MiB");
                            }));
      } finally {
        rabbit.server().control("set_vm_memory_high_watermark", "absolute", "512MB");
      }
    }
  }

  @Test
  void whatWaitsForANodeIsBoundedAndGrowsOld() {
    assertThat(rabbit.server().control("-q", "list_policies"))
        .contains("resguardo-agents", "reject-publish", "3600000", "4294967296");
  }

  /** By a policy as enrolling makes it, but for the size. */
  @Test
  void whatIsMoreThanMayWaitForANodeIsRefusedAndToldToWhoeverSendsIt() throws Exception {
    AgentOrder order = new AgentOrder.Credit(ReplyId.random(), 16);
    rabbit
        .server()
        .control(
            "set_policy",
            "small",
            "^agent\\.alpha$",
            "{\"max-length\":2,\"overflow\":\"reject-publish\"}",
            "--priority",
            "9",
            "--apply-to",
            "queues");
    try {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100; i++) {
                  ours.agents().send(ALPHA, order);
                }
              })
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("refused");
      ours.agents().send(BETA, order);
      BlockingQueue<AgentOrder> taken = new LinkedBlockingQueue<>();
      try (RabbitBroker agent = new RabbitBroker(List.of(as(ALPHA, password)), Peer.agent(ALPHA));
          Subscription all = agent.agents().consume(ALPHA, taken::add, (stream, chunk) -> {})) {
        assertThat(taken.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(order);
        await()
            .atMost(PATIENCE)
            .ignoreException(BrokerException.Unavailable.class)
            .until(
                () -> {
                  ours.agents().send(ALPHA, order);
                  return true;
                });
      }
    } finally {
      rabbit.server().control("clear_policy", "small");
    }
  }

  @Test
  void aMessageLargerThanAnyOfOursIsRefusedByTheBroker() throws Exception {
    // One would end the connection of each process that it came to, and come again to the next.
    assertRefused(
        "17 MiB",
        channel ->
            channel.basicPublish(
                Topology.EVENTS,
                "agent.alpha.processAlive",
                new AMQP.BasicProperties(),
                new byte[17 << 20]),
        "PRECONDITION_FAILED");
  }

  @Test
  void aNewPasswordEndsWhatIsConnectedWithTheOldOne() throws Exception {
    Connection before = thief();
    String fresh = users.rotate(new NodeUser(ALPHA));
    await().atMost(PATIENCE).until(() -> isEnded(before));
    assertThat(fresh).isNotEqualTo(password).hasSizeGreaterThan(30);
    assertThatThrownBy(this::thief)
        .satisfies(e -> assertThat(reason(e)).contains("ACCESS_REFUSED"));
    as(ALPHA, fresh).factory().newConnection().close();
  }

  private static boolean isEnded(Connection connection) {
    return !connection.isOpen();
  }

  @Test
  void whoeverIsRevokedIsOutAtOnceAndOthersAreNot() throws Exception {
    String other = users.enroll(new NodeUser(BETA));
    Connection stays = as(BETA, other).factory().newConnection();
    Connection goes = thief();
    users.revoke(new NodeUser(ALPHA));
    await().atMost(PATIENCE).until(() -> isEnded(goes));
    assertThatThrownBy(this::thief)
        .satisfies(e -> assertThat(reason(e)).contains("ACCESS_REFUSED"));
    assertThat(stays.isOpen()).isTrue();
    assertThat(users.nodes()).containsExactly(BETA);
    stays.close();
  }

  @Test
  void whatIsThereAlreadyOrNotIsTold() throws Exception {
    assertThatThrownBy(() -> users.enroll(new NodeUser(ALPHA)))
        .isInstanceOfSatisfying(
            ManagementException.class,
            e -> assertThat(e.kind()).isEqualTo(ManagementException.Kind.EXISTS));
    for (HostileClient.Attempt attempt :
        List.<HostileClient.Attempt>of(
            channel -> users.rotate(new NodeUser(BETA)),
            channel -> users.revoke(new NodeUser(BETA)))) {
      assertThatThrownBy(() -> attempt.on(null))
          .isInstanceOfSatisfying(
              ManagementException.class,
              e -> assertThat(e.kind()).isEqualTo(ManagementException.Kind.NOT_FOUND));
    }
  }

  @Test
  void aTryThatWasCutOffInTheMiddleIsDoneAgain() throws Exception {
    rabbit.server().control("add_user", "node.beta", "half-made");
    assertThat(users.nodes()).containsExactly(ALPHA);
    assertThatThrownBy(() -> as(BETA, "half-made").factory().newConnection())
        .satisfies(e -> assertThat(reason(e)).contains("NOT_ALLOWED"));
    as(BETA, users.enroll(new NodeUser(BETA))).factory().newConnection().close();
    assertThat(users.nodes()).containsExactly(ALPHA, BETA);
  }

  @Test
  void aPasswordIsNeverShown() {
    String uri = rabbit.management("somebody", "secret-word");
    assertThat(ManagementUri.parse(uri)).asString().doesNotContain("secret-word");
    assertThatThrownBy(() -> ManagementUri.parse("ftp://a:secret-word@h"))
        .hasMessageNotContaining("secret-word");
    assertThatThrownBy(() -> rabbit.users("somebody", "secret-word").nodes())
        .satisfies(NodeUsersTest::isNotAllowed)
        .hasMessageNotContaining("secret-word");
  }
}
