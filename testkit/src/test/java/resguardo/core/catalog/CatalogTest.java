package resguardo.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.RecordingStore;
import resguardo.testkit.store.StoredBytes;

class CatalogTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final RegistrationKey SRV = key("/srv");
  private static final RegistrationKey BELOW = key("/srv/data 1-2");

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final Registry registry = new Registry(store);
  private final StatusBook statuses = new StatusBook(store);
  private final VersionCatalog versions = new VersionCatalog(store);
  private final Slices slices = new Slices(store);

  @TempDir Path spool;

  private static RegistrationKey key(String path) {
    return new RegistrationKey(new NodeName("alpha"), SourcePath.parse(path));
  }

  private static Registration registration(RegistrationKey key, long generation) {
    return new Registration(key, new Schedule.Every(5), generation, NOW, Registration.State.ACTIVE);
  }

  private static Status status(Instant slot, Status.Outcome outcome, Serial version) {
    Instant success = outcome == Status.Outcome.FAILED ? null : slot;
    return new Status(JobId.of(SRV, 1, slot), slot, outcome, null, slot, success, version);
  }

  private void commit(RegistrationKey key, long serial, Instant slot) throws Exception {
    write(BucketLayout.manifest(key, new Serial(serial)), key, serial, slot);
  }

  private void slice(long serial, long number, Instant slot) throws Exception {
    BucketLayout.SliceName name =
        new BucketLayout.SliceName(new Serial(serial), new Serial(number));
    write(BucketLayout.slice(SRV, name), SRV, serial, slot);
  }

  private void write(ObjectKey object, RegistrationKey key, long serial, Instant slot)
      throws Exception {
    try (ManifestWriter writer = new ManifestWriter(spool)) {
      Totals totals = new Totals(0, 0, 0, 0, Sha256.of(new byte[0]));
      VersionHeader header =
          new VersionHeader(
              VersionHeader.FORMAT,
              key,
              new Serial(serial),
              1,
              JobId.of(key, 1, slot),
              slot,
              slot,
              List.of(),
              false,
              totals.fingerprint(),
              totals);
      store.putIfAbsent(object, writer.finish(header));
    }
  }

  /** Those of all registrations that a look finds new or changed, and the keys of the damaged. */
  private static List<Object> look(Mirror<Registration> mirror) throws Exception {
    List<Object> found = new ArrayList<>();
    mirror.refresh(read -> found.add(read.value()), damaged -> found.add(damaged.key()));
    return found;
  }

  @Test
  void registrationsComeBackAsTheyWereSavedLast() throws Exception {
    String etag = registry.save(registration(SRV, 1), null);
    registry.save(registration(SRV, 2), etag);
    registry.save(registration(BELOW, 1), null);
    assertThat(registry.find(SRV)).contains(registration(SRV, 2));
    assertThat(registry.find(key("/other"))).isEmpty();
    assertThat(look(registry.mirror(Platform.ofJvm())))
        .containsExactlyInAnyOrder(registration(SRV, 2), registration(BELOW, 1));
  }

  @Test
  void aRegistrationIsSavedOnlyInThePlaceOfTheOneThatIsKnown() throws Exception {
    String first = registry.save(registration(SRV, 1), null);
    String second = registry.save(registration(SRV, 2), first);
    for (String stale : new String[] {null, first}) {
      assertThatThrownBy(() -> registry.save(registration(SRV, 3), stale))
          .isInstanceOf(StoreException.ConditionFailed.class);
    }
    Mirror.Read<Registration> found = registry.findToChange(SRV).orElseThrow();
    assertThat(found.value()).isEqualTo(registration(SRV, 2));
    assertThat(found.etag()).isEqualTo(second);
  }

  @Test
  void aSecondLookReadsOnlyWhatHasChanged() throws Exception {
    String etag = registry.save(registration(SRV, 1), null);
    registry.save(registration(BELOW, 1), null);
    RecordingStore recording = new RecordingStore(store);
    Mirror<Registration> mirror = new Registry(recording).mirror(Platform.ofJvm());
    assertThat(look(mirror)).hasSize(2);
    assertThat(look(mirror)).isEmpty();
    registry.save(registration(SRV, 2), etag);
    assertThat(look(mirror)).containsExactly(registration(SRV, 2));
    assertThat(recording.reads(BucketLayout.REGISTRY)).hasSize(3);
  }

  @Test
  void aDamagedRegistrationIsToldOnceAndDoesNotHideTheOthers() throws Exception {
    registry.save(registration(SRV, 1), null);
    store.put(new ObjectKey("registry/alpha/broken/@.json"), Content.of(new byte[] {'{'}));
    Mirror<Registration> mirror = registry.mirror(Platform.ofJvm());
    assertThat(look(mirror))
        .containsExactlyInAnyOrder(registration(SRV, 1), "registry/alpha/broken/@.json");
    assertThat(look(mirror)).isEmpty();
  }

  @Test
  void moreRegistrationsThanOnePageAreAllFound() throws Exception {
    for (int i = 0; i < 2100; i++) {
      registry.save(registration(key("/srv/" + i), 1), null);
    }
    assertThat(look(registry.mirror(Platform.ofJvm()))).hasSize(2100).doesNotHaveDuplicates();
  }

  @Test
  void whatBecameKnownSinceALookBeganIsNotTakenBackByIt() throws Exception {
    String first = registry.save(registration(SRV, 1), null);
    String below = registry.save(registration(BELOW, 1), null);
    Mirror<Registration> mirror = registry.mirror(Platform.ofJvm());
    List<Object> found = new ArrayList<>();
    var slow = mirror.begin();
    slow.read();
    var noted = mirror.begin();
    noted.read();
    registry.save(registration(SRV, 2), first);
    registry.save(registration(BELOW, 2), below);
    assertThat(look(mirror)).contains(registration(SRV, 2), registration(BELOW, 2));
    mirror.end(slow, read -> found.add(read.value()), damaged -> found.add(damaged.key()));
    mirror.note(BucketLayout.registration(SRV));
    mirror.end(noted, read -> found.add(read.value()), damaged -> found.add(damaged.key()));
    assertThat(found).isEmpty();
    assertThat(look(mirror)).as("and the newer ones stay known").isEmpty();
  }

  @Test
  void whatIsNotedMeanwhileIsReadByTheNextLook() throws Exception {
    registry.save(registration(SRV, 1), null);
    Mirror<Registration> mirror = registry.mirror(Platform.ofJvm());
    List<Object> found = new ArrayList<>();
    var look = mirror.begin();
    look.read();
    mirror.note(BucketLayout.registration(SRV)); // somebody was told of a content, not of an etag
    mirror.end(look, read -> found.add(read.value()), damaged -> found.add(damaged.key()));
    assertThat(found).isEmpty();
    assertThat(look(mirror)).containsExactly(registration(SRV, 1));
  }

  @Test
  void oneObjectIsLookedAtWithoutTheOthersAndReadWhereItHasChanged() throws Exception {
    String first = registry.save(registration(SRV, 1), null);
    registry.save(registration(BELOW, 1), null);
    Mirror<Registration> mirror = registry.mirror(Platform.ofJvm());
    ObjectKey object = BucketLayout.registration(SRV);
    List<Object> found = new ArrayList<>();
    mirror.look(object, read -> found.add(read.value()), damaged -> found.add(damaged.key()));
    mirror.look(object, read -> found.add(read.value()), damaged -> found.add(damaged.key()));
    assertThat(found).containsExactly(registration(SRV, 1));
    registry.save(registration(SRV, 2), first);
    mirror.look(object, read -> found.add(read.value()), damaged -> found.add(damaged.key()));
    assertThat(found).containsExactly(registration(SRV, 1), registration(SRV, 2));
    mirror.look(
        BucketLayout.registration(key("/other")),
        read -> found.add(read.value()),
        damaged -> found.add(damaged.key()));
    assertThat(found).hasSize(2);
    assertThat(look(mirror)).as("what was not looked at").containsExactly(registration(BELOW, 1));
    store.put(object, Content.of(new byte[] {1}));
    mirror.look(object, read -> found.add(read.value()), damaged -> found.add(damaged.key()));
    assertThat(found).last().isEqualTo(object.value());
  }

  @Test
  void aSizeIsOfTheVersionThatItWasSaidOf() throws Exception {
    StatusBook book = new StatusBook(store);
    book.save(SRV, status(NOW, Status.Outcome.COMMITTED, new Serial(3)).of(42L));
    assertThat(book.save(SRV, status(NOW.plusSeconds(1), Status.Outcome.FAILED, null)).lastBytes())
        .as("of the same version still")
        .isEqualTo(42);
    assertThat(
            book.save(SRV, status(NOW.plusSeconds(2), Status.Outcome.UNCHANGED, null).of(43L))
                .lastBytes())
        .isEqualTo(43);
    assertThat(
            book.save(SRV, status(NOW.plusSeconds(3), Status.Outcome.COMMITTED, new Serial(4)))
                .lastBytes())
        .as("of another, of which it is not said")
        .isNull();
  }

  @Test
  void aFailureKeepsTheLastSuccessAndVersion() throws Exception {
    statuses.save(SRV, status(NOW, Status.Outcome.COMMITTED, new Serial(3)));
    Status after = statuses.save(SRV, status(NOW.plusSeconds(5), Status.Outcome.FAILED, null));
    assertThat(after.lastSuccess()).isEqualTo(NOW);
    assertThat(after.lastVersion()).isEqualTo(new Serial(3));
    assertThat(statuses.find(SRV)).contains(after);
  }

  @Test
  void aSlowWorkerDoesNotUndoALaterSlot() throws Exception {
    Status later = statuses.save(SRV, status(NOW.plusSeconds(5), Status.Outcome.UNCHANGED, null));
    assertThat(statuses.save(SRV, status(NOW, Status.Outcome.FAILED, null))).isEqualTo(later);
    assertThat(statuses.find(SRV)).contains(later);
  }

  @Test
  void theLatestVersionIsFoundWithAGoodHintAStaleOneAndNone() throws Exception {
    assertThat(versions.latest(SRV, null)).isEmpty();
    commit(SRV, 1, NOW);
    commit(SRV, 2, NOW.plusSeconds(5));
    commit(BELOW, 9, NOW);
    assertThat(versions.latest(SRV, null)).contains(new Serial(2));
    assertThat(versions.latest(SRV, new Serial(1))).contains(new Serial(2));
    assertThat(versions.latest(SRV, new Serial(2))).contains(new Serial(2));
    assertThat(versions.latest(SRV, new Serial(77))).contains(new Serial(2));
  }

  @Test
  void aVersionIsFoundByItsNumberAndByTime() throws Exception {
    commit(SRV, 1, NOW);
    commit(SRV, 2, NOW.plusSeconds(10));
    assertThat(versions.header(SRV, new Serial(1)).orElseThrow().slot()).isEqualTo(NOW);
    assertThat(versions.header(SRV, new Serial(3))).isEmpty();
    assertThat(versions.asOf(SRV, NOW.plusSeconds(9)).orElseThrow().serial())
        .isEqualTo(new Serial(1));
    assertThat(versions.asOf(SRV, NOW.plusSeconds(10)).orElseThrow().serial())
        .isEqualTo(new Serial(2));
    assertThat(versions.asOf(SRV, NOW.minusSeconds(1))).isEmpty();
  }

  @Test
  void theNewestSliceOfTheVersionInTheMakingIsGoneOnFromAndIsNoVersion() throws Exception {
    assertThat(slices.begun(SRV, Serial.first(), null).newest()).isNull();
    assertThat(slices.begun(SRV, Serial.first(), null).next()).isEqualTo(Serial.first());
    slice(1, 1, NOW);
    slice(1, 2, NOW.plusSeconds(5));
    slice(2, 7, NOW);
    Slices.Begun begun = slices.begun(SRV, Serial.first(), null);
    assertThat(begun.newest().number()).isEqualTo(new Serial(2));
    assertThat(begun.newest().header().slot()).isEqualTo(NOW.plusSeconds(5));
    assertThat(begun.next()).isEqualTo(new Serial(3));
    assertThat(versions.latest(SRV, null)).isEmpty();
    assertThat(slices.exists(begun.newest())).isTrue();
    assertThatThrownBy(() -> slice(1, 2, NOW)).isInstanceOf(StoreException.ConditionFailed.class);
  }

  @Test
  void aSliceThatIsDamagedOrOverIsLeftOutButItsNumberIsNotGivenAgain() throws Exception {
    slice(1, 1, NOW.plusSeconds(5));
    slice(1, 2, NOW);
    store.put(
        BucketLayout.slice(SRV, new BucketLayout.SliceName(Serial.first(), new Serial(3))),
        Content.of(new byte[] {1, 2, 3}));
    Slices.Begun begun = slices.begun(SRV, Serial.first(), NOW);
    assertThat(begun.newest().number()).isEqualTo(Serial.first());
    assertThat(begun.next()).isEqualTo(new Serial(4));
    assertThat(slices.begun(SRV, Serial.first(), NOW.plusSeconds(5)).newest()).isNull();
  }

  @Test
  void aManifestThatIsOfAnotherVersionIsDamaged() throws Exception {
    commit(SRV, 1, NOW);
    byte[] first = StoredBytes.of(store, BucketLayout.manifest(SRV, new Serial(1)));
    store.put(BucketLayout.manifest(SRV, new Serial(2)), Content.of(first));
    store.put(BucketLayout.manifest(SRV, new Serial(3)), Content.of(new byte[] {1, 2, 3}));
    assertThatThrownBy(() -> versions.header(SRV, new Serial(2)))
        .isInstanceOf(DamagedException.class);
    assertThatThrownBy(() -> versions.header(SRV, new Serial(3)))
        .isInstanceOf(DamagedException.class);
  }

  @Test
  void whatWasMissedIsAddedUpAndCountedOnceForEachJob() throws Exception {
    StatusBook book = new StatusBook(store);
    book.save(SRV, status(NOW, Status.Outcome.COMMITTED, Serial.first()).after(3L));
    book.save(SRV, status(NOW, Status.Outcome.COMMITTED, Serial.first()).after(3L));
    assertThat(book.find(SRV).orElseThrow().missed()).isEqualTo(3);
    Instant later = NOW.plusSeconds(5);
    book.save(SRV, status(later, Status.Outcome.UNCHANGED, null));
    assertThat(book.find(SRV).orElseThrow().lastMissed()).isEqualTo(NOW);
    Instant last = NOW.plusSeconds(9);
    book.save(SRV, status(last, Status.Outcome.FAILED, null).after(2L));
    assertThat(book.find(SRV).orElseThrow().missed()).isEqualTo(5);
    assertThat(book.find(SRV).orElseThrow().lastMissed()).isEqualTo(last);
  }

  @Test
  void settingsOfTwoWhoWriteAtOnceAreBothKept() throws Exception {
    SettingsBook book = new SettingsBook(store);
    java.util.concurrent.atomic.AtomicBoolean between =
        new java.util.concurrent.atomic.AtomicBoolean();
    FleetSettings there =
        book.change(
            old -> {
              if (between.compareAndSet(false, true)) {
                setLimit("host", 1);
              }
              return old.limited("rack", 2);
            });
    assertThat(there.maxParallel()).isEqualTo(java.util.Map.of("host", 1, "rack", 2));
    assertThat(book.find()).isEqualTo(there);
  }

  private void setLimit(String label, int most) {
    try {
      new SettingsBook(store).change(old -> old.limited(label, most));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
