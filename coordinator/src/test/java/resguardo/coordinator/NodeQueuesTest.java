package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
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
import resguardo.core.catalog.Registry;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Delivery;
import resguardo.core.port.Platform;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Event;
import resguardo.infra.runtime.ActivityLog;
import resguardo.infra.runtime.Heartbeat;
import resguardo.testkit.broker.BrokerContract;
import resguardo.testkit.broker.Interference;
import resguardo.testkit.broker.MemoryBroker;
import resguardo.testkit.broker.MemoryConnection;
import resguardo.testkit.store.MemoryArchiveStore;

/**
 * Workers that may make no queue of a node find it when they need it, whatever happens to it and to
 * whoever makes it.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class NodeQueuesTest {
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final NodeName BETA = new NodeName("beta");
  private static final Peer ONE = new Peer(Role.COORDINATOR, "one");
  private static final Peer TWO = new Peer(Role.COORDINATOR, "two");
  private static final AgentOrder ORDER = new AgentOrder.Cancel(ReplyId.random(), "an order");

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final Faults faults = new Faults();
  private final MemoryBroker broker = new MemoryBroker(faults);
  private final MemoryConnection worker =
      broker.connect(new Peer(Role.WORKER, "worker"), Platform.ofJvm());
  private final BlockingQueue<Delivery<FetchJob>> jobs = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> ends = new CopyOnWriteArrayList<>();

  /** Each call that makes a queue is noted; one may fail, or be the last of a coordinator. */
  private static final class Faults implements Interference {
    private final List<NodeName> made = new CopyOnWriteArrayList<>();
    private final List<NodeName> asked = new CopyOnWriteArrayList<>();
    private volatile Set<NodeName> refused = Set.of();
    private volatile Duration after = Duration.ZERO;
    private volatile @Nullable String lastOfOne;
    private volatile boolean oneIsDead;

    @Override
    public void before(Peer by, String call, @Nullable Object message) throws BrokerException {
      dies(by, "before " + call);
      if (message instanceof NodeName node) {
        asked.add(node);
        if (refused.contains(node)) {
          wait(after);
          throw new BrokerException.Unavailable("the node of the broker that has it is down", null);
        }
        made.add(node);
      }
    }

    private static void wait(Duration time) {
      try {
        Thread.sleep(time.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void after(Peer by, String call) throws BrokerException {
      dies(by, "after " + call);
    }

    private void dies(Peer by, String point) throws BrokerException {
      if (by.equals(ONE) && (oneIsDead || point.equals(lastOfOne))) {
        oneIsDead = true; // nothing that it does from now on has an effect
        throw new BrokerException.Unavailable("it is dead", null);
      }
    }
  }

  @BeforeEach
  void takeJobs() throws Exception {
    Subscription taken = worker.jobs().consumeFetches(10, jobs::add);
    ends.add(taken::close);
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable part : ends) {
      part.close();
    }
  }

  private void register(NodeName node) throws Exception {
    RegistrationKey key = new RegistrationKey(node, SourcePath.parse("/srv"));
    Registration registration =
        new Registration(
            key, new Schedule.Every(3600), 1, Instant.now(), Registration.State.ACTIVE);
    new Registry(store).save(registration, null);
    // Its agent is alive, and has made no queue.
    MemoryConnection agent = broker.connect(Peer.agent(node), Platform.ofJvm());
    ends.add(new Heartbeat(Peer.agent(node), Platform.ofJvm(), agent.ports().events()));
  }

  private Coordinator start(Peer self) throws Exception {
    MemoryConnection connection = broker.connect(self, Platform.ofJvm());
    ActivityLog activity = new ActivityLog(self, Platform.ofJvm(), connection.ports().activity());
    ends.add(activity);
    Coordinator coordinator =
        new Coordinator(OverMemory.context(self, store, connection, activity), () -> {});
    coordinator.start();
    return coordinator;
  }

  /** What a worker does first with a job. */
  private void order(Delivery<FetchJob> job) throws Exception {
    NodeName node = job.message().registration().node();
    worker.ports().agents().prepare(node);
    worker.ports().agents().send(node, ORDER);
  }

  private void giveBack(Delivery<FetchJob> job) throws Exception {
    worker
        .ports()
        .events()
        .publish(
            new Event.JobReturned(
                Instant.now(), worker.ports().self(), job.message(), "no queue", false));
    job.ack();
  }

  @Test
  void aJobFindsTheQueueOfItsNodeAndOneThatComesBackFindsItAgainWhenItWasLost() throws Exception {
    register(ALPHA);
    try (Coordinator leads = start(ONE)) {
      Delivery<FetchJob> first = BrokerContract.next(jobs);
      order(first);
      broker.loseQueueOf(ALPHA);
      assertThatThrownBy(() -> order(first)).isInstanceOf(BrokerException.Unroutable.class);
      giveBack(first);
      Delivery<FetchJob> second = BrokerContract.next(jobs);
      assertThat(second.message()).isEqualTo(first.message().again());
      order(second);
      assertThat(faults.made).containsExactly(ALPHA, ALPHA);
    }
  }

  @Test
  void oneThatCannotBeMadeHoldsUpNoOtherAndIsMadeWhenItCan() throws Exception {
    faults.refused = Set.of(ALPHA);
    register(ALPHA);
    register(BETA);
    try (Coordinator leads = start(ONE)) {
      Delivery<FetchJob> one = BrokerContract.next(jobs);
      Delivery<FetchJob> other = BrokerContract.next(jobs);
      boolean first = one.message().registration().node().equals(ALPHA);
      Delivery<FetchJob> alpha = first ? one : other;
      order(first ? other : one);
      assertThatThrownBy(() -> order(alpha)).isInstanceOf(BrokerException.Unroutable.class);
      faults.refused = Set.of();
      giveBack(alpha);
      order(BrokerContract.next(jobs));
    }
  }

  @Test
  void whereTheBrokerDoesNotAnswerItIsNotWaitedForOncePerNode() throws Exception {
    faults.refused = Set.of(ALPHA, BETA);
    faults.after = Duration.ofSeconds(2);
    register(ALPHA);
    register(BETA);
    try (Coordinator leads = start(ONE)) {
      Delivery<FetchJob> one = BrokerContract.next(jobs);
      Delivery<FetchJob> other = BrokerContract.next(jobs);
      assertThat(faults.asked).as("of whom it was waited for").hasSize(1);
      faults.refused = Set.of();
      giveBack(one);
      giveBack(other);
      Set<NodeName> served = new HashSet<>();
      while (served.size() < 2) {
        Delivery<FetchJob> job = BrokerContract.next(jobs);
        try {
          order(job);
          served.add(job.message().registration().node());
        } catch (BrokerException.Unroutable notYet) {
          giveBack(job);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "before agents.prepare",
        "after agents.prepare",
        "before jobs.publish",
        "after jobs.publish"
      })
  void whereverACoordinatorDiesOnItsWayToAJobTheNextOneMakesTheQueue(String point)
      throws Exception {
    faults.lastOfOne = point;
    register(ALPHA);
    try (Coordinator dies = start(ONE)) {
      await().atMost(Duration.ofSeconds(60)).until(() -> faults.oneIsDead);
    }
    try (Coordinator next = start(TWO)) {
      order(BrokerContract.next(jobs));
    }
  }

  @Test
  void anOrderThatFindsNoQueueGoesToANewOne() throws Exception {
    MemoryConnection connection = broker.connect(ONE, Platform.ofJvm());
    BlockingQueue<AgentOrder> came = new LinkedBlockingQueue<>();
    try (ActivityLog activity =
            new ActivityLog(ONE, Platform.ofJvm(), connection.ports().activity());
        Subscription agent =
            broker
                .connect(Peer.agent(ALPHA), Platform.ofJvm())
                .ports()
                .agents()
                .consume(ALPHA, came::add, (stream, chunk) -> {})) {
      NodeQueues queues = new NodeQueues(OverMemory.context(ONE, store, connection, activity));
      queues.send(ALPHA, ORDER);
      assertThat(BrokerContract.next(came)).isEqualTo(ORDER);
    }
  }
}
