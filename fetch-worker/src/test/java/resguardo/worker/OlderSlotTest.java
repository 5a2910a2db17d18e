package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.FetchJob;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.SliceLimit;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;
import resguardo.core.version.VersionHeader;
import resguardo.infra.runtime.ActivityLog;
import resguardo.testkit.broker.Interference;
import resguardo.testkit.broker.MemoryBroker;
import resguardo.testkit.broker.MemoryConnection;
import resguardo.testkit.store.MemoryArchiveStore;

class OlderSlotTest {
  private static final Peer SELF = new Peer(Role.WORKER, "one");

  @TempDir Path spool;
  private final ArchiveStore store = new MemoryArchiveStore();
  private final MemoryConnection broker =
      new MemoryBroker(Interference.NONE).connect(SELF, Platform.ofJvm());

  private VersionHeader newest() throws Exception {
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      return new TestVersion().folder("srv/data").store(store, threads, spool);
    } finally {
      threads.shutdownNow();
    }
  }

  /** The status of the version may not be written yet: so it is the version that tells. */
  @Test
  void aJobThatALeaderPublishedWhenALaterSlotWasDoneMakesNoVersion() throws Exception {
    VersionHeader newest = newest();
    Registration registration =
        new Registration(
            TestVersion.KEY,
            new Schedule.Every(60),
            1,
            newest.slot().minusSeconds(600),
            Registration.State.ACTIVE);
    new Registry(store).save(registration, null);
    broker.jobs().publish(FetchJob.first(registration, newest.slot().minusSeconds(60)));
    try (ActivityLog activity = new ActivityLog(SELF, Platform.ofJvm(), broker.ports().activity());
        FetchWorker worker = new FetchWorker(context(activity), 1)) {
      assertThat(worker).isNotNull();
      Optional<Status> status =
          await()
              .atMost(Duration.ofSeconds(30))
              .until(() -> new StatusBook(store).find(TestVersion.KEY), Optional::isPresent);
      assertThat(status.orElseThrow().lastOutcome()).isEqualTo(Status.Outcome.CANCELLED);
      assertThat(status.orElseThrow().lastReason()).contains("version 000001 is of a later slot");
    }
    assertThat(new VersionCatalog(store).serials(TestVersion.KEY))
        .isEqualTo(List.of(newest.serial()));
  }

  private WorkerContext context(ActivityLog activity) {
    return new WorkerContext(
        SELF,
        Platform.ofJvm(),
        spool,
        store,
        broker.jobs(),
        broker.ports().agents(),
        broker.ports().replies(),
        broker.ports().events(),
        activity,
        SliceLimit.USUAL,
        Duration.ofHours(6),
        new SimpleMeterRegistry());
  }
}
