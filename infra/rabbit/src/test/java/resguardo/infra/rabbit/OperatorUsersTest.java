package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static resguardo.infra.rabbit.HostileClient.PATIENCE;
import static resguardo.infra.rabbit.HostileClient.publish;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.DefaultConsumer;
import java.nio.file.Path;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.NodeName;
import resguardo.core.OperatorName;
import resguardo.core.Peer;
import resguardo.core.Permission;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.SourcePath;
import resguardo.core.port.BrokerException;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.DeadLetter;
import resguardo.core.port.Delivery;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.ActivityLine;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.Json;
import resguardo.testkit.broker.BrokerContract;

/** What an operator can do who may not do all, with any client. */
class OperatorUsersTest {
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
  private static final OperatorName ALICE = new OperatorName("alice");
  private static final Peer ALICES = new Peer(Role.ADMIN, "alice-0a1b2c");
  private static final String READERS_KEY = "admin.alice-0a1b2c.list";

  @TempDir static Path folder;

  @AutoClose private static TestRabbit rabbit;

  private final BlockingQueue<Delivery<Command>> came = new LinkedBlockingQueue<>();
  private static final String ID = "0a1b0a1b0a1b0a1b0a1b0a1b0a1b0a1b";
  private static final String LED = "*.*." + ID;

  private final BlockingQueue<CommandChannel.Malformed> refused = new LinkedBlockingQueue<>();
  private RabbitBroker ours;
  private BrokerUsers users;

  @BeforeAll
  static void startServer() {
    rabbit = TestRabbit.start(folder);
  }

  @BeforeEach
  void start() throws Exception {
    users = rabbit.users();
    ours = new RabbitBroker(List.of(rabbit.uri()), new Peer(Role.COORDINATOR, "one"));
    ours.await(PATIENCE);
    ours.declareAll();
    Queues.empty(rabbit.uri(), Topology.COMMAND_QUEUE);
  }

  @AfterEach
  void end() throws Exception {
    ours.close();
    for (OperatorUser user : users.operators()) {
      users.revoke(user);
    }
  }

  private BrokerUri enrolled(Permission may) throws Exception {
    OperatorUser user = new OperatorUser(ALICE, may);
    return rabbit.uri(user, users.enroll(user));
  }

  private HostileClient hostile(Permission may) throws Exception {
    return new HostileClient(enrolled(may));
  }

  private Subscription taken() {
    return ours.commands()
        .consume(
            1,
            delivery -> {
              came.add(delivery);
              delivery.ack();
            },
            refused::add);
  }

  @ParameterizedTest
  @EnumSource(names = {"READ", "WRITE"})
  void anOperatorAsksAndIsAnsweredAndSeesWhatGoesOn(Permission may) throws Exception {
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    try (RabbitBroker alices = new RabbitBroker(List.of(enrolled(may)), ALICES);
        Subscription commands = taken();
        Subscription heard = alices.events().subscribe(events::add);
        Subscription lines = alices.activity().subscribe(line -> {});
        Subscription told = alices.control().subscribe(word -> {})) {
      ReplyId id = ReplyId.random();
      try (ReplyChannel.Mailbox mailbox = alices.replies().open(id, 10)) {
        alices.commands().send(new Command.ListRegistrations(null, id));
        Delivery<Command> delivery = BrokerContract.next(came);
        assertThat(delivery.sender().user()).isEqualTo("operator.alice");
        assertThat(delivery.sender().peer()).isEqualTo(ALICES);
        ours.replies().send(id, new Reply.Said(new Answer.Done("so it is")));
        assertThat(BrokerContract.next(mailbox).message())
            .isEqualTo(new Reply.Said(new Answer.Done("so it is")));
        alices.replies().send(id, new Reply.Credit(3)); // as for a stream
        assertThat(BrokerContract.next(mailbox).from()).isEqualTo(ALICES);
      }
      Event alive = new Event.ProcessAlive(NOW, ours(), NOW);
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                ours.events().publish(alive);
                return events.contains(alive);
              });
    }
  }

  private static Peer ours() {
    return new Peer(Role.COORDINATOR, "one");
  }

  @Test
  void whatIsNotAllowedIsToldAsThatAndTheNextGoesOut() throws Exception {
    try (RabbitBroker alices = new RabbitBroker(List.of(enrolled(Permission.READ)), ALICES);
        Subscription commands = taken()) {
      assertThatThrownBy(() -> alices.commands().send(new Command.Shutdown(null)))
          .isInstanceOf(BrokerException.NotAllowed.class)
          .hasMessageContaining("operator.alice");
      await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(BrokerException.Unavailable.class) // it connects again
          .until(
              () -> {
                alices.commands().send(new Command.ListRegistrations(null, null));
                return true;
              });
      assertThat(BrokerContract.next(came).message()).isInstanceOf(Command.ListRegistrations.class);
    }
  }

  @Test
  void whoeverMayWriteSendsAllCommandsButAboutUsers() throws Exception {
    HostileClient alice = hostile(Permission.WRITE);
    for (String word : List.of("register", "unregister", "query", "restore", "shutdown", "list")) {
      alice.assertDone(publish(Topology.COMMANDS, "admin.alice-0a1b2c." + word));
    }
    for (String word : List.of("accessChanged", "operatorChanged", "any", "", "list.more")) {
      alice.assertRefused(word, publish(Topology.COMMANDS, "admin.alice-0a1b2c." + word));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "admin.alice-0a1b2c.register",
        "admin.alice-0a1b2c.unregister",
        "admin.alice-0a1b2c.restore",
        "admin.alice-0a1b2c.shutdown",
        "admin.alice-0a1b2c.accessChanged",
        "admin.alice-0a1b2c.list.register",
        "admin.alice-0a1b2c.listx",
        "admin.alice.list",
        "admin.alice-0a1b2c3.list",
        "admin.alicex-0a1b2c.list",
        "admin.bob-0a1b2c.list",
        "coordinator.alice-0a1b2c.list",
        "agent.alice-0a1b2c.list",
        "list",
        ""
      })
  void whoeverMayReadSendsNothingElseAndInNobodyElsesName(String key) throws Exception {
    HostileClient alice = hostile(Permission.READ);
    alice.assertRefused(key, publish(Topology.COMMANDS, key));
    alice.assertDone(publish(Topology.COMMANDS, READERS_KEY));
  }

  @Test
  void aCommandThatComesByTheKeyOfAnotherIsRefusedAndToldAndNotCarriedOut() throws Exception {
    ReplyId id = ReplyId.random();
    Command shutdown = new Command.Shutdown(id);
    Map<String, Object> byTheWay =
        Map.of(
            "CC", List.of("admin.alice-0a1b2c.shutdown"),
            "BCC", List.of("admin.bob-0a1b2c.shutdown"));
    HostileClient alice = hostile(Permission.READ);
    try (Subscription commands = taken()) {
      alice.assertDone(sent(shutdown, Map.of()));
      CommandChannel.Malformed one = BrokerContract.next(refused);
      assertThat(one.reason()).contains("shutdown").contains(READERS_KEY);
      assertThat(one.replyTo()).isEqualTo(id);
      // RabbitMQ up to 4.0.2 does not look at these; newer ones refuse the message.
      try {
        alice.assertDone(sent(shutdown, byTheWay));
      } catch (Exception e) {
        assertThat(HostileClient.reason(e)).contains("ACCESS_REFUSED");
      }
      new HostileClient(rabbit.uri())
          .assertDone(sent(new Command.ListRegistrations(null, null), Map.of()));
      assertThat(BrokerContract.next(came).message()).isInstanceOf(Command.ListRegistrations.class);
      assertThat(came).isEmpty();
    }
  }

  private static HostileClient.Attempt sent(Command command, Map<String, Object> headers) {
    return sent(Topology.COMMANDS, READERS_KEY, command, headers);
  }

  private static HostileClient.Attempt sent(
      String exchange, String key, Command command, Map<String, Object> headers) {
    AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder().headers(headers).build();
    return channel -> channel.basicPublish(exchange, key, properties, Json.write(command));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"resguardo.jobs", "resguardo.agents", "resguardo.control", "resguardo.dead", ""})
  void nothingIsSentPastTheCoordinator(String exchange) throws Exception {
    HostileClient alice = hostile(Permission.WRITE);
    for (String key :
        List.of("jobs.fetch", "alpha", "admin.alice-0a1b2c.shutdown", "agent.alpha")) {
      alice.assertRefused(key, publish(exchange, key));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"resguardo.replies", "resguardo.events", "resguardo.logs"})
  void nobodySpeaksForAnother(String exchange) throws Exception {
    HostileClient alice = hostile(Permission.WRITE);
    for (String key :
        List.of(
            "fetch-worker.w1." + ID,
            "coordinator.one." + ID,
            "agent.alpha." + ID,
            "admin.bob-0a1b2c." + ID)) {
      alice.assertRefused(key, publish(exchange, key));
    }
  }

  @Test
  void answersToOthersAreNotRead() throws Exception {
    HostileClient alice = hostile(Permission.WRITE);
    String own = "replies.admin.alice-0a1b2c.0";
    for (String key :
        List.of("#", "*.*.*", "*.#", "fetch-worker.#", "*.*.0a1b#", "#.0a1b", "*.*.dead")) {
      alice.assertRefused(
          key,
          channel -> {
            channel.queueDeclare(own, true, false, false, Map.of("x-expires", 60_000));
            channel.queueBind(own, Topology.REPLIES, key);
          });
    }
    try (ReplyChannel.Mailbox mailbox = ours.replies().open(ReplyId.random(), 1)) {
      for (String queue :
          List.of(
              "replies.coordinator.one.0",
              "coordinator.commands",
              "jobs.fetch",
              "jobs.restore",
              "dead.letters")) {
        alice.assertRefused(queue, channel -> channel.basicGet(queue, true));
        alice.assertRefused(
            queue, channel -> channel.basicConsume(queue, new DefaultConsumer(channel)));
        alice.assertRefused(queue, channel -> channel.queuePurge(queue));
        alice.assertRefused(queue, channel -> channel.queueDelete(queue));
      }
    }
  }

  @Test
  void nothingIsMadeOrRemovedButQueuesOfItsOwn() throws Exception {
    HostileClient alice = hostile(Permission.WRITE);
    for (String queue :
        List.of(
            "mine",
            "agent.alpha",
            "replies.admin.bob-0a1b2c.0",
            "replies.admin.alice-0a1b2c.0.more",
            "x.replies.admin.alice-0a1b2c.0")) {
      alice.assertRefused(
          queue, channel -> channel.queueDeclare(queue, true, false, false, Map.of()));
    }
    alice.assertRefused(
        "exchange", channel -> channel.exchangeDeclare("mine", BuiltinExchangeType.FANOUT));
    alice.assertRefused("exchange away", channel -> channel.exchangeDelete(Topology.COMMANDS));
    for (String exchange : List.of(Topology.EVENTS, Topology.LOGS, Topology.CONTROL)) {
      alice.assertRefused(exchange, channel -> channel.exchangeBind(exchange, Topology.LOGS, "#"));
    }
    for (String exchange : List.of(Topology.COMMANDS, Topology.JOBS, Topology.AGENTS)) {
      alice.assertRefused(
          exchange,
          channel -> {
            String own = "events.admin.alice-0a1b2c.1";
            channel.queueDeclare(own, true, false, false, Map.of("x-expires", 60_000));
            channel.queueBind(own, exchange, "#");
          });
    }
  }

  @Test
  void whatIsLedFromElsewhereToTheCommandsIsNotCarriedOut() throws Exception {
    Command shutdown = new Command.Shutdown(null);
    HostileClient alice = hostile(Permission.READ);
    for (String exchange : List.of(Topology.EVENTS, Topology.LOGS, Topology.REPLIES)) {
      String all = exchange.equals(Topology.REPLIES) ? LED : "#";
      alice.assertDone(channel -> channel.exchangeBind(Topology.COMMANDS, exchange, all));
    }
    NodeUser accomplice = new NodeUser(new NodeName("alpha"));
    String password = users.enroll(accomplice);
    HostileClient alpha = new HostileClient(rabbit.uri(accomplice, password));
    try (Subscription commands = taken()) {
      for (String exchange : List.of(Topology.EVENTS, Topology.LOGS)) {
        alpha.assertDone(sent(exchange, "agent.alpha.shutdown", shutdown, Map.of()));
        new HostileClient(rabbit.uri()) // a stolen worker may tell events of any word
            .assertDone(sent(exchange, "fetch-worker.main.shutdown", shutdown, Map.of()));
        alice.assertRefused(exchange, publish(exchange, "admin.alice-0a1b2c.shutdown"));
      }
      alice.assertDone(sent(Topology.REPLIES, "admin.alice-0a1b2c." + ID, shutdown, Map.of()));
      assertThat(BrokerContract.next(refused).reason()).contains("admin.alice-0a1b2c." + ID);
      alice.assertDone(sent(new Command.ListRegistrations(null, null), Map.of()));
      assertThat(BrokerContract.next(came).message()).isInstanceOf(Command.ListRegistrations.class);
    } finally {
      users.revoke(accomplice);
    }
    assertThat(came).isEmpty();
    assertThat(refused).isEmpty(); // of what is told of it, nothing more is led here
    assertThat(dead()).noneMatch(letter -> String.valueOf(letter.reason()).contains(".shutdown"));
  }

  /** Each line about what is refused would come back as what is refused. */
  @Test
  void whatIsLedToTheCommandsMakesNoDeadLetterAndNoLine() throws Exception {
    HostileClient alice = hostile(Permission.READ);
    BlockingQueue<ActivityLine> lines = new LinkedBlockingQueue<>();
    alice.assertDone(channel -> channel.exchangeBind(Topology.COMMANDS, Topology.LOGS, "#"));
    try (Subscription commands = taken();
        Subscription heard = ours.activity().subscribe(lines::add)) {
      for (int i = 0; i < 3; i++) {
        ours.activity().publish(new ActivityLine(NOW, ours(), null, null, null, "line " + i));
      }
      for (int i = 0; i < 3; i++) {
        assertThat(BrokerContract.next(lines).what()).isEqualTo("line " + i);
      }
      alice.assertDone(sent(new Command.ListRegistrations(null, null), Map.of()));
      assertThat(BrokerContract.next(came).message()).isInstanceOf(Command.ListRegistrations.class);
    }
    assertThat(refused).isEmpty();
    assertThat(dead()).noneMatch(letter -> letter.text().contains("line "));
  }

  @Test
  void whatAnOperatorMadeAtTheBrokerGoesWithTheUser() throws Exception {
    OperatorUser user = new OperatorUser(ALICE, Permission.READ);
    HostileClient alice = new HostileClient(rabbit.uri(user, users.enroll(user)));
    String own = "events.admin.alice-0a1b2c.9";
    String others = "events.admin.bob-0a1b2c.9";
    HostileClient root = new HostileClient(rabbit.uri());
    root.assertDone(channel -> channel.queueDeclare(others, true, false, false, Map.of()));
    alice.assertDone(
        channel -> {
          channel.queueDeclare(own, true, false, false, Map.of());
          channel.queueBind(own, Topology.EVENTS, "#");
          channel.exchangeBind(Topology.COMMANDS, Topology.EVENTS, "#");
          channel.exchangeBind(Topology.REPLIES, Topology.LOGS, "a.*.b");
        });
    users.revoke(user);
    root.assertRefused(own, channel -> channel.queueDeclarePassive(own), "NOT_FOUND");
    root.assertDone(channel -> channel.queueDeclarePassive(others));
    root.assertDone(channel -> channel.queueDelete(others));
    try (Subscription commands = taken()) {
      // Were it still led there, it would come before what follows.
      ours.events().publish(new Event.ProcessAlive(NOW, ours(), NOW));
      root.assertDone(
          channel ->
              channel.basicPublish(
                  Topology.COMMANDS,
                  "admin.bob-0a1b2c.list",
                  new AMQP.BasicProperties(),
                  Json.write(new Command.ListRegistrations(null, null))));
      assertThat(BrokerContract.next(came).message()).isInstanceOf(Command.ListRegistrations.class);
    }
  }

  /** RabbitMQ has a bound for all users together. */
  @Test
  void whoeverFillsTheBrokerWithQueuesIsNamedAndABoundOfThemHolds() throws Exception {
    OperatorUser alice = new OperatorUser(ALICE, Permission.READ);
    OperatorUser bob = new OperatorUser(new OperatorName("bob"), Permission.READ);
    HostileClient thief = new HostileClient(rabbit.uri(alice, users.enroll(alice)));
    BrokerUri ofBob = rabbit.uri(bob, users.enroll(bob));
    rabbit.server().control("set_vhost_limits", "{\"max-queues\": 60}");
    try (Subscription commands = taken()) {
      thief.assertRefused(
          "ever more queues",
          channel -> {
            for (int i = 0; i < 100; i++) {
              channel.queueDeclare("events.admin.alice-0a1b2c." + i, true, false, false, Map.of());
            }
          },
          "limit");
      assertThat(users.queues(List.of(alice, bob)).get(alice)).isBetween(30L, 60L);
      assertThat(users.queues(List.of(alice, bob)).get(bob)).isZero();
      users.revoke(alice);
      try (RabbitBroker broker =
              new RabbitBroker(List.of(ofBob), new Peer(Role.ADMIN, "bob-0a1b2c"));
          ReplyChannel.Mailbox answers = broker.replies().open(ReplyId.random(), 1)) {
        assertThat(answers).isNotNull();
        broker.commands().send(new Command.ListRegistrations(null, null));
        assertThat(BrokerContract.next(came).message())
            .isInstanceOf(Command.ListRegistrations.class);
      }
    } finally {
      rabbit.server().control("clear_vhost_limits");
    }
  }

  private List<DeadLetter> dead() throws BrokerException {
    return ours.dead().list(1000);
  }

  /**
   * A queue may say where what grows old in it goes, and by which key: that is not among the keys
   * that the broker looks at.
   */
  @Test
  void whatTheBrokerGaveAnotherKeyIsNotCarriedOut() throws Exception {
    HostileClient alice = hostile(Permission.READ);
    String queue = "events.admin.alice-0a1b2c.7";
    Command shutdown = new Command.Shutdown(null);
    try (Subscription commands = taken()) {
      for (String claimed : List.of("admin.alice-0a1b2c", "admin.bob-0a1b2c", "coordinator.two")) {
        alice.assertDone(
            channel -> {
              channel.queueDeclare(
                  queue,
                  true,
                  false,
                  false,
                  Map.of(
                      "x-expires",
                      60_000,
                      "x-message-ttl",
                      1,
                      "x-dead-letter-exchange",
                      Topology.COMMANDS,
                      "x-dead-letter-routing-key",
                      claimed + ".shutdown"));
              channel.queueBind(queue, Topology.REPLIES, LED);
            });
        alice.assertDone(sent(Topology.REPLIES, "admin.alice-0a1b2c." + ID, shutdown, Map.of()));
        alice.assertDone(channel -> channel.queueDelete(queue));
      }
      alice.assertDone(sent(new Command.ListRegistrations(null, null), Map.of()));
      assertThat(BrokerContract.next(came).message()).isInstanceOf(Command.ListRegistrations.class);
      assertThat(came).isEmpty();
      assertThat(refused).isEmpty();
    }
  }

  @Test
  void aCommandThatNobodyCanHandleKeepsNoOtherFromBeingHandled() throws Exception {
    HostileClient alice = hostile(Permission.READ);
    ReplyId id = ReplyId.random();
    try (Subscription commands =
        ours.commands()
            .consume(
                1,
                delivery -> {
                  if (id.equals(delivery.message().replyTo())) {
                    throw new IllegalStateException("as it happens");
                  }
                  came.add(delivery);
                  delivery.ack();
                },
                refused::add)) {
      alice.assertDone(sent(new Command.ListRegistrations(null, id), Map.of()));
      alice.assertDone(sent(new Command.ListRegistrations(null, null), Map.of()));
      assertThat(BrokerContract.next(came).message().replyTo()).isNull();
      assertThat(BrokerContract.next(refused).replyTo()).isEqualTo(id);
    }
  }

  @Test
  void whoeverIsRevokedIsOutAtOnceAndANewPasswordLeavesWhatTheyMay() throws Exception {
    OperatorUser user = new OperatorUser(ALICE, Permission.WRITE);
    String old = users.enroll(user);
    assertThat(users.operators()).containsExactly(user);
    assertThat(users.nodes()).isEmpty();
    com.rabbitmq.client.Connection before = rabbit.uri(user, old).factory().newConnection();
    users.rotate(users.operator(ALICE));
    await().atMost(PATIENCE).until(() -> !before.isOpen());
    assertThat(users.operator(ALICE)).isEqualTo(user);
    users.revoke(user);
    assertThatThrownBy(() -> users.operator(ALICE))
        .isInstanceOfSatisfying(
            ManagementException.class,
            e -> assertThat(e.kind()).isEqualTo(ManagementException.Kind.NOT_FOUND));
  }

  @Test
  void whoPublishesByHandWithAKeyThatIsNoneOfOursIsServedAsBefore() throws Exception {
    Command command = new Command.Unregister(new NodeName("n"), SourcePath.parse("/p"), null);
    try (Subscription commands = taken()) {
      new HostileClient(rabbit.uri())
          .assertDone(
              channel ->
                  channel.basicPublish(
                      Topology.COMMANDS,
                      "anything",
                      new AMQP.BasicProperties(),
                      Json.write(command)));
      assertThat(BrokerContract.next(came).message()).isEqualTo(command);
    }
  }
}
