package resguardo.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.SourcePath;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.Delivery;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.ActivityLine;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Control;
import resguardo.core.protocol.Event;

/** What the command, agent, reply, event, activity and control channels promise. */
public interface BrokerContract {
  /** How long anything may take that is to happen. */
  Duration PATIENCE = Duration.ofSeconds(30);

  /** A node of the tests. */
  NodeName ALPHA = new NodeName("alpha");

  /** A time of the tests. */
  Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  /** The ports of one process. */
  BrokerPorts one();

  /** The ports of another process at the same broker. */
  BrokerPorts two();

  /** The next of what came. */
  static <T> T next(BlockingQueue<T> came) throws InterruptedException {
    T message = came.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(message).as("a message").isNotNull();
    return Objects.requireNonNull(message);
  }

  /** The next of a mailbox. */
  static ReplyChannel.Received next(ReplyChannel.Mailbox mailbox) throws Exception {
    Optional<ReplyChannel.Received> received = mailbox.receive(PATIENCE);
    assertThat(received).as("a reply").isPresent();
    return received.orElseThrow();
  }

  /** A small piece of a stream: what agents send. */
  static Reply.Chunk chunk(long sequence) {
    return new Reply.Chunk(sequence, ChunkKind.ARCHIVE, 0, new byte[1]);
  }

  /** The number of the next of a mailbox, which is a piece of a stream. */
  static long nextSequence(ReplyChannel.Mailbox mailbox) throws Exception {
    return ((Reply.Chunk) next(mailbox).message()).sequence();
  }

  @Test
  default void aCommandIsTakenByTheCoordinatorOnceAlsoWhenItWasNotThereBefore() throws Exception {
    BlockingQueue<Delivery<Command>> came = new LinkedBlockingQueue<>();
    Command first = new Command.Unregister(ALPHA, SourcePath.parse("/a 1\n"), ReplyId.random());
    Command second = new Command.Shutdown(null);
    // Once a coordinator was there its queue stays, and what it has not done comes again.
    try (Subscription early = two().commands().consume(0, came::add, bad -> {})) {
      sendWhenTaken(first);
      next(came);
    }
    one().commands().send(second);
    try (Subscription all = two().commands().consume(0, came::add, bad -> {})) {
      // The broker may notice late that the one before is gone: what it had then comes second.
      Delivery<Command> earlier = next(came);
      earlier.ack();
      Delivery<Command> later = next(came);
      later.ack();
      assertThat(List.of(earlier.message(), later.message()))
          .containsExactlyInAnyOrder(first, second);
    }
  }

  @Test
  default void ofSeveralThatTakeCommandsTheOneOfTheHighestRankGetsThem() throws Exception {
    BlockingQueue<Delivery<Command>> low = new LinkedBlockingQueue<>();
    BlockingQueue<Delivery<Command>> high = new LinkedBlockingQueue<>();
    try (Subscription before = one().commands().consume(7, low::add, bad -> {})) {
      sendWhenTaken(new Command.Shutdown(null));
      next(low).ack();
      try (Subscription after = two().commands().consume(8, high::add, bad -> {})) {
        // Which of both is there yet when the first is sent is not known.
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  one().commands().send(new Command.Shutdown(null));
                  return ackedOneOf(low, high) == high;
                });
        int toHigh = 0;
        for (int i = 0; i < 20; i++) {
          one().commands().send(new Command.Shutdown(null));
          toHigh += ackedOneOf(low, high) == high ? 1 : 0;
          Thread.sleep(100); // the ack arrives, as a rule: until then it can take no more
        }
        // By turns it would be ten.
        assertThat(toHigh).isGreaterThan(15);
      }
    }
  }

  /** Acks the next, of whichever of both it is. */
  private static BlockingQueue<Delivery<Command>> ackedOneOf(
      BlockingQueue<Delivery<Command>> one, BlockingQueue<Delivery<Command>> other)
      throws Exception {
    await().atMost(PATIENCE).until(() -> !one.isEmpty() || !other.isEmpty());
    BlockingQueue<Delivery<Command>> taken = one.isEmpty() ? other : one;
    next(taken).ack();
    return taken;
  }

  /** A queue may come into being a moment after its consumer began in the background. */
  private void sendWhenTaken(Command command) {
    await()
        .atMost(PATIENCE)
        .ignoreException(BrokerException.Unroutable.class)
        .until(
            () -> {
              one().commands().send(command);
              return true;
            });
  }

  @Test
  default void ordersWaitForAnAgentThatIsOfflineAndComeInTheirOrder() throws Exception {
    BlockingQueue<AgentOrder> came = new LinkedBlockingQueue<>();
    ReplyId stream = ReplyId.random();
    one().agents().prepare(ALPHA);
    one().agents().prepare(ALPHA);
    List<AgentOrder> orders =
        List.of(
            new AgentOrder.Credit(stream, 16),
            new AgentOrder.Cancel(stream, "gone"),
            new AgentOrder.Stop(Instant.now().plus(PATIENCE)));
    for (AgentOrder order : orders) {
      one().agents().send(ALPHA, order);
    }
    try (Subscription all = two().agents().consume(ALPHA, came::add, (id, chunk) -> {})) {
      for (AgentOrder order : orders) {
        assertThat(next(came)).isEqualTo(order);
      }
    }
    try (Subscription again = two().agents().consume(ALPHA, came::add, (id, chunk) -> {})) {
      one().agents().send(ALPHA, orders.get(0));
      assertThat(next(came)).isEqualTo(orders.get(0));
    }
  }

  /** Whatever the clock of the node says: only the time that the order lay there counts. */
  @Test
  default void anOrderThatNobodyWaitsForAnyMoreComesToNobody() throws Exception {
    BlockingQueue<AgentOrder> came = new LinkedBlockingQueue<>();
    AgentOrder mark = new AgentOrder.Credit(ReplyId.random(), 16);
    one().agents().prepare(ALPHA);
    one().agents().send(ALPHA, new AgentOrder.Stop(Instant.now().minusSeconds(1)));
    one().agents().send(ALPHA, mark);
    try (Subscription all = two().agents().consume(ALPHA, came::add, (id, chunk) -> {})) {
      assertThat(next(came)).isEqualTo(mark);
    }
  }

  @Test
  default void piecesOfAStreamComeToAnAgentAsBytesAndInOrder() throws Exception {
    BlockingQueue<Map.Entry<ReplyId, Reply.Chunk>> came = new LinkedBlockingQueue<>();
    ReplyId stream = ReplyId.random();
    one().agents().prepare(ALPHA);
    byte[] payload = new byte[512 * 1024];
    new java.util.Random(3).nextBytes(payload);
    try (Subscription all =
        two().agents().consume(ALPHA, order -> {}, (id, chunk) -> came.add(Map.entry(id, chunk)))) {
      for (int i = 0; i < 20; i++) {
        one().agents().send(ALPHA, stream, new Reply.Chunk(i, ChunkKind.ARCHIVE, 77, payload));
      }
      for (int i = 0; i < 20; i++) {
        Map.Entry<ReplyId, Reply.Chunk> next = next(came);
        assertThat(next.getKey()).isEqualTo(stream);
        assertThat(next.getValue().sequence()).isEqualTo(i);
        assertThat(next.getValue().kind()).isEqualTo(ChunkKind.ARCHIVE);
        assertThat(next.getValue().crc32c()).isEqualTo(77);
        assertThat(next.getValue().payload()).isEqualTo(payload);
      }
    }
  }

  @Test
  default void aPieceForANodeWithoutAQueueIsToldAsUnroutableSoonerOrLater() {
    ReplyId stream = ReplyId.random();
    Reply.Chunk chunk = new Reply.Chunk(0, ChunkKind.ARCHIVE, 0, new byte[1]);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        org.assertj.core.api.Assertions.catchThrowable(
                            () -> one().agents().send(new NodeName("nobody"), stream, chunk)))
                    .isInstanceOf(BrokerException.Unroutable.class));
  }

  @Test
  default void anOrderForANodeWithoutAQueueIsToldAsUnroutable() {
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> one().agents().send(new NodeName("nobody"), new AgentOrder.Stop(NOW))))
        .isInstanceOf(BrokerException.Unroutable.class);
  }

  @Test
  default void repliesComeInOrderWithTheirSenderToTheMailboxTheyWereSentTo() throws Exception {
    ReplyId first = ReplyId.random();
    ReplyId second = ReplyId.random();
    byte[] large = new byte[512 * 1024];
    large[7] = 7;
    try (ReplyChannel.Mailbox a = two().replies().open(first, 10);
        ReplyChannel.Mailbox b = two().replies().open(second, 10)) {
      one().replies().send(first, new Reply.Chunk(0, ChunkKind.ARCHIVE, -5, large));
      one().replies().send(second, new Reply.Said(new Answer.Done("é")));
      one().replies().send(first, new Reply.Credit(1L << 40));
      ReplyChannel.Received chunk = next(a);
      assertThat(chunk.from()).isEqualTo(one().self());
      assertThat(chunk.message()).isInstanceOf(Reply.Chunk.class);
      Reply.Chunk received = (Reply.Chunk) chunk.message();
      assertThat(received.payload()).isEqualTo(large);
      assertThat(List.of(received.sequence(), received.crc32c(), received.kind()))
          .isEqualTo(List.of(0L, -5, ChunkKind.ARCHIVE));
      assertThat(next(a).message()).isEqualTo(new Reply.Credit(1L << 40));
      assertThat(next(b).message()).isEqualTo(new Reply.Said(new Answer.Done("é")));
      assertThat(a.receive(Duration.ofMillis(1))).isEmpty();
    }
  }

  @Test
  default void whatIsSentToNobodyIsToldAtALaterCall() {
    ReplyId nobody = ReplyId.random();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        org.assertj.core.api.Assertions.catchThrowable(
                            () -> two().replies().send(nobody, new Reply.Credit(1))))
                    .isInstanceOf(BrokerException.Unroutable.class));
  }

  @Test
  default void whatIsMoreThanAMailboxHoldsIsDroppedAndTold() throws Exception {
    ReplyId id = ReplyId.random();
    try (ReplyChannel.Mailbox mailbox = one().replies().open(id, 2)) {
      for (int i = 0; i < 5; i++) {
        two().replies().send(id, chunk(i));
      }
      await().atMost(PATIENCE).until(mailbox::overflowed);
      assertThat(mailbox.receive(PATIENCE))
          .as("what has gaps is of no use, and takes no memory; nobody waits for more")
          .isEmpty();
    }
  }

  @Test
  default void anAnswerThatIsSaidOnceMoreThanThereIsRoomForIsStillRead() throws Exception {
    ReplyId id = ReplyId.random();
    Reply first = new Reply.Said(new Answer.Done("it is done"));
    try (ReplyChannel.Mailbox mailbox = two().replies().open(id, 1)) {
      one().replies().send(id, first);
      one().replies().send(id, new Reply.Said(new Answer.Done("it was done")));
      await().atMost(PATIENCE).until(mailbox::overflowed);
      assertThat(next(mailbox).message()).isEqualTo(first);
    }
  }

  @Test
  default void whatNoAgentSendsBreaksOffWhatWasReceivedFromIt() throws Exception {
    assertThat(two().self().role()).isEqualTo(Role.AGENT);
    for (Reply never :
        List.of(new Reply.Credit(1), new Reply.Said(new Answer.Done("so it says")))) {
      ReplyId id = ReplyId.random();
      try (ReplyChannel.Mailbox mailbox = one().replies().open(id, 10)) {
        two().replies().send(id, chunk(0));
        two().replies().send(id, never);
        await().atMost(PATIENCE).until(mailbox::overflowed);
        two().replies().send(id, chunk(1));
        assertThat(mailbox.receive(PATIENCE)).as("nothing is kept").isEmpty();
      }
    }
  }

  @Test
  default void aCommandSaysWhoSentItAndFromWhere() throws Exception {
    BlockingQueue<Delivery<Command>> came = new LinkedBlockingQueue<>();
    try (Subscription all = two().commands().consume(0, came::add, bad -> {})) {
      one().commands().send(new Command.Checkup(ReplyId.random()));
      Delivery<Command> delivery = next(came);
      delivery.ack();
      assertThat(delivery.sender().peer()).isEqualTo(one().self());
      assertThat(delivery.sender().user()).isNotBlank();
      assertThat(delivery.sender().from()).startsWith(System.getProperty("user.name") + "@");
    }
  }

  @Test
  default void aCommandOfAnAgentIsPassedOver() throws Exception {
    BlockingQueue<Delivery<Command>> came = new LinkedBlockingQueue<>();
    BlockingQueue<CommandChannel.Malformed> refused = new LinkedBlockingQueue<>();
    assertThat(two().self().role()).isEqualTo(Role.AGENT);
    try (Subscription all = one().commands().consume(0, came::add, refused::add)) {
      two().commands().send(new Command.Shutdown(ReplyId.random()));
      one().commands().send(new Command.Checkup(ReplyId.random()));
      Delivery<Command> other = next(came);
      other.ack();
      assertThat(other.message()).isInstanceOf(Command.Checkup.class);
      assertThat(came).isEmpty();
      assertThat(refused).isEmpty();
    }
  }

  @Test
  default void whetherSomebodyTakesTheOrdersOfANodeIsKnownToTheBroker() throws Exception {
    NodeName node = new NodeName("watched");
    assertThat(one().agents().isTaken(node)).as("there is no such queue").isFalse();
    one().agents().prepare(node);
    assertThat(one().agents().isTaken(node)).isFalse();
    try (Subscription all = two().agents().consume(node, order -> {}, (stream, chunk) -> {})) {
      await().atMost(PATIENCE).until(() -> one().agents().isTaken(node));
    }
    await().atMost(PATIENCE).until(() -> !one().agents().isTaken(node));
  }

  @Test
  default void eventsComeToAllWhoAreSubscribed() throws Exception {
    BlockingQueue<Event> first = new LinkedBlockingQueue<>();
    BlockingQueue<Event> second = new LinkedBlockingQueue<>();
    Event event = new Event.ProcessAlive(NOW, two().self(), NOW);
    two().events().publish(event); // to nobody: not an error
    try (Subscription a = one().events().subscribe(first::add);
        Subscription b = two().events().subscribe(second::add)) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                two().events().publish(event);
                return !first.isEmpty() && !second.isEmpty();
              });
      assertThat(next(first)).isEqualTo(event);
      assertThat(next(second)).isEqualTo(event);
    }
  }

  @Test
  default void anEventThatSaysItIsFromAnotherIsDropped() throws Exception {
    BlockingQueue<Event> came = new LinkedBlockingQueue<>();
    Event forged = new Event.ProcessStopped(NOW, Peer.agent(new NodeName("victim")));
    Event honest = new Event.ProcessStopped(NOW, two().self());
    try (Subscription all = one().events().subscribe(came::add)) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                two().events().publish(forged);
                two().events().publish(honest);
                return !came.isEmpty();
              });
      assertThat(came).containsOnly(honest);
    }
  }

  @Test
  default void anAgentSpeaksOfItselfAloneAndWhatItSaysOfJobsIsDropped() throws Exception {
    BlockingQueue<Event> came = new LinkedBlockingQueue<>();
    assertThat(two().self().role()).isEqualTo(Role.AGENT);
    Event ofAJob =
        new Event.JobReturned(NOW, two().self(), JobQueueContract.job(1), "as it wishes", false);
    Event ofItself = new Event.ProcessStopped(NOW, two().self());
    try (Subscription all = one().events().subscribe(came::add)) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                two().events().publish(ofAJob);
                two().events().publish(ofItself);
                return !came.isEmpty();
              });
      assertThat(came).containsOnly(ofItself);
    }
  }

  @Test
  default void anAgentTellsLinesOfItsOwnNodeAlone() throws Exception {
    BlockingQueue<ActivityLine> came = new LinkedBlockingQueue<>();
    ActivityLine ofAnother =
        new ActivityLine(NOW, two().self(), new NodeName("beta"), null, null, "lost everything");
    ActivityLine ofNone = new ActivityLine(NOW, two().self(), null, null, null, "started");
    try (Subscription all = one().activity().subscribe(came::add)) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                two().activity().publish(ofAnother);
                two().activity().publish(ofNone);
                return !came.isEmpty();
              });
      assertThat(came).containsOnly(ofNone);
    }
  }

  @Test
  default void activityAndControlComeToAllWhoAreSubscribed() throws Exception {
    BlockingQueue<ActivityLine> lines = new LinkedBlockingQueue<>();
    BlockingQueue<Control> controls = new LinkedBlockingQueue<>();
    ActivityLine line = new ActivityLine(NOW, two().self(), ALPHA, null, null, "did a thing");
    Control control = new Control.Shutdown(two().self(), NOW);
    try (Subscription a = one().activity().subscribe(lines::add);
        Subscription b = one().control().subscribe(controls::add)) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                two().activity().publish(line);
                two().control().publish(control);
                return !lines.isEmpty() && !controls.isEmpty();
              });
      assertThat(next(lines)).isEqualTo(line);
      assertThat(next(controls)).isEqualTo(control);
    }
  }
}
