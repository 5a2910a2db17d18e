package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static resguardo.infra.rabbit.HostileClient.publish;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.DefaultConsumer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.OperatorName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Delivery;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.ActivityLine;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Control;
import resguardo.core.protocol.Event;
import resguardo.testkit.broker.BrokerContract;
import resguardo.testkit.broker.JobQueueContract;

/** What roles may do at the broker with users of their own, and what not. */
class RoleUsersTest {
  private static final Duration PATIENCE = HostileClient.PATIENCE;
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final OperatorName MAIN = new OperatorName("main");
  private static final String ID = "0a1b0a1b0a1b0a1b0a1b0a1b0a1b0a1b";
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir static Path folder;

  @AutoClose private static TestRabbit rabbit;

  private BrokerUsers users;

  @BeforeAll
  static void startServer() {
    rabbit = TestRabbit.start(folder);
  }

  @BeforeEach
  void start() {
    users = rabbit.users();
  }

  @AfterEach
  void end() throws Exception {
    for (RoleUser user : users.roles()) {
      users.revoke(user);
    }
  }

  private BrokerUri enrolled(Role role) throws Exception {
    RoleUser user = new RoleUser(role, MAIN);
    BrokerUri uri = rabbit.uri(user, users.enroll(user));
    assertThat(RoleUser.of(uri)).contains(user);
    return uri;
  }

  private HostileClient worker() throws Exception {
    return new HostileClient(enrolled(Role.WORKER));
  }

  private HostileClient coordinator() throws Exception {
    return new HostileClient(enrolled(Role.COORDINATOR));
  }

  /** All that the two do at the broker, with an agent and somebody who asks. */
  @Test
  void coordinatorsAndWorkersDoTheirWork() throws Exception {
    Queues.empty(rabbit.uri(), Topology.FETCH_QUEUE);
    Queues.empty(rabbit.uri(), Topology.COMMAND_QUEUE);
    Peer self = new Peer(Role.WORKER, "main-1a2b3c");
    BlockingQueue<Delivery<FetchJob>> jobs = new LinkedBlockingQueue<>();
    BlockingQueue<Delivery<Command>> commands = new LinkedBlockingQueue<>();
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    BlockingQueue<ActivityLine> lines = new LinkedBlockingQueue<>();
    BlockingQueue<Control> controls = new LinkedBlockingQueue<>();
    BlockingQueue<AgentOrder> orders = new LinkedBlockingQueue<>();
    try (RabbitBroker lead =
            new RabbitBroker(
                List.of(enrolled(Role.COORDINATOR)), new Peer(Role.COORDINATOR, "main"));
        RabbitBroker work = new RabbitBroker(List.of(enrolled(Role.WORKER)), self);
        RabbitBroker anyone = new RabbitBroker(List.of(rabbit.uri()), Peer.agent(ALPHA));
        Subscription taken = lead.commands().consume(1, commands::add, refused -> {});
        Subscription fetches = work.jobs().consumeFetches(1, jobs::add);
        Subscription heard = lead.events().subscribe(events::add);
        Subscription told = anyone.activity().subscribe(lines::add);
        Subscription controlled = work.control().subscribe(controls::add)) {
      lead.await(PATIENCE);
      lead.declareAll(); // a worker waits for what it may not make
      work.await(PATIENCE);
      FetchJob job = JobQueueContract.job(1);
      lead.jobs().publish(job);
      Delivery<FetchJob> delivery = BrokerContract.next(jobs);
      assertThat(delivery.message()).isEqualTo(job);
      AgentOrder order = new AgentOrder.Cancel(ReplyId.random(), "as it is");
      work.agents().prepare(ALPHA); // which it leaves to others
      assertThatThrownBy(() -> work.agents().send(ALPHA, order))
          .isInstanceOf(BrokerException.Unroutable.class);
      lead.agents().prepare(ALPHA);
      work.agents().send(ALPHA, order);
      try (Subscription agent =
          anyone.agents().consume(ALPHA, orders::add, (stream, chunk) -> {})) {
        assertThat(BrokerContract.next(orders)).isEqualTo(order);
      }
      ReplyId id = ReplyId.random();
      try (ReplyChannel.Mailbox mailbox = work.replies().open(id, 4)) {
        anyone.replies().send(id, BrokerContract.chunk(7));
        assertThat(BrokerContract.nextSequence(mailbox)).isEqualTo(7);
      }
      Event running = new Event.ProcessAlive(NOW, self, NOW);
      work.events().publish(running);
      assertThat(BrokerContract.next(events)).isEqualTo(running);
      ActivityLine line = new ActivityLine(NOW, self, ALPHA, null, null, "did it");
      work.activity().publish(line);
      assertThat(BrokerContract.next(lines)).isEqualTo(line);
      Control stop = new Control.Shutdown(new Peer(Role.COORDINATOR, "main"), NOW);
      lead.control().publish(stop);
      assertThat(BrokerContract.next(controls)).isEqualTo(stop);
      long before = lead.jobs().deadLetters();
      delivery.dead("for good");
      org.awaitility.Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> lead.jobs().deadLetters() == before + 1);
      new HostileClient(rabbit.uri()).assertDone(publish(Topology.COMMANDS, "anything"));
      assertThat(users.roles()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"resguardo.commands", "resguardo.jobs", "resguardo.control", ""})
  void aWorkerSendsNeitherCommandsNorJobsNorTheWordToStop(String exchange) throws Exception {
    HostileClient worker = worker();
    for (String key : List.of("jobs.fetch", "fetch-worker.main.shutdown", "coordinator.commands")) {
      worker.assertRefused(key, publish(exchange, key));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"resguardo.replies", "resguardo.events", "resguardo.logs"})
  void nobodySpeaksForAnother(String exchange) throws Exception {
    HostileClient worker = worker();
    HostileClient coordinator = coordinator();
    String word = exchange.equals(Topology.REPLIES) ? ID : "word";
    worker.assertDone(publish(exchange, "fetch-worker.main." + word));
    worker.assertDone(publish(exchange, "fetch-worker.main-3." + word));
    coordinator.assertDone(publish(exchange, "coordinator.main." + word));
    for (String from :
        List.of(
            "coordinator.main",
            "agent.alpha",
            "admin.alice-0a1b2c",
            "fetch-worker.other",
            "fetch-worker.mainly")) {
      worker.assertRefused(from, publish(exchange, from + "." + word));
    }
    coordinator.assertRefused("worker", publish(exchange, "fetch-worker.main." + word));
    coordinator.assertRefused("another", publish(exchange, "coordinator.other." + word));
  }

  /** Neither as itself nor as a coordinator: then it could have jobs taken as published. */
  @Test
  void aWorkerTellsOfNothingThatCoordinatorsDecide() throws Exception {
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    BrokerUri ofWorkers = enrolled(Role.WORKER);
    Peer worker = new Peer(Role.WORKER, "main-1a2b3c");
    Peer leader = new Peer(Role.COORDINATOR, "main");
    FetchJob job = JobQueueContract.job(1);
    Event honest = new Event.JobRunning(NOW, worker, job, 0, 0);
    try (RabbitBroker lead = new RabbitBroker(List.of(enrolled(Role.COORDINATOR)), leader);
        RabbitBroker work = new RabbitBroker(List.of(ofWorkers), worker);
        RabbitBroker asALeader = new RabbitBroker(List.of(ofWorkers), leader);
        Subscription heard = lead.events().subscribe(events::add)) {
      lead.await(PATIENCE);
      lead.declareAll();
      work.await(PATIENCE);
      org.awaitility.Awaitility.await()
          .atMost(PATIENCE)
          .until(
              () -> {
                work.events().publish(new Event.JobPublished(NOW, worker, job));
                work.events().publish(new Event.JobPublished(NOW, leader, job));
                work.events().publish(honest);
                return !events.isEmpty();
              });
      assertThat(events).containsOnly(honest);
      assertThatThrownBy(() -> asALeader.events().publish(new Event.JobPublished(NOW, leader, job)))
          .isInstanceOf(BrokerException.NotAllowed.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "coordinator.commands",
        "dead.letters",
        "agent.alpha",
        "replies.coordinator.one.0",
        "replies.fetch-worker.other.0"
      })
  void aWorkerReadsWhatIsForWorkersAlone(String queue) throws Exception {
    HostileClient worker = worker();
    worker.assertRefused(queue, channel -> channel.basicGet(queue, true));
    worker.assertRefused(
        queue, channel -> channel.basicConsume(queue, new DefaultConsumer(channel)));
    worker.assertRefused(queue, channel -> channel.queuePurge(queue));
  }

  @Test
  void aWorkerMakesAndRemovesNothingThatAllUse() throws Exception {
    HostileClient worker = worker();
    for (String exchange : List.of(Topology.JOBS, Topology.COMMANDS, Topology.REPLIES, "another")) {
      worker.assertRefused(exchange, channel -> channel.exchangeDelete(exchange));
      worker.assertRefused(
          exchange, channel -> channel.exchangeDeclare(exchange, BuiltinExchangeType.TOPIC, true));
    }
    for (String queue : List.of("jobs.fetch", "coordinator.commands", "dead.letters", "another")) {
      worker.assertRefused(queue, channel -> channel.queueDelete(queue));
    }
    String own = "events.fetch-worker.main.1";
    for (String exchange :
        List.of(Topology.EVENTS, Topology.LOGS, Topology.COMMANDS, Topology.JOBS)) {
      worker.assertRefused(
          exchange,
          channel -> {
            channel.queueDeclare(own, true, false, false, Map.of("x-expires", 60_000));
            channel.queueBind(own, exchange, "#");
          });
    }
  }

  /** Nor does it learn what they are told: the queue is somebody else's. */
  @ParameterizedTest
  @ValueSource(strings = {"alpha", "a-node-that-was-never-seen"})
  void aWorkerDoesNothingToQueuesOfNodes(String node) throws Exception {
    BlockingQueue<AgentOrder> orders = new LinkedBlockingQueue<>();
    HostileClient worker = worker();
    String queue = "agent." + node;
    String own = "events.fetch-worker.main.1";
    AgentOrder order = new AgentOrder.Cancel(ReplyId.random(), "it waits");
    NodeName name = new NodeName(node);
    try (RabbitBroker lead =
            new RabbitBroker(
                List.of(enrolled(Role.COORDINATOR)), new Peer(Role.COORDINATOR, "main"));
        RabbitBroker anyone = new RabbitBroker(List.of(rabbit.uri()), Peer.agent(name))) {
      lead.await(PATIENCE);
      if (name.equals(ALPHA)) {
        lead.agents().prepare(name);
        lead.agents().send(name, order);
      }
      List<Map<String, Object>> bounds =
          List.of(
              Map.of(),
              Map.of("x-max-length", 0),
              Map.of("x-message-ttl", 0),
              Map.of("x-expires", 1_000),
              Map.of("x-queue-type", "quorum"));
      for (Map<String, Object> bound : bounds) {
        worker.assertRefused(
            "make it with " + bound, c -> c.queueDeclare(queue, true, false, false, bound));
      }
      worker.assertRefused("remove it", channel -> channel.queueDelete(queue));
      worker.assertRefused("empty it", channel -> channel.queuePurge(queue));
      worker.assertRefused("bind it", c -> c.queueBind(queue, Topology.AGENTS, "another"));
      worker.assertRefused("bind it elsewhere", c -> c.queueBind(queue, Topology.LOGS, "#"));
      worker.assertRefused("unbind it", c -> c.queueUnbind(queue, Topology.AGENTS, node));
      worker.assertRefused("read it", channel -> channel.basicGet(queue, true));
      worker.assertRefused(
          "read what goes there",
          channel -> {
            channel.queueDeclare(own, true, false, false, Map.of("x-expires", 60_000));
            channel.queueBind(own, Topology.AGENTS, node);
          });
      if (!name.equals(ALPHA)) {
        lead.agents().prepare(name);
        lead.agents().send(name, order);
      }
      try (Subscription agent = anyone.agents().consume(name, orders::add, (stream, chunk) -> {})) {
        assertThat(BrokerContract.next(orders)).isEqualTo(order);
      }
    }
  }

  @Test
  void retentionTellsWhatItDoesAndHearsTheWordToStop() throws Exception {
    Peer self = new Peer(Role.RETENTION, "main-1a2b3c");
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    BlockingQueue<ActivityLine> lines = new LinkedBlockingQueue<>();
    BlockingQueue<Control> controls = new LinkedBlockingQueue<>();
    try (RabbitBroker anyone =
            new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.COORDINATOR, "one"));
        RabbitBroker retention = new RabbitBroker(List.of(enrolled(Role.RETENTION)), self);
        Subscription heard = anyone.events().subscribe(events::add);
        Subscription told = anyone.activity().subscribe(lines::add);
        Subscription controlled = retention.control().subscribe(controls::add)) {
      anyone.await(PATIENCE);
      anyone.declareAll();
      retention.await(PATIENCE);
      Event running = new Event.ProcessAlive(NOW, self, NOW);
      retention.events().publish(running);
      assertThat(BrokerContract.next(events)).isEqualTo(running);
      ActivityLine line = new ActivityLine(NOW, self, ALPHA, null, null, "did it");
      retention.activity().publish(line);
      assertThat(BrokerContract.next(lines)).isEqualTo(line);
      Control stop = new Control.Shutdown(new Peer(Role.COORDINATOR, "one"), NOW);
      anyone.control().publish(stop);
      assertThat(BrokerContract.next(controls)).isEqualTo(stop);
    }
  }

  @Test
  void retentionDoesNothingElse() throws Exception {
    HostileClient retention = new HostileClient(enrolled(Role.RETENTION));
    retention.assertDone(publish(Topology.EVENTS, "retention.main.word"));
    retention.assertRefused("another", publish(Topology.EVENTS, "retention.other.word"));
    retention.assertRefused("a worker", publish(Topology.EVENTS, "fetch-worker.main.word"));
    retention.assertRefused("an answer", publish(Topology.REPLIES, "retention.main." + ID));
    for (String exchange : List.of(Topology.COMMANDS, Topology.JOBS, Topology.CONTROL, "")) {
      retention.assertRefused(exchange, publish(exchange, "jobs.fetch"));
    }
    for (String queue :
        List.of("coordinator.commands", "jobs.fetch", "dead.letters", "agent.alpha")) {
      retention.assertRefused(queue, channel -> channel.basicGet(queue, true));
      retention.assertRefused(queue, channel -> channel.queueDelete(queue));
    }
    for (String exchange :
        List.of(Topology.EVENTS, Topology.LOGS, Topology.REPLIES, Topology.COMMANDS)) {
      retention.assertRefused(
          exchange,
          channel -> {
            String own = "control.retention.main.1";
            channel.queueDeclare(own, true, false, false, Map.of("x-expires", 60_000));
            channel.queueBind(own, exchange, "#");
          });
    }
  }

  @Test
  void thoseThatWereEnrolledBeforeGetTheLimitsOfNowWhenTheNextIs() throws Exception {
    enrolled(Role.WORKER);
    String worker = new RoleUser(Role.WORKER, MAIN).name();
    rabbit.server().control("set_user_limits", worker, "{\"max-channels\": 7}");
    assertThat(limits(worker)).contains("\"max-channels\":7").doesNotContain("960");
    enrolled(Role.RETENTION);
    assertThat(limits(worker)).contains("\"max-channels\":960", "\"max-connections\":400");
  }

  private static String limits(String user) {
    return rabbit.server().control("-q", "list_user_limits", "--user", user);
  }

  @Test
  void aCoordinatorTakesNoJobsAndSendsNoCommands() throws Exception {
    HostileClient coordinator = coordinator();
    coordinator.assertRefused("jobs", channel -> channel.basicGet("jobs.fetch", true));
    coordinator.assertRefused("orders", channel -> channel.basicGet("agent.alpha", true));
    coordinator.assertRefused("commands", publish(Topology.COMMANDS, "coordinator.main.shutdown"));
    coordinator.assertRefused("past all", publish("", "jobs.fetch"));
  }
}
