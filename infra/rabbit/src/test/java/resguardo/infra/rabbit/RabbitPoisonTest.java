package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static resguardo.infra.rabbit.HostileClient.BODY;
import static resguardo.infra.rabbit.HostileClient.PATIENCE;
import static resguardo.testkit.servers.Amqp10Client.annotations;
import static resguardo.testkit.servers.Amqp10Client.body;
import static resguardo.testkit.servers.Amqp10Client.contentEncoding;
import static resguardo.testkit.servers.Amqp10Client.contentType;
import static resguardo.testkit.servers.Amqp10Client.list;
import static resguardo.testkit.servers.Amqp10Client.properties;
import static resguardo.testkit.servers.Amqp10Client.text;
import static resguardo.testkit.servers.Amqp10Client.value;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.EventChannel;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Event;
import resguardo.testkit.broker.BrokerContract;
import resguardo.testkit.servers.Amqp10Client;

/**
 * What somebody does who has the password of one node's user and sends by AMQP 1.0, which RabbitMQ
 * 4 takes from everybody, what ends the connection of whoever it is handed out to.
 */
class RabbitPoisonTest {
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final NodeName BETA = new NodeName("beta");
  private static final Peer COORDINATOR = new Peer(Role.COORDINATOR, "one");
  private static final Peer WORKER = new Peer(Role.WORKER, "one");
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

  @TempDir static Path folder;

  private static TestRabbit rabbit;
  private static String alpha;
  private static String beta;

  @BeforeAll
  static void startServer() throws Exception {
    Assumptions.assumeTrue(
        "4".equals(System.getenv("RESGUARDO_RABBITMQ")), "RabbitMQ 3 takes no AMQP 1.0");
    rabbit = TestRabbit.start(folder);
    try (RabbitBroker ours = new RabbitBroker(List.of(rabbit.uri()), COORDINATOR)) {
      ours.await(PATIENCE);
      ours.declareAll();
      ours.agents().prepare(ALPHA);
    }
    alpha = rabbit.users().enroll(new NodeUser(ALPHA));
    beta = rabbit.users().enroll(new NodeUser(BETA));
  }

  @AfterAll
  static void stopServer() {
    if (rabbit != null) {
      rabbit.close();
    }
  }

  /** What has a consumer of RabbitMQ 4.0 end, or its client. */
  enum Poisoned {
    UUID(properties(Map.of("a", value(0x98, new byte[16]))), true),
    CHAR(properties(Map.of("a", value(0x73, (byte) 0, (byte) 1, (byte) 0xf6, (byte) 0))), true),
    DECIMAL(properties(Map.of("a", value(0x94, new byte[16]))), true),
    CONTENT_TYPE(contentType("x".repeat(300)), true),
    CONTENT_ENCODING(contentEncoding("x".repeat(300)), true),
    LONG_HEADERS(properties(sixLarge()), false);

    private final byte[] section;

    /** Whether the broker itself ends the connection. */
    private final boolean ends;

    Poisoned(byte[] section, boolean ends) {
      this.section = section;
      this.ends = ends;
    }

    private static Map<String, byte[]> sixLarge() {
      return IntStream.range(0, 6)
          .boxed()
          .collect(Collectors.toMap(i -> "k" + i, i -> text("x".repeat(60_000))));
    }

    void sendTo(String exchange, String key) throws IOException {
      try (Amqp10Client thief = thief(exchange, key)) {
        assertThat(thief.send(section, body(BODY))).isTrue();
      }
    }
  }

  private static Amqp10Client thief(String exchange, String key) throws IOException {
    return new Amqp10Client(
        rabbit.uri().factory().getPort(),
        new NodeUser(ALPHA).name(),
        alpha,
        "/exchanges/" + exchange + "/" + key,
        PATIENCE);
  }

  private static RabbitBroker agent(NodeName node, String password) {
    return new RabbitBroker(List.of(rabbit.uri(new NodeUser(node), password)), Peer.agent(node));
  }

  /** Counts what came, and how often it is said that a message ended a connection. */
  private static final class Traffic implements EventChannel.Traffic {
    private final AtomicInteger poisonings = new AtomicInteger();
    private final BlockingQueue<Integer> ofAlpha = new LinkedBlockingQueue<>();

    @Override
    public void came(Peer from, int bytes) {
      if (from.equals(Peer.agent(ALPHA))) {
        ofAlpha.add(bytes);
      }
    }

    @Override
    public void poisoned() {
      poisonings.incrementAndGet();
    }
  }

  /** The connections of this process that are to last, as the broker numbers them. */
  private static Set<String> lasting(Peer process) {
    return rabbit
        .server()
        .control("-q", "list_connections", "pid", "client_properties")
        .lines()
        .filter(
            line -> line.contains(process + " publishes") || line.contains(process + " consumes"))
        .map(line -> line.substring(0, line.indexOf('>')))
        .collect(Collectors.toSet());
  }

  /** What a node says is heard, sooner or later. */
  private static void assertHears(BlockingQueue<Event> heard, RabbitBroker node, Peer self) {
    Event alive = new Event.ProcessAlive(NOW, self, NOW);
    heard.clear();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(300))
        .ignoreException(BrokerException.Unavailable.class)
        .until(
            () -> {
              node.events().publish(alive);
              return heard.contains(alive);
            });
  }

  @ParameterizedTest
  @EnumSource(Poisoned.class)
  void whatANodeSaysEndsNoConnectionButThatOfWhatNodesSayAndThatOnce(Poisoned poison)
      throws Exception {
    BlockingQueue<Event> heard = new LinkedBlockingQueue<>();
    Traffic traffic = new Traffic();
    try (RabbitBroker ours = new RabbitBroker(List.of(rabbit.uri()), COORDINATOR);
        RabbitBroker other = agent(BETA, beta)) {
      ours.await(PATIENCE);
      try (Subscription events = ours.events().subscribe(heard::add, traffic);
          Subscription lines = ours.activity().subscribe(line -> {})) {
        assertHears(heard, other, Peer.agent(BETA));
        Set<String> before = lasting(COORDINATOR);
        assertThat(before).hasSize(2);
        for (int times = 1; times <= 2; times++) {
          poison.sendTo(Topology.EVENTS, "agent.alpha.processAlive");
          if (poison.ends) {
            int so = times;
            await().atMost(PATIENCE).until(() -> traffic.poisonings.get() >= so);
          } else {
            assertThat(BrokerContract.next(traffic.ofAlpha)).isGreaterThan(360_000);
          }
          assertHears(heard, other, Peer.agent(BETA));
        }
        poison.sendTo(Topology.LOGS, "agent.alpha.line");
        assertHears(heard, ours, COORDINATOR);
        assertHears(heard, other, Peer.agent(BETA));
        assertThat(lasting(COORDINATOR)).isEqualTo(before);
        assertThat(traffic.poisonings.get()).isBetween(poison.ends ? 2 : 0, poison.ends ? 3 : 0);
        assertThat(ours.trouble()).isEmpty();
      }
    }
  }

  @Test
  void aNodeThatGoesOnIsHeardNoMoreThanOthersAreAndAllElseStays() throws Exception {
    BlockingQueue<Event> heard = new LinkedBlockingQueue<>();
    Traffic traffic = new Traffic();
    try (RabbitBroker ours = new RabbitBroker(List.of(rabbit.uri()), COORDINATOR);
        RabbitBroker other = agent(BETA, beta);
        Amqp10Client thief = thief(Topology.EVENTS, "agent.alpha.x")) {
      ours.await(PATIENCE);
      try (Subscription events = ours.events().subscribe(heard::add, traffic)) {
        Set<String> before = lasting(COORDINATOR);
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (System.nanoTime() < end) {
          thief.send(Poisoned.UUID.section, body(BODY));
        }
        assertHears(heard, ours, COORDINATOR);
        assertHears(heard, other, Peer.agent(BETA));
        assertThat(traffic.poisonings.get()).isPositive();
        assertThat(lasting(COORDINATOR)).isEqualTo(before).hasSize(2);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Poisoned.class)
  void whatANodeRepliesEndsItsOwnAttemptAndNoOther(Poisoned poison) throws Exception {
    ReplyId its = ReplyId.random();
    ReplyId ofOther = ReplyId.random();
    try (RabbitBroker worker = new RabbitBroker(List.of(rabbit.uri()), WORKER);
        RabbitBroker other = agent(BETA, beta)) {
      worker.await(PATIENCE);
      other.await(PATIENCE);
      Set<String> before = lasting(WORKER);
      assertThat(before).hasSize(2);
      try (ReplyChannel.Mailbox mailbox = worker.replies().open(its, 10);
          ReplyChannel.Mailbox another = worker.replies().open(ofOther, 10)) {
        other.replies().send(ofOther, BrokerContract.chunk(0));
        poison.sendTo(Topology.REPLIES, "agent.alpha." + its);
        assertThat(mailbox.receive(PATIENCE)).isEmpty();
        assertThat(mailbox.overflowed()).isTrue();
        other.replies().send(ofOther, BrokerContract.chunk(1));
        assertThat(BrokerContract.nextSequence(another)).isZero();
        assertThat(BrokerContract.nextSequence(another)).isEqualTo(1);
        assertThat(another.overflowed()).isFalse();
      }
      assertThat(lasting(WORKER)).isEqualTo(before);
      try (ReplyChannel.Mailbox next = worker.replies().open(its, 10);
          RabbitBroker agent = agent(ALPHA, alpha)) {
        agent.await(PATIENCE);
        agent.replies().send(its, BrokerContract.chunk(0));
        assertThat(BrokerContract.nextSequence(next)).isZero();
      }
      await().atMost(PATIENCE).until(() -> !connections().contains("takes a stream"));
      assertThat(rabbit.server().control("-q", "list_queues", "name")).doesNotContain("replies.");
    }
  }

  private static String connections() {
    return rabbit.server().control("-q", "list_connections", "client_properties");
  }

  @Test
  void itComesToNothingElseThanWhatNodesMaySendTo() throws Exception {
    for (String address :
        List.of(
            "/exchanges/" + Topology.COMMANDS + "/agent.alpha.x",
            "/exchanges/" + Topology.JOBS + "/" + Topology.FETCH_QUEUE,
            "/exchanges/" + Topology.AGENTS + "/beta",
            "/exchanges/" + Topology.DEAD,
            "/exchanges/" + Topology.CONTROL,
            "/exchanges/" + Topology.EVENTS + "/agent.beta.x",
            "/exchanges/" + Topology.EVENTS + "/coordinator.one.x",
            "/queues/" + Topology.COMMAND_QUEUE,
            "/queues/" + Topology.FETCH_QUEUE,
            "/queues/" + Topology.agentQueue(ALPHA))) {
      assertThatThrownBy(
              () -> {
                try (Amqp10Client thief =
                    new Amqp10Client(
                        rabbit.uri().factory().getPort(),
                        new NodeUser(ALPHA).name(),
                        alpha,
                        address,
                        PATIENCE)) {
                  thief.send(body(BODY));
                }
              })
          .as(address)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("unauthorized-access");
    }
  }

  @Test
  void whoSpeaksByItIsNamedAndAgentsAreNot() throws Exception {
    BrokerUsers users = rabbit.users();
    try (RabbitBroker other = agent(BETA, beta)) {
      other.await(PATIENCE);
      try (Amqp10Client thief = thief(Topology.EVENTS, "agent.alpha.x")) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(users.strangeConnections())
                        .singleElement()
                        .satisfies(
                            one -> {
                              assertThat(one.node()).isEqualTo(ALPHA);
                              assertThat(one.what()).contains("AMQP 1-0");
                            }));
      }
    }
  }

  /** By the queue of what others say it would end the connection by which commands come. */
  @Test
  void noCopyOfItComesToWhereOthersSpeak() throws Exception {
    BlockingQueue<Event> heard = new LinkedBlockingQueue<>();
    byte[] copies = annotations(Map.of("x-cc", list(text("fetch-worker.w1.processAlive"))));
    try (RabbitBroker ours = new RabbitBroker(List.of(rabbit.uri()), COORDINATOR)) {
      ours.await(PATIENCE);
      try (Subscription events = ours.events().subscribe(heard::add)) {
        Set<String> before = lasting(COORDINATOR);
        try (Amqp10Client thief = thief(Topology.EVENTS, "agent.alpha.x")) {
          thief.send(copies, Poisoned.UUID.section, body(BODY));
        } catch (IOException refused) {
          assertThat(refused).hasMessageContaining("unauthorized-access");
        }
        assertHears(heard, ours, COORDINATOR);
        assertThat(lasting(COORDINATOR)).isEqualTo(before).hasSize(2);
      }
    }
  }
}
