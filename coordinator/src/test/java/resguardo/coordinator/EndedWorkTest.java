package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.port.Content;
import resguardo.core.port.Delivery;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Event;
import resguardo.infra.runtime.ActivityLog;
import resguardo.infra.runtime.Heartbeat;
import resguardo.testkit.broker.BrokerContract;
import resguardo.testkit.broker.Interference;
import resguardo.testkit.broker.MemoryBroker;
import resguardo.testkit.broker.MemoryConnection;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;

/**
 * What ended is what the bucket says, whatever a worker tells, and whoever dies between its word
 * and the look.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class EndedWorkTest {
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final RegistrationKey KEY = new RegistrationKey(ALPHA, SourcePath.parse("/srv"));
  private static final Peer ONE = new Peer(Role.COORDINATOR, "one");
  private static final Peer TWO = new Peer(Role.COORDINATOR, "two");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Peer WORKER = new Peer(Role.WORKER, "worker");

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final MemoryBroker broker = new MemoryBroker(Interference.NONE);
  private final MemoryConnection worker = broker.connect(WORKER, Platform.ofJvm());
  private final BlockingQueue<Delivery<FetchJob>> jobs = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> ends = new CopyOnWriteArrayList<>();
  private final Registration registration =
      new Registration(
          KEY,
          new Schedule.Every(1),
          1,
          Instant.now().truncatedTo(ChronoUnit.SECONDS),
          Registration.State.ACTIVE);

  /** What becomes of a coordinator at the look at a status. */
  private enum Fate {
    LIVES,
    DIES_BEFORE,
    DIES_AFTER
  }

  /** The bucket, as one coordinator reaches it; with its way to the broker, which ends with it. */
  private final class Reached extends ForwardingStore {
    private final Peer by;
    private final Fate fate;
    private final MemoryConnection connection;
    private final AtomicInteger looks = new AtomicInteger();
    private final CountDownLatch open = new CountDownLatch(1);
    private volatile int failures;
    private volatile boolean dead;

    Reached(Peer by, Fate fate) {
      super(store);
      this.by = by;
      this.fate = fate;
      this.connection = broker.connect(by, Platform.ofJvm());
    }

    @Override
    public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
      if (dead) {
        throw new StoreException.Unavailable("it is dead", null);
      } else if (!key.equals(BucketLayout.status(KEY))) {
        return super.read(key, offset, length);
      }
      int look = looks.incrementAndGet();
      awaitOpen();
      if (look <= failures) {
        throw new StoreException.Unavailable("the store is away", null);
      } else if (fate == Fate.DIES_BEFORE) {
        throw dies();
      }
      InputStream read = super.read(key, offset, length);
      if (fate == Fate.DIES_AFTER) {
        StoreException.Unavailable unused = dies();
      }
      return read;
    }

    private void awaitOpen() {
      try {
        open.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private StoreException.Unavailable dies() {
      connection.end();
      dead = true;
      return new StoreException.Unavailable("it is dead", null);
    }

    @Override
    public StoredObject putIfMatch(ObjectKey key, String etag, Content content)
        throws StoreException {
      if (dead) {
        throw new StoreException.Unavailable("it is dead", null);
      }
      return super.putIfMatch(key, etag, content);
    }
  }

  @BeforeEach
  void start() throws Exception {
    Subscription taken = worker.jobs().consumeFetches(10, jobs::add);
    ends.add(taken::close);
    new Registry(store).save(registration, null);
    MemoryConnection agent = broker.connect(Peer.agent(ALPHA), Platform.ofJvm());
    ends.add(new Heartbeat(Peer.agent(ALPHA), Platform.ofJvm(), agent.ports().events()));
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable part : ends) {
      part.close();
    }
  }

  private void start(Reached reached) throws Exception {
    MemoryConnection connection = reached.connection;
    Peer self = reached.by;
    ActivityLog activity = new ActivityLog(self, Platform.ofJvm(), connection.ports().activity());
    Coordinator coordinator =
        new Coordinator(OverMemory.context(self, reached, connection, activity), () -> {});
    ends.add(coordinator);
    ends.add(activity);
    coordinator.start();
  }

  private static Status status(FetchJob job, long ahead) {
    Instant slot = job.slot().plusSeconds(ahead);
    return new Status(job.id(), slot, Status.Outcome.UNCHANGED, null, slot, slot, null);
  }

  private void tell(FetchJob job, Status status) throws Exception {
    worker.ports().events().publish(new Event.JobEnded(Instant.now(), WORKER, job, status));
  }

  /** As a worker does it. */
  private void ended(Delivery<FetchJob> delivery) throws Exception {
    FetchJob job = delivery.message();
    tell(job, new StatusBook(store).save(KEY, status(job, 0)));
    delivery.ack();
  }

  /** The next job is that of a slot which is due, after this one. */
  private void assertGoesOnAfter(FetchJob job) throws Exception {
    FetchJob next = BrokerContract.next(jobs).message();
    assertThat(next.slot()).isAfter(job.slot()).isBeforeOrEqualTo(Instant.now());
    assertThat(next.attempt()).isEqualTo(1);
  }

  private Answer.RegistrationLine line() throws Exception {
    MemoryConnection operator = broker.connect(new Peer(Role.ADMIN, "operator"), Platform.ofJvm());
    ReplyId id = ReplyId.random();
    try (ReplyChannel.Mailbox mailbox = operator.ports().replies().open(id, 4)) {
      operator.ports().commands().send(new Command.ListRegistrations(null, id));
      Reply.Said said = (Reply.Said) BrokerContract.next(mailbox).message();
      return ((Answer.Registrations) said.answer()).lines().get(0);
    }
  }

  /** As whoever has the password of a worker could tell it. */
  @ParameterizedTest
  @ValueSource(longs = {0, 200, 86_400})
  void anEndThatIsNotInTheBucketIsNone(long ahead) throws Exception {
    Reached one = new Reached(ONE, Fate.LIVES);
    one.open.countDown();
    start(one);
    Delivery<FetchJob> first = BrokerContract.next(jobs);
    tell(first.message(), status(first.message(), ahead));
    await().atMost(PATIENCE).until(() -> one.looks.get() > 0);
    assertThat(line().status()).isNull();
    assertThat(line().openSince()).isNotNull();
    assertThat(jobs).isEmpty();
    ended(first);
    assertGoesOnAfter(first.message());
  }

  @ParameterizedTest
  @EnumSource
  void anEndIsKnownWhoeverDiesBetweenTheWordOfItAndTheLook(Fate fate) throws Exception {
    Reached one = new Reached(ONE, fate);
    one.open.countDown();
    start(one);
    Delivery<FetchJob> first = BrokerContract.next(jobs);
    ended(first);
    if (fate != Fate.LIVES) {
      await().atMost(PATIENCE).until(() -> one.dead);
      Reached two = new Reached(TWO, Fate.LIVES);
      two.open.countDown();
      start(two);
    }
    assertGoesOnAfter(first.message());
  }

  @Test
  void whereTheStoreIsAwayAtTheLookItIsLookedAgain() throws Exception {
    Reached one = new Reached(ONE, Fate.LIVES);
    one.failures = 1;
    one.open.countDown();
    start(one);
    Delivery<FetchJob> first = BrokerContract.next(jobs);
    ended(first);
    assertGoesOnAfter(first.message());
    assertThat(one.looks.get()).isGreaterThan(1);
  }

  @Test
  void aFloodOfWordsIsOneLookAndOneMoreAndNothingWaitsForIt() throws Exception {
    Reached one = new Reached(ONE, Fate.LIVES);
    start(one);
    Delivery<FetchJob> first = BrokerContract.next(jobs);
    tell(first.message(), status(first.message(), 0));
    await().atMost(PATIENCE).until(() -> one.looks.get() == 1);
    for (int i = 0; i < 1000; i++) {
      tell(first.message(), status(first.message(), i));
    }
    assertThat(line().openSince()).as("it answers meanwhile").isNotNull();
    assertThat(one.looks).hasValue(1);
    one.open.countDown();
    ended(first);
    assertGoesOnAfter(first.message());
    assertThat(one.looks.get()).isLessThan(100);
  }
}
