package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.Registration;
import resguardo.core.ReplyId;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Totals;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.time.ForwardingPlatform;

/** A worker that is held up so long that what it brought is swept before its version is there. */
class CommitmentTest {
  private static final byte[] BYTES = {1, 2, 3};
  private static final ObjectKey ARCHIVE =
      BucketLayout.archive(
          TestVersion.KEY,
          Serial.first(),
          new ReplyId("1".repeat(32)),
          BackupOptions.Codec.GZIP,
          false);

  @TempDir Path spool;

  private final MemoryArchiveStore memory = new MemoryArchiveStore();

  @AutoClose("close")
  private final RestoreStage stage = new RestoreStage((order, words) -> {});

  /** How long the worker is held up when it is about to write the manifest. */
  private Duration heldUp = Duration.ZERO;

  private Duration passed = Duration.ZERO;

  /** What happens to the archive meanwhile. */
  private final class Held extends ForwardingStore {
    Held() {
      super(memory);
    }

    @Override
    public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
      if (heldUp.compareTo(Duration.ofHours(6)) > 0) {
        memory.delete(ARCHIVE); // by the coordinator, as it is abandoned
      }
      passed = passed.plus(heldUp);
      return super.putIfAbsent(key, content);
    }
  }

  private final class Time extends ForwardingPlatform {
    @Override
    public Clock clock() {
      return Clock.offset(super.clock(), passed);
    }
  }

  private WorkerContext context;
  private FetchJob job;

  @BeforeEach
  void begin() throws Exception {
    memory.put(ARCHIVE, Content.of(BYTES));
    Registration registration =
        new Registration(
            TestVersion.KEY, new Schedule.Every(60), 1, Instant.EPOCH, Registration.State.ACTIVE);
    new Registry(memory).save(registration, null);
    job = FetchJob.first(registration, Instant.EPOCH);
    WorkerContext like = stage.context(new Held(), spool);
    context =
        new WorkerContext(
            like.self(),
            new Time(),
            like.spool(),
            like.store(),
            like.jobs(),
            like.agents(),
            like.replies(),
            like.events(),
            like.activity(),
            like.slices(),
            like.patience(),
            like.metrics());
  }

  private JobOutcome commit() throws Exception {
    Sha256 digest = Sha256.of(BYTES);
    ArchiveForm form = new ArchiveForm(BackupOptions.Codec.GZIP, "x", 1);
    List<ArchiveRef> archives =
        List.of(new ArchiveRef(1, ARCHIVE.value(), BYTES.length, digest, form));
    try (Footing footing =
            Footing.find(memory, TestVersion.KEY, BackupOptions.NONE, context.platform(), spool);
        ManifestWriter lines = new ManifestWriter(spool)) {
      Damages damages = new Damages(memory, context.activity(), job);
      Commitment commitment = new Commitment(context, job, new Claim(context, job), damages);
      Totals totals = new Totals(0, 0, 0, 0, digest);
      return commitment.commit(
          lines,
          footing,
          commitment.header(
              footing, new Merging.Ready(lines, archives, digest), false, totals, null));
    }
  }

  private boolean isThere() throws Exception {
    return new VersionCatalog(memory).has(TestVersion.KEY, Serial.first());
  }

  @Test
  void whatIsThereBecomesAVersion() throws Exception {
    heldUp = Duration.ofMinutes(10);
    assertThat(commit()).isInstanceOf(JobOutcome.Committed.class);
    assertThat(isThere()).isTrue();
    assertThat(new DamageBook(memory).find(TestVersion.KEY)).isEmpty();
  }

  @Test
  void whatWasSweptBeforeItIsToBecomeAVersionBecomesNone() throws Exception {
    memory.delete(ARCHIVE);
    assertThat(commit()).isInstanceOf(JobOutcome.Returned.class);
    assertThat(isThere()).isFalse();
  }

  @Test
  void aVersionOfWhatWasSweptMeanwhileIsToldAsDamagedAndNotAsMade() throws Exception {
    heldUp = Duration.ofHours(7);
    JobOutcome outcome = commit();
    assertThat(outcome).isInstanceOf(JobOutcome.Failed.class);
    assertThat(((JobOutcome.Failed) outcome).why()).contains("000001", "is not there");
    assertThat(new DamageBook(memory).find(TestVersion.KEY).orElseThrow().isIn(ARCHIVE)).isTrue();
  }
}
