package resguardo.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.BackupOptions;
import resguardo.core.DrillPolicy;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.RetentionPolicy;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.AuditRecord;
import resguardo.core.catalog.AuditTrail;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.ProofBook;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.SettingsBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Event;
import resguardo.core.version.Alarm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;
import resguardo.infra.runtime.ActivityLog;
import resguardo.testkit.broker.Interference;
import resguardo.testkit.broker.MemoryBroker;
import resguardo.testkit.broker.MemoryConnection;
import resguardo.testkit.store.StoredBytes;
import resguardo.testkit.versions.MadeVersions;

/** Versions on their way out, whatever happens to whoever takes them there. */
class RegistrationRoundTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
  private static final Duration GRACE = Duration.ofHours(6);
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Peer SELF = new Peer(Role.RETENTION, "one");

  private static final ActivityLog ACTIVITY = activity();

  private final Bucket bucket = new Bucket();
  private final List<Event> told = new ArrayList<>();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final Tally tally = new Tally(metrics);

  @TempDir Path spool;

  @BeforeEach
  void register() throws Exception {
    register(2, Registration.State.ACTIVE);
  }

  private static ActivityLog activity() {
    MemoryConnection broker = new MemoryBroker(Interference.NONE).connect(SELF, Platform.ofJvm());
    return new ActivityLog(SELF, Platform.ofJvm(), broker.ports().activity());
  }

  private static Registration registration(int last, Registration.State state, long generation) {
    RetentionPolicy policy = new RetentionPolicy(last, null, null, null, null, null, null, null);
    return new Registration(
        KEY, new Schedule.Every(5), null, generation, START, state, null, null, policy);
  }

  private void register(int last, Registration.State state) throws Exception {
    Registry registry = new Registry(bucket.store);
    var there = registry.findToChange(KEY);
    registry.save(
        registration(last, state, there.map(read -> read.value().generation() + 1).orElse(1L)),
        there.map(read -> read.etag()).orElse(null));
  }

  private static Instant day(long number) {
    return START.plus(Duration.ofDays(number));
  }

  private MadeVersions made() {
    return new MadeVersions(bucket.store, KEY, spool);
  }

  private @Nullable VersionHeader commit(int many, Random chance) throws IOException {
    @Nullable VersionHeader newest = null;
    for (int i = 1; i <= many; i++) {
      newest = made().commitNext(newest, day(i), chance);
    }
    return newest;
  }

  private RetentionContext context(ArchiveStore store) {
    return new RetentionContext(
        SELF,
        Platform.of(bucket.clock()),
        store,
        new ToldEvents(told),
        ACTIVITY,
        GRACE,
        Duration.ofHours(1),
        metrics);
  }

  /** One look by a process that sees the bucket so. */
  private RegistrationRound look(ArchiveStore store) throws IOException {
    return look(store, new Expiries(context(store)));
  }

  private RegistrationRound look(ArchiveStore store, Expiries expiries) throws IOException {
    Registration registration = new Registry(bucket.store).find(KEY).orElseThrow();
    RetentionContext context = context(store);
    try (Hands hands = new Hands(context.platform())) {
      RegistrationRound round =
          new RegistrationRound(
              context, tally, expiries, hands, registration, bucket.now(), () -> false);
      round.run();
      return round;
    }
  }

  private void look() throws IOException {
    look(bucket.store);
  }

  private void lookAfterGrace() throws IOException {
    bucket.pass(GRACE);
    look();
  }

  /** As often as it takes until nothing is under way. */
  private void lookUntilDone() throws IOException {
    look();
    for (int i = 0; i < 3; i++) {
      lookAfterGrace();
    }
  }

  private List<Long> versions() throws Exception {
    return new VersionCatalog(bucket.store).serials(KEY).stream().map(Serial::value).toList();
  }

  private void assertClean() throws Exception {
    assertThat(bucket.archives()).isEqualTo(bucket.leanedOn(KEY));
    assertThat(bucket.notes()).isEmpty();
  }

  @Test
  void aVersionIsMarkedThenNoneAndThenItsArchivesGo() throws Exception {
    commit(4, new Random(1));
    Set<String> all = bucket.archives();
    look();
    assertThat(versions()).containsExactly(1L, 2L, 3L, 4L);
    bucket.pass(GRACE.minusSeconds(1));
    look();
    assertThat(versions()).as("within the time of grace").containsExactly(1L, 2L, 3L, 4L);
    bucket.pass(Duration.ofSeconds(1));
    look();
    assertThat(versions()).containsExactly(3L, 4L);
    assertThat(bucket.archives()).as("whoever reads may end").isEqualTo(all);
    bucket.pass(GRACE.minusSeconds(1));
    look();
    assertThat(bucket.archives()).isEqualTo(all);
    bucket.pass(Duration.ofSeconds(1));
    look();
    assertThat(versions()).containsExactly(3L, 4L);
    assertClean();
    assertThat(told.stream().map(event -> ((Event.VersionExpired) event).serial().value()))
        .containsExactlyInAnyOrder(1L, 2L);
    assertThat(tally.versions()).isEqualTo(2);
  }

  /** Which versions stand on record to have gone, record by record. */
  private List<List<Long>> onRecord() throws Exception {
    return new AuditTrail(bucket.store)
        .page(null, START, 1000).records().stream()
            .map(record -> record.expired().serials().stream().map(Serial::value).sorted().toList())
            .toList();
  }

  @Test
  void whatGoesIsOnRecordBeforeItGoesAndWhatCannotBeOnRecordStays() throws Exception {
    commit(4, new Random(1));
    look();
    bucket.pass(GRACE);
    ArchiveStore full =
        bucket.meddledWith(
            (changed, after) -> {
              if (changed.value().startsWith(BucketLayout.AUDIT)) {
                throw new StoreException.Unavailable("the store is full", null);
              }
            });
    assertThatThrownBy(() -> look(full)).hasMessageContaining("the store is full");
    assertThat(versions()).containsExactly(1L, 2L, 3L, 4L);
    ArchiveStore watched =
        bucket.meddledWith(
            (changed, after) -> {
              if (changed.value().startsWith(BucketLayout.MANIFESTS)) {
                assertThat(bucket.keys(BucketLayout.AUDIT)).hasSize(1);
              }
            });
    look(watched);
    assertThat(versions()).containsExactly(3L, 4L);
    assertThat(onRecord()).containsExactly(List.of(1L, 2L));
    AuditRecord record = new AuditTrail(bucket.store).page(null, START, 10).records().get(0);
    assertThat(record.expired().registration()).isEqualTo(KEY);
    assertThat(record.sender().peer()).isEqualTo(SELF);
    assertThat(record.sender().from()).contains("@");
    assertThat(record.said()).contains("no rule keeps them", "last 2");
    lookUntilDone();
    assertThat(onRecord()).hasSize(1);
  }

  @Test
  void whatTheStoreDoesNotRemoveIsOnRecordOnceAndNotAtEachLook() throws Exception {
    commit(3, new Random(1));
    ObjectKey manifest = BucketLayout.manifest(KEY, new Serial(1));
    ArchiveStore denying =
        bucket.meddledWith(
            (changed, after) -> {
              if (changed.equals(manifest)) {
                throw new StoreException.Denied("it may not be removed", null);
              }
            });
    Expiries sameProcess = new Expiries(context(denying));
    for (int i = 0; i < 4; i++) {
      look(denying, sameProcess);
      bucket.pass(GRACE);
    }
    assertThat(versions()).containsExactly(1L, 2L, 3L);
    assertThat(onRecord()).containsExactly(List.of(1L));
    lookUntilDone();
    assertThat(versions()).containsExactly(2L, 3L);
    assertThat(onRecord()).containsExactly(List.of(1L), List.of(1L));
  }

  @Test
  void itIsSettledOnceNothingIsLeftToBeDone() throws Exception {
    commit(3, new Random(1));
    assertThat(look(bucket.store).isSettled()).isFalse();
    lookUntilDone();
    RegistrationRound last = look(bucket.store);
    assertThat(last.isSettled()).isTrue();
    assertThat(last.newest()).isEqualTo(new Serial(3));
  }

  @Test
  void whatIsWantedAgainStaysAndItsMarkGoes() throws Exception {
    commit(4, new Random(1));
    look();
    register(3, Registration.State.ACTIVE);
    lookAfterGrace();
    assertThat(versions()).containsExactly(2L, 3L, 4L);
    register(9, Registration.State.ACTIVE);
    lookUntilDone();
    assertThat(versions()).containsExactly(2L, 3L, 4L);
    assertClean();
  }

  @Test
  void onceItIsUnregisteredAllThatIsThereStays() throws Exception {
    commit(4, new Random(1));
    look();
    register(1, Registration.State.REMOVED);
    lookUntilDone();
    assertThat(versions()).containsExactly(1L, 2L, 3L, 4L);
    assertClean();
  }

  @Test
  void whatIsGoneIsFreedAlsoOnceItIsUnregistered() throws Exception {
    commit(4, new Random(1));
    look();
    lookAfterGrace();
    register(1, Registration.State.REMOVED);
    lookUntilDone();
    assertThat(versions()).containsExactly(3L, 4L);
    assertClean();
  }

  /**
   * Dead before or after each change of a run that expires much. What is there is whole at every
   * moment, and whoever comes next brings it to the same end.
   */
  @Test
  void whereverAProcessDiesNothingThatIsKeptIsHurtAndNothingIsLeftBehind() throws Exception {
    int changes = 0;
    boolean died = true;
    for (int change = 1; died; change++) {
      died = false;
      for (boolean after : new boolean[] {false, true}) {
        RegistrationRoundTest fresh = new RegistrationRoundTest();
        fresh.spool = spool;
        died |= fresh.diesAt(change, after);
        changes++;
      }
    }
    assertThat(changes).isGreaterThan(2 * 40);
  }

  private boolean diesAt(int change, boolean after) throws Exception {
    register();
    commit(12, new Random(7));
    prove(3);
    ArchiveStore mortal = after ? bucket.killedAfter(change) : bucket.killedBefore(change);
    boolean died = false;
    for (int i = 0; i < 3 && !died; i++) {
      try {
        look(mortal);
      } catch (IllegalStateException killed) {
        assertThat(killed).hasRootCauseInstanceOf(Bucket.Killed.class);
        died = true;
      } catch (Bucket.Killed killed) {
        died = true;
      }
      assertThat(bucket.archives()).containsAll(bucket.leanedOn(KEY));
      bucket.pass(GRACE);
    }
    lookUntilDone();
    assertThat(versions()).as("killed at %d", change).containsExactly(3L, 11L, 12L);
    assertClean();
    return died;
  }

  /** Versions come, policies change, processes die, two look at once: by chance. */
  @Test
  void whateverHappensWhatIsThereIsWholeAndInTheEndThereIsWhatThePolicyKeeps() throws Exception {
    for (int seed = 0; seed < 12; seed++) {
      RegistrationRoundTest fresh = new RegistrationRoundTest();
      fresh.spool = spool;
      fresh.byChance(seed);
    }
  }

  private void byChance(int seed) throws Exception {
    Random chance = new Random(seed);
    register();
    @Nullable VersionHeader newest = null;
    long proven = 0;
    for (int step = 0; step < 60; step++) {
      if (newest != null && chance.nextInt(9) == 0) {
        proven = newest.serial().value();
        prove(proven);
      }
      switch (chance.nextInt(6)) {
        case 0, 1 -> newest = made().commitNext(newest, day(step), chance);
        case 2 -> register(1 + chance.nextInt(5), Registration.State.ACTIVE);
        case 3 -> bucket.pass(GRACE.dividedBy(1 + chance.nextInt(3)));
        case 4 -> {
          int change = 1 + chance.nextInt(20);
          try {
            look(chance.nextBoolean() ? bucket.killedAfter(change) : bucket.killedBefore(change));
          } catch (IllegalStateException killed) {
            assertThat(killed).hasRootCauseInstanceOf(Bucket.Killed.class);
          } catch (Bucket.Killed killed) {
            // by this thread itself
          }
        }
        default -> {
          AtomicBoolean once = new AtomicBoolean();
          look(
              bucket.meddledWith(
                  (key, after) -> {
                    if (chance.nextInt(5) == 0 && once.compareAndSet(false, true)) {
                      lookAsAnother();
                    }
                  }));
        }
      }
      assertThat(bucket.archives()).as("seed %d", seed).containsAll(bucket.leanedOn(KEY));
      assertThat(proven == 0 || versions().contains(proven)).as("seed %d", seed).isTrue();
    }
    register(2, Registration.State.ACTIVE);
    lookUntilDone();
    lookUntilDone();
    assertThat(versions()).as("seed %d", seed).hasSizeLessThanOrEqualTo(proven == 0 ? 2 : 3);
    if (newest != null) {
      assertThat(versions()).contains(newest.serial().value());
    }
    assertClean();
  }

  private void lookAsAnother() {
    try {
      look();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anArchiveThatNoVersionNamesYetIsNotTouched() throws Exception {
    commit(4, new Random(1));
    ObjectKey uploaded =
        BucketLayout.archive(KEY, new Serial(5), ReplyId.random(), BackupOptions.Codec.GZIP, false);
    bucket.store.put(uploaded, Content.of(new byte[9]));
    lookUntilDone();
    assertThat(bucket.archives()).contains(uploaded.value());
    VersionHeader four = new VersionCatalog(bucket.store).header(KEY, new Serial(4)).orElseThrow();
    assertThat(bucket.archives())
        .containsAll(four.archives().stream().map(ArchiveRef::key).toList());
  }

  @Test
  void whatOnlyASliceLeansOnStaysAsLongAsItAndGoesThen() throws Exception {
    ArchiveRef first = made().archive(1, "a", 10);
    made().commit(1, day(1), List.of(first), null);
    for (long serial = 2; serial <= 4; serial++) {
      made().commit(serial, day(serial), List.of(made().archive(serial, "b", 10)), null);
    }
    // Of version 2, and not swept yet.
    ObjectKey slice =
        BucketLayout.slice(KEY, new BucketLayout.SliceName(new Serial(2), Serial.first()));
    byte[] manifest = made().manifest(made().header(2, day(2), List.of(first), null));
    bucket.store.put(slice, Content.of(manifest));
    lookUntilDone();
    assertThat(versions()).containsExactly(3L, 4L);
    assertThat(bucket.archives()).contains(first.key());
    bucket.store.delete(slice);
    look();
    assertThat(bucket.archives()).doesNotContain(first.key());
    assertClean();
  }

  @Test
  void anAlarmThatIsRaisedBetweenPlanAndDeedHoldsAllThatWasToGo() throws Exception {
    commit(4, new Random(1));
    look();
    bucket.pass(GRACE);
    AtomicBoolean once = new AtomicBoolean();
    // The round writes nothing before its first manifest goes but the note that it does.
    ArchiveStore store =
        new resguardo.testkit.store.ForwardingStore(bucket.store) {
          @Override
          public List<resguardo.core.port.StoredObject> list(
              String prefix, @Nullable ObjectKey after, int most) throws StoreException {
            if (prefix.contains("/marked/") && most == 100 && once.compareAndSet(false, true)) {
              suspicious(5);
            }
            return super.list(prefix, after, most);
          }
        };
    look(store);
    assertThat(once).isTrue();
    assertThat(versions()).containsExactly(1L, 2L, 3L, 4L, 5L);
    lookUntilDone();
    assertThat(versions()).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(bucket.notes()).isEmpty();
  }

  private void suspicious(long serial) {
    Alarm alarm =
        new Alarm(
            new Serial(Math.max(1, serial - 1)), List.of(Alarm.Sign.CHANGED), 9, 9, 9, 9, 9, 0, 0);
    try {
      made().commit(serial, day(serial), List.of(), alarm);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As a drill leaves it. */
  private void prove(long serial) {
    try {
      ProofBook book = new ProofBook(bucket.store);
      Proof.Drill good =
          new Proof.Drill(
              ReplyId.random(),
              new Serial(serial),
              bucket.now(),
              bucket.now(),
              new Peer(Role.WORKER, "w"),
              Proof.Extent.WHOLE,
              true,
              1,
              1,
              null,
              null,
              null,
              null);
      String etag =
          bucket.store.head(BucketLayout.proof(KEY)).map(there -> there.etag()).orElse(null);
      assertThat(book.save(KEY, good, etag)).isPresent();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatWasProvenRestorableStaysUntilANewerOneIs() throws Exception {
    commit(5, new Random(1));
    prove(2);
    lookUntilDone();
    assertThat(versions()).containsExactly(2L, 4L, 5L);
    assertThat(look(bucket.store).isSettled()).as("another may be proven at any time").isFalse();
    assertClean();
    prove(4);
    lookUntilDone();
    assertThat(versions()).containsExactly(4L, 5L);
    assertThat(look(bucket.store).isSettled()).isTrue();
    assertClean();
  }

  @Test
  void whereNoDrillsAreMadeNothingIsHeldAsProven() throws Exception {
    commit(5, new Random(1));
    prove(2);
    new SettingsBook(bucket.store).change(settings -> settings.drilled(DrillPolicy.NEVER));
    lookUntilDone();
    assertThat(versions()).containsExactly(4L, 5L);
    assertClean();
  }

  @Test
  void whatARegistrationSaysOfDrillsCountsMoreThanWhatTheFleetDoes() throws Exception {
    commit(5, new Random(1));
    prove(2);
    new SettingsBook(bucket.store).change(settings -> settings.drilled(DrillPolicy.NEVER));
    drill(new DrillPolicy(Duration.ofDays(30).toSeconds(), null));
    lookUntilDone();
    assertThat(versions()).containsExactly(2L, 4L, 5L);
    new SettingsBook(bucket.store).change(settings -> settings.drilled(null));
    drill(DrillPolicy.NEVER);
    lookUntilDone();
    assertThat(versions()).containsExactly(4L, 5L);
  }

  private void drill(DrillPolicy policy) throws Exception {
    Registry registry = new Registry(bucket.store);
    var there = registry.findToChange(KEY).orElseThrow();
    Registration now = there.value();
    registry.save(
        new Registration(
            KEY,
            now.schedule(),
            now.options(),
            now.generation() + 1,
            now.since(),
            now.state(),
            now.scheduling(),
            now.order(),
            now.retention(),
            policy),
        there.etag());
  }

  @Test
  void whatIsProvenBetweenPlanAndDeedStays() throws Exception {
    commit(5, new Random(1));
    look();
    bucket.pass(GRACE);
    AtomicBoolean once = new AtomicBoolean();
    ArchiveStore store =
        new resguardo.testkit.store.ForwardingStore(bucket.store) {
          @Override
          public List<resguardo.core.port.StoredObject> list(
              String prefix, @Nullable ObjectKey after, int most) throws StoreException {
            if (prefix.contains("/marked/") && most == 100 && once.compareAndSet(false, true)) {
              prove(2);
            }
            return super.list(prefix, after, most);
          }
        };
    look(store);
    assertThat(once).isTrue();
    assertThat(versions()).containsExactly(1L, 2L, 3L, 4L, 5L);
    lookUntilDone();
    assertThat(versions()).containsExactly(2L, 4L, 5L);
    assertClean();
  }

  @Test
  void whereItCannotBeReadWhatWasProvenNothingGoesBeforeTheNextDrill() throws Exception {
    commit(5, new Random(1));
    prove(2);
    bucket.store.put(BucketLayout.proof(KEY), Content.of(new byte[] {1, 2, 3}));
    assertThatThrownBy(this::look).isInstanceOf(DamagedException.class);
    assertThat(versions()).containsExactly(1L, 2L, 3L, 4L, 5L);
    prove(5);
    lookUntilDone();
    assertThat(versions()).containsExactly(4L, 5L);
  }

  @Test
  void theNoteAndTheWordOfAnAcceptedAlarmGoWithTheirVersion() throws Exception {
    suspicious(1);
    ObjectKey note = BucketLayout.alarm(KEY, new Serial(1));
    bucket.store.put(note, Content.of(new byte[1]));
    made().commit(2, day(2), List.of(), null);
    made().commit(3, day(3), List.of(), null);
    lookUntilDone();
    assertThat(versions()).containsExactly(1L, 2L, 3L);
    bucket.store.put(
        BucketLayout.acceptance(KEY, new Serial(1)),
        Content.of(
            resguardo.core.protocol.Json.write(
                new resguardo.core.catalog.Acceptance(
                    1,
                    KEY,
                    new Serial(1),
                    START,
                    new resguardo.core.port.Sender("ann", null, null),
                    SELF))));
    lookUntilDone();
    assertThat(versions()).containsExactly(2L, 3L);
    assertThat(bucket.keys(BucketLayout.ALARMS)).isEmpty();
    assertThat(bucket.keys(BucketLayout.ACCEPTED)).isEmpty();
  }

  @Test
  void whatIsLockedStaysAndIsFreedOnceItIsNot() throws Exception {
    ArchiveRef first = made().archive(1, "a", 10);
    made().commit(1, day(1), List.of(first), null);
    ArchiveRef second = made().archive(2, "b", 10);
    made().commit(2, day(2), List.of(second), null);
    made().commit(3, day(3), List.of(), null);
    made().commit(4, day(4), List.of(), null);
    bucket.store.canLock();
    Instant free = bucket.now().plus(Duration.ofDays(9));
    var locks = bucket.store.locks().orElseThrow();
    locks.lock(new ObjectKey(first.key()), free);
    locks.lock(BucketLayout.manifest(KEY, new Serial(1)), free);
    locks.lock(new ObjectKey(second.key()), free); // whoever locks it died before its manifest
    lookUntilDone();
    assertThat(versions()).containsExactly(1L, 3L, 4L);
    assertThat(bucket.archives()).containsExactlyInAnyOrder(first.key(), second.key());
    bucket.pass(Duration.ofDays(9));
    lookUntilDone();
    assertThat(versions()).containsExactly(3L, 4L);
    assertClean();
  }

  @Test
  void whereAManifestIsDamagedNothingGoes() throws Exception {
    commit(5, new Random(1));
    look();
    bucket.pass(GRACE);
    bucket.store.put(BucketLayout.manifest(KEY, new Serial(1)), Content.of(new byte[3]));
    Set<String> all = bucket.archives();
    assertThatThrownBy(this::look).isInstanceOf(DamagedException.class);
    assertThat(versions()).hasSize(5);
    assertThat(bucket.archives()).isEqualTo(all);
  }

  /** Somebody with the key of a worker writes manifests that name what is none of theirs. */
  @Test
  void whatForgedManifestsNameIsNotFreedWithThem() throws Exception {
    RegistrationKey other = new RegistrationKey(new NodeName("beta"), SourcePath.parse("/srv"));
    ArchiveRef ofOther = new MadeVersions(bucket.store, other, spool).archive(1, "a", 10);
    ArchiveRef of1 = made().archive(1, "a", 10);
    ArchiveRef of7 = made().archive(7, "b", 10);
    ObjectKey newest = BucketLayout.manifest(KEY, new Serial(7));
    ArchiveRef manifest = new ArchiveRef(9, newest.value(), 10, of1.digest(), of1.form());
    made().commit(1, day(1), List.of(of1), null);
    made().commit(2, day(2), List.of(of1), null);
    made().commit(3, day(3), List.of(), null);
    made().commit(4, day(4), List.of(of7, ofOther, manifest), null); // forged: of a later one
    made().commit(5, day(5), List.of(of1), null); // forged: of one that 3 and 4 had left
    made().commit(6, day(6), List.of(), null);
    made().commit(7, day(7), List.of(of7), null);
    bucket.store.canLock();
    for (long locked : new long[] {2, 3, 6}) {
      bucket
          .store
          .locks()
          .orElseThrow()
          .lock(
              BucketLayout.manifest(KEY, new Serial(locked)),
              bucket.now().plus(Duration.ofDays(99)));
    }
    register(1, Registration.State.ACTIVE);
    lookUntilDone();
    assertThat(versions()).containsExactly(2L, 3L, 6L, 7L);
    assertThat(bucket.archives()).containsExactlyInAnyOrder(of1.key(), of7.key(), ofOther.key());
  }

  @Test
  void aManifestThatIsBroughtBackIsAVersionAgain() throws Exception {
    commit(4, new Random(1));
    byte[] manifest = StoredBytes.of(bucket.store, BucketLayout.manifest(KEY, new Serial(1)));
    look();
    lookAfterGrace();
    assertThat(versions()).containsExactly(3L, 4L);
    register(1, Registration.State.REMOVED);
    bucket.store.put(BucketLayout.manifest(KEY, new Serial(1)), Content.of(manifest));
    lookUntilDone();
    assertThat(versions()).containsExactly(1L, 3L, 4L);
    assertClean();
  }
}
