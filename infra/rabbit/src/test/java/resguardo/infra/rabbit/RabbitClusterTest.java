package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Event;
import resguardo.infra.tls.Tls;
import resguardo.testkit.broker.BrokerContract;
import resguardo.testkit.broker.JobQueueContract;
import resguardo.testkit.servers.RealCluster;
import resguardo.testkit.servers.RealServer;

/** Three nodes that are one broker, each of which is killed: all goes on at the others. */
class RabbitClusterTest {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Instant NOW = Instant.parse("2026-11-24T09:00:00Z");
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final Peer ONE = new Peer(Role.COORDINATOR, "one");

  @TempDir static Path folder;

  @AutoClose private static RealCluster cluster;

  private RabbitBroker one;

  /** As an agent has it that may declare nothing. */
  private RabbitBroker agent;

  private BrokerUsers users;

  @BeforeAll
  static void startNodes() {
    cluster = RealCluster.rabbitmq(folder);
    Queues.declare(uris(cluster.uris()).get(0));
  }

  private static List<BrokerUri> uris(String addresses) {
    return BrokerUri.parse(List.of(addresses.split(",")), Tls::ofJava);
  }

  @BeforeEach
  void connect() throws Exception {
    RealServer first = cluster.nodes().get(0);
    one = new RabbitBroker(uris(cluster.uris()), ONE);
    one.declareAll();
    one.agents().prepare(ALPHA);
    String login = first.fact("management_user") + ":" + first.fact("management_password");
    users =
        new BrokerUsers(
            uris(first.fact("amqp_uri")).get(0),
            first.fact("management_url").replaceFirst("://", "://" + login + "@"),
            Tls::ofJava);
    NodeUser user = new NodeUser(ALPHA);
    String password = users.enroll(user);
    String own =
        Stream.of(cluster.uris().split(","))
            .map(address -> BrokerUsers.addressFor(user, password, address))
            .collect(Collectors.joining(","));
    agent = new RabbitBroker(uris(own), Peer.agent(ALPHA));
  }

  @AfterEach
  void disconnect() throws Exception {
    one.close();
    agent.close();
    users.revoke(new NodeUser(ALPHA));
  }

  @Test
  void whicheverNodeIsKilledAllChannelsGoOnAtTheOthers() throws Exception {
    Set<Event> events = ConcurrentHashMap.newKeySet();
    BlockingQueue<AgentOrder> orders = new LinkedBlockingQueue<>();
    try (Subscription heard = one.events().subscribe(events::add);
        Subscription taken = agent.agents().consume(ALPHA, orders::add, (stream, chunk) -> {})) {
      assertAllGo(events, orders);
      for (RealServer node : cluster.nodes()) {
        node.kill();
        assertAllGo(events, orders);
        node.start();
        assertAllGo(events, orders);
      }
    }
  }

  /** What an agent tells, what it is told, and what it answers. */
  private void assertAllGo(Set<Event> events, BlockingQueue<AgentOrder> orders) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(BrokerException.class)
        .until(
            () -> {
              Event alive = new Event.ProcessAlive(Instant.now(), Peer.agent(ALPHA), NOW);
              agent.events().publish(alive);
              Thread.sleep(200);
              return events.contains(alive);
            });
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(BrokerException.class)
        .until(
            () -> {
              ReplyId id = ReplyId.random();
              try (ReplyChannel.Mailbox mailbox = one.replies().open(id, 10)) {
                one.agents().prepare(ALPHA);
                one.agents().send(ALPHA, new AgentOrder.Credit(id, 7));
                agent.replies().send(id, BrokerContract.chunk(0));
                return mailbox.receive(Duration.ofSeconds(2)).isPresent();
              }
            });
    await().atMost(PATIENCE).until(() -> orders.poll() != null);
    orders.clear();
  }

  @Test
  void noConfirmedJobAndNoOrderThatWaitsIsLostWithANode() throws Exception {
    Set<FetchJob> published = ConcurrentHashMap.newKeySet();
    Set<FetchJob> done = ConcurrentHashMap.newKeySet();
    List<AgentOrder> sent = Collections.synchronizedList(new ArrayList<>());
    try (Subscription jobs =
        one.jobs()
            .consumeFetches(
                2,
                delivery -> {
                  done.add(delivery.message());
                  delivery.ack();
                })) {
      int next = 0;
      for (RealServer node : cluster.nodes()) {
        publish(published, next++);
        sent.add(send());
        node.kill();
        publish(published, next++);
        sent.add(send());
        node.start();
      }
      await().atMost(PATIENCE).until(() -> done.containsAll(published));
    }
    Set<AgentOrder> came = ConcurrentHashMap.newKeySet();
    try (Subscription taken = agent.agents().consume(ALPHA, came::add, (stream, chunk) -> {})) {
      await().atMost(PATIENCE).until(() -> came.containsAll(sent));
    }
  }

  private void publish(Set<FetchJob> published, int number) {
    FetchJob job = JobQueueContract.job(number);
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(BrokerException.class)
        .until(
            () -> {
              one.jobs().publish(job);
              return published.add(job);
            });
  }

  private AgentOrder send() {
    AgentOrder order = new AgentOrder.Credit(ReplyId.random(), 1);
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(BrokerException.class)
        .until(
            () -> {
              one.agents().send(ALPHA, order);
              return true;
            });
    return order;
  }

  /** Of one that was a broker of its own before, or of a program that knows one address only. */
  @Test
  void aQueueOfANodeThatIsThereIsUsedAsItIs() throws Exception {
    NodeName beta = new NodeName("beta");
    BlockingQueue<AgentOrder> orders = new LinkedBlockingQueue<>();
    List<BrokerUri> first = uris(cluster.nodes().get(0).fact("amqp_uri"));
    try (RabbitBroker single = new RabbitBroker(first, Peer.agent(beta));
        Subscription taken = single.agents().consume(beta, orders::add, (stream, chunk) -> {})) {
      await().atMost(PATIENCE).until(() -> kind(beta).equals("classic"));
      one.agents().prepare(beta);
      assertThat(kind(beta)).isEqualTo("classic");
      AgentOrder order = new AgentOrder.Credit(ReplyId.random(), 1);
      one.agents().send(beta, order);
      assertThat(BrokerContract.next(orders)).isEqualTo(order);
      single.agents().prepare(ALPHA);
      assertThat(kind(ALPHA)).isEqualTo("quorum");
    } finally {
      try (Connection admin = first.get(0).factory().newConnection();
          Channel channel = admin.createChannel()) {
        channel.queueDelete(Topology.agentQueue(beta));
      }
    }
  }

  private static String kind(NodeName node) {
    String queue = Topology.agentQueue(node);
    return cluster
        .nodes()
        .get(0)
        .control("list_queues", "name", "type")
        .lines()
        .map(line -> line.split("\t"))
        .filter(words -> words[0].equals(queue))
        .map(words -> words[1])
        .findAny()
        .orElse("none");
  }
}
