package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.FetchJob;
import resguardo.core.Registration;
import resguardo.core.ReplyId;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.port.Delivery;
import resguardo.core.port.JobQueue;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Sender;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.DrillOrder;
import resguardo.core.protocol.QueryJob;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.time.ForwardingPlatform;

/** Work that is not done when the broker would take whoever has it in hand for dead. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LongWorkTest {
  private static final long PATIENCE = 30;

  @TempDir Path spool;
  private final RestoreStage stage = new RestoreStage((order, words) -> {});
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final CountDownLatch mayGoOn = new CountDownLatch(1);
  private CountDownLatch brokerAnswers = new CountDownLatch(0);

  /** Whether what is to be done later is done at once. */
  private boolean soon;

  private final BlockingQueue<Later> later = new LinkedBlockingQueue<>();
  private final Jobs jobs = new Jobs();
  private final MemoryArchiveStore memory = new MemoryArchiveStore();

  /** What is to be done when a message has been in hand for as long as any may be. */
  private record Later(Runnable work, ScheduledFuture<?> future) {}

  @AfterEach
  void end() {
    stage.close();
  }

  private FetchWorker worker() {
    WorkerContext like = stage.context(new SlowStore(), spool);
    return new FetchWorker(
        new WorkerContext(
            like.self(),
            new Time(),
            like.spool(),
            like.store(),
            jobs,
            like.agents(),
            like.replies(),
            like.events(),
            like.activity(),
            like.slices(),
            like.patience(),
            like.metrics()),
        1);
  }

  private static Registration registration() {
    return new Registration(
        TestVersion.KEY, new Schedule.Every(60), 1, Instant.EPOCH, Registration.State.ACTIVE);
  }

  private static FetchJob job() {
    return FetchJob.first(registration(), Instant.EPOCH);
  }

  private static QueryJob query() {
    return new QueryJob(
        TestVersion.KEY, Serial.first(), QueryJob.What.ARCHIVE, null, null, null, ReplyId.random());
  }

  private static QueryJob drill() {
    return QueryJob.drill(
        TestVersion.KEY,
        Serial.first(),
        ReplyId.random(),
        new DrillOrder(Instant.EPOCH, true, Long.MAX_VALUE, null, null));
  }

  private void give(String what) {
    switch (what) {
      case "job" -> jobs.fetches.accept(new Given<>(job()));
      case "query" -> jobs.queries.accept(new Given<>(query()));
      default -> jobs.queries.accept(new Given<>(drill()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"job", "query", "drill"})
  void whatIsInHandForLongIsTakenOffItsQueueAndGoesOnToItsEnd(String what) throws Exception {
    try (FetchWorker worker = worker()) {
      assertThat(worker).isNotNull();
      Thread thread = new Thread(() -> give(what));
      thread.start();
      Later release = Objects.requireNonNull(later.poll(PATIENCE, TimeUnit.SECONDS));
      assertThat(release.future().getDelay(TimeUnit.MINUTES))
          .isBetween(Delivery.LONGEST.toMinutes() - 2, Delivery.LONGEST.toMinutes());
      assertThat(said).isEmpty();
      release.work().run();
      assertThat(said).containsExactly("released");
      mayGoOn.countDown();
      thread.join();
      assertThat(said).containsExactly("released", "acked");
    }
  }

  @Test
  void whatHasEndedIsNotReleasedAfterwards() throws Exception {
    mayGoOn.countDown();
    try (FetchWorker worker = worker()) {
      assertThat(worker).isNotNull();
      give("job");
      give("query");
      give("drill");
      assertThat(said).containsExactly("acked", "acked", "acked");
      assertThat(later).hasSize(3).allMatch(release -> release.future().isCancelled());
    }
  }

  /** As one whose broker is sick, and does not answer. */
  @Test
  void aReleaseThatWaitsForTheBrokerKeepsNoSignOfLifeFromBeingTold() throws Exception {
    soon = true;
    brokerAnswers = new CountDownLatch(1);
    try (FetchWorker worker = worker()) {
      assertThat(worker).isNotNull();
      Thread thread = new Thread(() -> jobs.fetches.accept(new Given<>(job())));
      thread.start();
      await().atMost(Duration.ofSeconds(PATIENCE)).until(() -> said.contains("releasing"));
      int before = stage.events().size();
      await()
          .atMost(Duration.ofSeconds(PATIENCE))
          .until(() -> stage.events().size() > before + 1); // one may have been under way
      assertThat(said).containsExactly("releasing");
      brokerAnswers.countDown();
      mayGoOn.countDown();
      thread.join();
    }
  }

  /** A copy of it was published while it was in hand, and its connection is lost ever again. */
  @Test
  void whatAnotherCopyHasDoneIsNoFailureHoweverOftenItComes() throws Exception {
    mayGoOn.countDown();
    new Registry(memory).save(registration(), null);
    FetchJob job = job();
    StatusBook statuses = new StatusBook(memory);
    Status done =
        new Status(
            job.id(),
            job.slot(),
            Status.Outcome.UNCHANGED,
            null,
            job.slot(),
            job.slot(),
            Serial.first());
    statuses.save(job.registration(), done);
    try (FetchWorker worker = worker()) {
      assertThat(worker).isNotNull();
      jobs.fetches.accept(new Given<>(job, 6));
      assertThat(said).containsExactly("acked");
      assertThat(statuses.find(job.registration())).contains(done);
    }
  }

  /** As a network is that leads far away: nothing comes before the test says so. */
  private final class SlowStore extends ForwardingStore {
    SlowStore() {
      super(memory);
    }

    private void await() throws StoreException {
      try {
        if (!mayGoOn.await(PATIENCE, TimeUnit.SECONDS)) {
          throw new StoreException.Unavailable("this test went wrong", null);
        }
      } catch (InterruptedException e) {
        throw new StoreException.Unavailable("this test ends", e);
      }
    }

    @Override
    public Optional<StoredObject> head(ObjectKey key) throws StoreException {
      await();
      return super.head(key);
    }

    @Override
    public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
      await();
      return super.read(key, offset, length);
    }

    @Override
    public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int most)
        throws StoreException {
      await();
      return super.list(prefix, after, most);
    }
  }

  private final class Given<T> implements Delivery<T> {
    private final T message;
    private final int deliveries;

    Given(T message) {
      this(message, 1);
    }

    Given(T message, int deliveries) {
      this.message = message;
      this.deliveries = deliveries;
    }

    @Override
    public T message() {
      return message;
    }

    @Override
    public Sender sender() {
      return Sender.UNKNOWN;
    }

    @Override
    public int deliveries() {
      return deliveries;
    }

    @Override
    public void ack() {
      said.add("acked");
    }

    @Override
    public void handBack() {
      said.add("handed back");
    }

    @Override
    public void release() {
      if (brokerAnswers.getCount() > 0) {
        said.add("releasing");
      }
      try {
        brokerAnswers.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      said.add("released");
    }

    @Override
    public void dead(String reason) {
      said.add("dead");
    }
  }

  private static final class Jobs implements JobQueue {
    private Consumer<Delivery<FetchJob>> fetches = any -> {};
    private Consumer<Delivery<QueryJob>> queries = any -> {};

    @Override
    public void publish(FetchJob job) {
      throw new UnsupportedOperationException("a worker publishes none");
    }

    @Override
    public void publish(QueryJob job) {
      throw new UnsupportedOperationException("a worker publishes none");
    }

    @Override
    public Subscription consumeFetches(int slots, Consumer<Delivery<FetchJob>> handler) {
      fetches = handler;
      return new Taken();
    }

    @Override
    public Subscription consumeQueries(int slots, Consumer<Delivery<QueryJob>> handler) {
      queries = handler;
      return new Taken();
    }

    @Override
    public long waitingFetches() {
      return 0;
    }

    @Override
    public long deadLetters() {
      return 0;
    }
  }

  private static final class Taken implements Subscription {
    @Override
    public void pause() {}

    @Override
    public void close() {}
  }

  /** Whose long times come when the test says so. */
  private final class Time extends ForwardingPlatform {
    @Override
    public ScheduledExecutorService timer(String name, int threads) {
      return new ScheduledThreadPoolExecutor(threads) {
        @Override
        public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
          ScheduledFuture<?> future = super.schedule(work, soon ? 0 : delay, unit);
          later.add(new Later(work, future));
          return future;
        }
      };
    }
  }
}
