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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
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

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private VersionHeader version;
  private ObjectKey manifest;

  @BeforeEach
  void begin() throws Exception {
    version = new TestVersion().folder("srv/data").files("srv/data/a").store(store, threads, spool);
    manifest = BucketLayout.manifest(TestVersion.KEY, version.serial());
  }

  private Locking locking(Instant now, Duration time) {
    store.canLock();
    return new Locking(store, Clock.fixed(now, ZoneOffset.UTC), Optional.of(time), null);
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
    Locking none = new Locking(store, Clock.systemUTC(), Optional.empty(), null);
    none.committed(version);
    none.needed(version);
    assertThat(none.refusal()).isEmpty();
    assertThat(until(manifest)).isEmpty();
  }

  @Test
  void whereTheStoreHasNoneItIsSaidBeforeAnythingIsDone() {
    Locking asked = new Locking(store, Clock.systemUTC(), Optional.of(DAY), null);
    assertThatThrownBy(() -> asked.committed(version)).isInstanceOf(StoreException.Denied.class);
    assertThat(outcome(DAY))
        .isEqualTo(
            new JobOutcome.Failed("versions are to be locked, and the bucket has no object lock"));
  }

  @Test
  void whoeverAsksForMoreThanAWorkerLocksIsToldBeforeAnythingIsDone() throws Exception {
    store.canLock();
    assertThat(outcome(DAY.multipliedBy(60), DAY.multipliedBy(40)))
        .isEqualTo(
            new JobOutcome.Failed(
                "versions are to be locked for 60d, and this worker locks for 40d at most"
                    + " (--lock-at-most): register it with a shorter --lock-for"));
    assertThat(until(manifest)).isEmpty();
    assertThat(outcome(DAY.multipliedBy(40), DAY.multipliedBy(40)))
        .isInstanceOf(JobOutcome.Committed.class);
    assertThat(until(manifest)).isPresent();
  }

  @Test
  void whereTheKeyMayNotLockForSoLongTheReasonIsToldAndAnotherTryMakesUpForIt() throws Exception {
    store.locksUntil(Instant.now().plus(DAY.multipliedBy(41)));
    assertThat(outcome(DAY.multipliedBy(60)))
        .isInstanceOfSatisfying(
            JobOutcome.Failed.class,
            failed ->
                assertThat(failed.why())
                    .startsWith("version 000001 is there and could not be locked for 60d: ")
                    .contains("--lock-at-most"));
    assertThat(until(manifest)).isEmpty();
    assertThat(outcome(DAY.multipliedBy(40))).isInstanceOf(JobOutcome.Committed.class);
    assertThat(until(manifest)).isPresent();
  }

  @Test
  void afterAVersionThatCouldNotBeLockedNoOtherIsMadeBeforeItIs() throws Exception {
    store.locksUntil(Instant.now().plus(DAY.multipliedBy(41)));
    assertThatThrownBy(() -> asking(DAY.multipliedBy(60)).before(version))
        .isInstanceOf(Locking.NotLockedException.class);
    assertThat(next(DAY.multipliedBy(60))).isInstanceOf(JobOutcome.Failed.class);
    assertThat(until(manifest)).isEmpty();
    store.canLock();
    asking(DAY.multipliedBy(60)).before(version);
    assertThat(until(manifest)).isPresent();
    Optional<Instant> locked = until(manifest);
    asking(DAY.multipliedBy(90)).before(version);
    assertThat(until(manifest)).as("one that is locked is left as it is").isEqualTo(locked);
  }

  @Test
  void oneThatLeansOnWhatIsGoneIsLeftToTheJobThatBringsItAgain() throws Exception {
    store.canLock();
    store.delete(TestVersion.ARCHIVE);
    asking(DAY).before(version);
    assertThat(until(manifest)).isEmpty();
  }

  private Locking asking(Duration time) {
    return new Locking(store, Clock.systemUTC(), Optional.of(time), null);
  }

  private JobOutcome outcome(Duration lock) {
    return outcome(lock, null);
  }

  /** What comes of a job whose version is there already. */
  private JobOutcome outcome(Duration lock, @Nullable Duration longest) {
    return outcome(lock, longest, version.slot());
  }

  /** What comes of the job for the next slot, as far as a worker comes without an agent. */
  private JobOutcome next(Duration lock) {
    return outcome(lock, null, version.slot().plusSeconds(60));
  }

  private JobOutcome outcome(Duration lock, @Nullable Duration longest, Instant slot) {
    BackupOptions options = BackupOptions.NONE.lockedFor(lock);
    Registration registration =
        new Registration(
            TestVersion.KEY,
            new Schedule.Every(60),
            options,
            version.generation(),
            version.slot(),
            Registration.State.ACTIVE);
    FetchJob job = FetchJob.first(registration, slot);
    try (RestoreStage stage = new RestoreStage((order, words) -> {})) {
      Registry registry = new Registry(store);
      registry.save(
          registration,
          registry.findToChange(TestVersion.KEY).map(known -> known.etag()).orElse(null));
      JobOutcome outcome = new BackupFlow(stage.context(store, spool, longest), job).run();
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
