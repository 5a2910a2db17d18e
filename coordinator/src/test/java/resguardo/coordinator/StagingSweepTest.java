package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.StagingNote;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Json;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.MemoryArchiveStore;

class StagingSweepTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
  private static final Instant SLOT = Instant.parse("2026-01-02T03:04:05Z");
  private static final Registration REGISTRATION = registration(Registration.State.ACTIVE);
  private static final FetchJob JOB = FetchJob.first(REGISTRATION, SLOT);

  /** What is in the bucket was written about now. */
  private static final Instant NOW = Instant.now();

  private static final Instant LATER = NOW.plus(Duration.ofHours(7));
  private static final Instant MUCH_LATER = NOW.plus(Duration.ofDays(61));

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final StagingSweep sweep = new StagingSweep(store);

  @TempDir Path spool;

  @BeforeEach
  void register() throws Exception {
    new Registry(store).save(REGISTRATION, null);
  }

  private static Registration registration(Registration.State state) {
    return new Registration(KEY, new Schedule.Every(5), 1, SLOT, state);
  }

  /** An archive for version 1 that an attempt noted and wrote. */
  private ObjectKey archive(String tag) throws Exception {
    ReplyId attempt = new ReplyId(tag.repeat(32));
    ObjectKey archive =
        BucketLayout.archive(KEY, Serial.first(), attempt, BackupOptions.Codec.ZSTD, true);
    store.put(archive, Content.of(new byte[] {1}));
    store.put(
        BucketLayout.staging(JOB.id(), attempt),
        Content.of(Json.write(new StagingNote(KEY, archive.value(), "upload"))));
    return archive;
  }

  private void manifest(ObjectKey at, ObjectKey... archives) throws Exception {
    manifest(at, 1, archives);
  }

  private void commit(int serial, ObjectKey... archives) throws Exception {
    manifest(BucketLayout.manifest(KEY, new Serial(serial)), serial, archives);
  }

  private void manifest(ObjectKey at, int serial, ObjectKey... archives) throws Exception {
    Totals totals = new Totals(0, 0, 0, 0, Sha256.of(new byte[0]));
    List<ArchiveRef> refs =
        Arrays.stream(archives)
            .map(
                key ->
                    new ArchiveRef(
                        1,
                        key.value(),
                        1,
                        totals.fingerprint(),
                        new ArchiveForm(BackupOptions.Codec.ZSTD, "x", 1)))
            .toList();
    try (ManifestWriter writer = new ManifestWriter(spool)) {
      VersionHeader header =
          new VersionHeader(
              VersionHeader.FORMAT,
              KEY,
              new Serial(serial),
              1,
              JOB.id(),
              SLOT,
              SLOT,
              refs,
              false,
              totals.fingerprint(),
              totals);
      store.putIfAbsent(at, writer.finish(header));
    }
  }

  private void slice(int number, ObjectKey... archives) throws Exception {
    manifest(sliceKey(number), archives);
  }

  private static ObjectKey sliceKey(int number) {
    return BucketLayout.slice(KEY, new BucketLayout.SliceName(Serial.first(), new Serial(number)));
  }

  private void commit(ObjectKey... archives) throws Exception {
    manifest(BucketLayout.manifest(KEY, Serial.first()), archives);
  }

  private List<String> staging() {
    return store.list(BucketLayout.STAGING, null, 1000).stream()
        .map(object -> object.key().value())
        .toList();
  }

  private boolean there(ObjectKey key) {
    return store.head(key).isPresent();
  }

  @Test
  void anArchiveThatNobodyNamesGoesWhenNoAttemptCanBeAtItAnyMore() throws Exception {
    ObjectKey archive = archive("a");
    sweep.sweepAll(NOW);
    assertThat(there(archive)).isTrue();
    sweep.sweepAll(LATER);
    assertThat(there(archive)).isFalse();
    assertThat(staging()).isEmpty();
  }

  @Test
  void whatIsOldIsSoByTheClockOfTheStore() throws Exception {
    AtomicReference<Instant> clock = new AtomicReference<>(NOW);
    InstantSource time = clock::get;
    MemoryArchiveStore other = new MemoryArchiveStore(time.withZone(ZoneOffset.UTC));
    StagingSweep sweep = new StagingSweep(other);
    ReplyId attempt = new ReplyId("a".repeat(32));
    ObjectKey archive =
        BucketLayout.archive(KEY, Serial.first(), attempt, BackupOptions.Codec.ZSTD, true);
    other.put(archive, Content.of(new byte[] {1}));
    other.put(
        BucketLayout.staging(JOB.id(), attempt),
        Content.of(Json.write(new StagingNote(KEY, archive.value(), "upload"))));
    clock.set(LATER);
    sweep.sweepAll();
    assertThat(other.head(archive)).as("nobody has led since").isPresent();
    clock.set(NOW);
    other.put(BucketLayout.LEASE, Content.of(new byte[1]));
    sweep.sweepAll(); // however late it is here
    assertThat(other.head(archive)).isPresent();
    clock.set(LATER);
    other.put(BucketLayout.LEASE, Content.of(new byte[1]));
    sweep.sweepAll();
    assertThat(other.head(archive)).isEmpty();
  }

  /** Whoever has a worker's key may write notes. */
  @Test
  void aNoteOfAnArchiveOfAnotherRegistrationRemovesNothing() throws Exception {
    RegistrationKey other = new RegistrationKey(KEY.node(), SourcePath.parse("/elsewhere"));
    ReplyId attempt = new ReplyId("e".repeat(32));
    ObjectKey archive =
        BucketLayout.archive(other, Serial.first(), attempt, BackupOptions.Codec.ZSTD, true);
    store.put(archive, Content.of(new byte[] {1}));
    store.put(
        BucketLayout.staging(JOB.id(), attempt),
        Content.of(Json.write(new StagingNote(KEY, archive.value(), "none"))));
    commit(archive("a"));
    sweep.sweep(JOB.registration(), JOB.id(), NOW);
    sweep.sweepAll(LATER);
    assertThat(there(archive)).isTrue();
  }

  @Test
  void aNoteThatIsTooLongStaysAndKeepsNoOtherFromBeingDoneWith() throws Exception {
    ObjectKey archive = archive("b");
    ObjectKey note = BucketLayout.staging(JOB.id(), new ReplyId("a".repeat(32)));
    store.put(note, Content.of(new byte[Json.MESSAGE_BYTES + 1]));
    sweep.sweepAll(LATER);
    assertThat(there(archive)).isFalse();
    assertThat(staging()).containsExactly(note.value());
  }

  @Test
  void whatAnAttemptMergedStaysOrGoesWithWhatCameToIt() throws Exception {
    ObjectKey came = archive("a");
    ObjectKey merged = archive("b");
    ObjectKey cameToTheLoser = archive("c");
    ObjectKey mergedByTheLoser = archive("d");
    sweep.sweep(JOB.registration(), JOB.id(), NOW);
    assertThat(there(mergedByTheLoser)).isTrue(); // nobody has lost yet
    commit(came, merged);
    sweep.sweep(JOB.registration(), JOB.id(), NOW);
    assertThat(there(came)).isTrue();
    assertThat(there(merged)).isTrue();
    assertThat(there(cameToTheLoser)).isFalse();
    assertThat(there(mergedByTheLoser)).isFalse();
    assertThat(staging()).isEmpty();
  }

  @Test
  void whatASliceNamesStaysForAsLongAsTheRegistrationDoes() throws Exception {
    ObjectKey first = archive("a");
    ObjectKey second = archive("b");
    slice(1, first);
    slice(2, first, second);
    sweep.sweepAll(LATER);
    assertThat(there(first)).isTrue();
    assertThat(there(second)).isTrue();
    assertThat(there(sliceKey(2))).isTrue();
  }

  @Test
  void onceTheVersionIsThereOnlyWhatItNamesStays() throws Exception {
    ObjectKey used = archive("a");
    ObjectKey unused = archive("b");
    slice(1, used, unused);
    commit(used);
    sweep.sweep(JOB.registration(), JOB.id(), NOW);
    assertThat(there(used)).isTrue();
    assertThat(there(unused)).isFalse();
    assertThat(staging()).isEmpty();
  }

  @Test
  void slicesThatNewerOnesTookThePlaceOfGoAndWhatOnlyTheyNamedFollowsThemLater() throws Exception {
    ObjectKey gone = archive("a");
    ObjectKey stays = archive("b");
    slice(1, gone, stays);
    slice(2, stays);
    slice(3, stays);
    sweep.sweepAll(LATER);
    assertThat(there(sliceKey(1))).isFalse();
    assertThat(there(sliceKey(2))).isTrue();
    assertThat(there(gone)).as("an attempt may have begun at the slice").isTrue();
    sweep.sweepAll(LATER);
    assertThat(there(gone)).isFalse();
    assertThat(there(stays)).isTrue();
  }

  @Test
  void theSlicesOfAPathThatIsRegisteredNoMoreGoAndTheirArchivesHoursAfterThem() throws Exception {
    ObjectKey archive = archive("a");
    slice(1, archive);
    Registry registry = new Registry(store);
    String etag = registry.findToChange(KEY).orElseThrow().etag();
    registry.save(registration(Registration.State.REMOVED), etag);
    sweep.sweepAll(NOW);
    assertThat(there(sliceKey(1))).as("an attempt may be at it").isTrue();
    StoredObject note =
        store.list(BucketLayout.staging(JOB.id(), tag("a")).value(), null, 1).get(0);
    sweep.sweepAll(LATER);
    assertThat(there(sliceKey(1))).isFalse();
    assertThat(there(archive)).isTrue();
    assertThat(store.head(note.key()).orElseThrow().etag())
        .as("the note is younger than the removal")
        .isNotEqualTo(note.etag());
    sweep.sweepAll(LATER);
    assertThat(there(archive)).isFalse();
    assertThat(staging()).isEmpty();
  }

  private static ReplyId tag(String tag) {
    return new ReplyId(tag.repeat(32));
  }

  @Test
  void slicesOfASetThatWasFoundAsTheNewestVersionHasItGo() throws Exception {
    slice(1, archive("a"));
    new StatusBook(store)
        .save(KEY, new Status(JOB.id(), SLOT, Status.Outcome.UNCHANGED, null, SLOT, SLOT, null));
    sweep.sweepAll(NOW);
    assertThat(there(sliceKey(1))).isFalse();
    sweep.sweepAll(LATER);
    assertThat(staging()).isEmpty();
  }

  @Test
  void theSlicesOfAJobThatFailedStayForTheNextButNotForEver() throws Exception {
    ObjectKey archive = archive("a");
    slice(1, archive);
    new StatusBook(store)
        .save(KEY, new Status(JOB.id(), SLOT, Status.Outcome.FAILED, "no", SLOT, null, null));
    sweep.sweepAll(LATER);
    assertThat(there(sliceKey(1))).isTrue();
    sweep.sweepAll(MUCH_LATER);
    sweep.sweepAll(MUCH_LATER);
    assertThat(there(archive)).isFalse();
    assertThat(staging()).isEmpty();
  }

  @Test
  void aDamagedSliceDoesNotKeepTheOthersFromBeingLookedAt() throws Exception {
    store.put(sliceKey(1), Content.of(new byte[] {1, 2, 3}));
    ObjectKey archive = archive("a");
    slice(2, archive);
    sweep.sweepAll(LATER);
    assertThat(there(archive)).isTrue();
    assertThat(there(sliceKey(1))).isTrue();
    sweep.sweepAll(MUCH_LATER);
    assertThat(there(sliceKey(1))).isFalse();
  }

  /** Its own manifest does not say so any more: the next version's does. */
  @Test
  void anArchiveStaysThatLaterVersionsLeanOnWhenItsOwnWasExpiredBeforeItsNoteWasSeen()
      throws Exception {
    ObjectKey leanedOn = archive("a");
    ObjectKey left = archive("b");
    slice(1, leanedOn, left);
    commit(3, leanedOn);
    sweep.sweepAll(LATER);
    assertThat(there(leanedOn)).isTrue();
    assertThat(there(left)).isFalse();
    assertThat(staging()).as("also the slice of a version that was expired").isEmpty();
  }

  /** What it was to name is not known: that of others is swept all the same. */
  @Test
  void aManifestThatCannotBeReadKeepsNothingOfOthers() throws Exception {
    ObjectKey unknown = archive("1");
    slice(1, unknown);
    store.put(BucketLayout.manifest(KEY, Serial.first()), Content.of(new byte[] {1}));
    RegistrationKey other = new RegistrationKey(new NodeName("beta"), SourcePath.parse("/srv"));
    ReplyId attempt = new ReplyId("2".repeat(32));
    ObjectKey left =
        BucketLayout.archive(other, Serial.first(), attempt, BackupOptions.Codec.GZIP, false);
    store.put(left, Content.of(new byte[] {1}));
    Registration registration =
        new Registration(other, new Schedule.Every(5), 1, SLOT, Registration.State.ACTIVE);
    store.put(
        BucketLayout.staging(FetchJob.first(registration, SLOT).id(), attempt),
        Content.of(Json.write(new StagingNote(other, left.value(), "upload"))));
    sweep.sweepAll(LATER);
    assertThat(there(left)).isFalse();
    assertThat(there(unknown)).isTrue();
    assertThat(there(sliceKey(1))).isTrue();
  }
}
