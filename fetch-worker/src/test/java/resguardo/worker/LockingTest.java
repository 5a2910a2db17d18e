package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.Registration;
import resguardo.core.Schedule;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Registry;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.MemoryArchiveStore;

/** For how long versions are locked, and by whom when somebody dies over it. */
class LockingTest {
  private static final Instant NOW = Instant.now();
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir Path spool;
  private final ExecutorService threads = Executors.newSingleThreadExecutor();
  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private VersionHeader version;
  private ObjectKey manifest;

  @BeforeEach
  void begin() throws Exception {
    version = new TestVersion().folder("srv/data").files("srv/data/a").store(store, threads, spool);
    manifest = BucketLayout.manifest(TestVersion.KEY, version.serial());
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private Locking locking(Instant now, Duration time) {
    store.canLock();
    return new Locking(store, Clock.fixed(now, ZoneOffset.UTC), Optional.of(time));
  }

  private Optional<Instant> until(ObjectKey key) throws StoreException {
    ObjectLock locks = store.locks().orElseThrow();
    return locks.until(key);
  }

  @Test
  void aVersionIsLockedWithAllThatItLeansOn() throws Exception {
    locking(NOW, DAY).committed(version);
    assertThat(until(manifest)).contains(NOW.plus(DAY));
    assertThat(until(TestVersion.ARCHIVE)).contains(NOW.plus(DAY));
  }

  @Test
  void anArchiveThatALaterVersionLeansOnIsLockedForAsLongAsThatOne() throws Exception {
    locking(NOW, DAY).committed(version);
    Instant later = NOW.plus(Duration.ofHours(5));
    locking(later, DAY).committed(version); // as for another that names the same archive
    assertThat(until(TestVersion.ARCHIVE)).contains(later.plus(DAY));
  }

  @Test
  void whatIsLockedForLongerStaysSo() throws Exception {
    locking(NOW, DAY.multipliedBy(30)).committed(version);
    locking(NOW, DAY).committed(version);
    locking(NOW, DAY).needed(version);
    assertThat(until(TestVersion.ARCHIVE)).contains(NOW.plus(DAY.multipliedBy(30)));
    assertThat(until(manifest)).contains(NOW.plus(DAY.multipliedBy(30)));
  }

  @Test
  void theLatestIsLockedAnewWhenHalfOfItsTimeIsOverAndItIsStillWhatIsThere() throws Exception {
    locking(NOW, DAY).committed(version);
    locking(NOW.plus(Duration.ofHours(11)), DAY).needed(version);
    assertThat(until(manifest)).contains(NOW.plus(DAY));
    Instant later = NOW.plus(Duration.ofHours(13));
    locking(later, DAY).needed(version);
    assertThat(until(manifest)).contains(later.plus(DAY));
    assertThat(until(TestVersion.ARCHIVE)).contains(later.plus(DAY));
  }

  @Test
  void oneThatWasMadeBeforeLocksWereAskedForIsLockedWhenItIsFoundToBeWhatIsThere()
      throws Exception {
    locking(NOW, DAY).needed(version);
    assertThat(until(manifest)).contains(NOW.plus(DAY));
  }

  @Test
  void whereNoneIsAskedForNothingIsLocked() throws Exception {
    store.canLock();
    Locking none = new Locking(store, Clock.systemUTC(), Optional.empty());
    none.committed(version);
    none.needed(version);
    assertThat(none.refusal()).isEmpty();
    assertThat(until(manifest)).isEmpty();
  }

  @Test
  void whereTheStoreHasNoneItIsSaidBeforeAnythingIsDone() {
    Locking asked = new Locking(store, Clock.systemUTC(), Optional.of(DAY));
    assertThatThrownBy(() -> asked.committed(version)).isInstanceOf(StoreException.Denied.class);
    assertThat(outcome(DAY))
        .isEqualTo(
            new JobOutcome.Failed("versions are to be locked, and the bucket has no object lock"));
  }

  /** What comes of a job whose version is there already. */
  private JobOutcome outcome(Duration lock) {
    BackupOptions options = BackupOptions.NONE.lockedFor(lock);
    Registration registration =
        new Registration(
            TestVersion.KEY,
            new Schedule.Every(60),
            options,
            version.generation(),
            version.slot(),
            Registration.State.ACTIVE);
    FetchJob job =
        new FetchJob(version.job(), TestVersion.KEY, version.generation(), version.slot(), 0, 1);
    try (RestoreStage stage = new RestoreStage((order, words) -> {})) {
      new Registry(store).save(registration, null);
      JobOutcome outcome = new BackupFlow(stage.context(store, spool), job).run();
      assertThat(stage.orders()).as("no agent is asked").isEqualTo(List.<AgentOrder>of());
      return outcome;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aVersionWhoseMakerDiedBeforeItWasLockedIsLockedByWhoeverTakesTheJobUp() throws Exception {
    store.canLock();
    assertThat(until(manifest)).isEmpty();
    assertThat(outcome(DAY)).isInstanceOf(JobOutcome.Committed.class);
    assertThat(until(manifest)).isPresent();
    assertThat(until(TestVersion.ARCHIVE)).isEqualTo(until(manifest));
  }
}
