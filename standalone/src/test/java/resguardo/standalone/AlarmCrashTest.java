package resguardo.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.AlarmLimits;
import resguardo.core.BackupOptions;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SliceLimit;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.ExpiryHold;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.protocol.Event;
import resguardo.core.version.Alarm;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.StoredBytes;

/**
 * A worker dies at an exact step of committing a suspicious version, or its set goes in slices: the
 * alarm is raised all the same. What dies here leaves its job to the broker, as a process does.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class AlarmCrashTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final Serial SECOND = new Serial(2);
  private static final int FILES = 40;

  @TempDir Path folder;

  private final WatchedStore watched = new WatchedStore();
  private final ArchiveStore store = watched.port();
  private final Queue<Event.AlarmRaised> told = new ConcurrentLinkedQueue<>();
  private final Queue<Event.JobEnded> ended = new ConcurrentLinkedQueue<>();

  @AutoClose private Roles roles;

  private Path set;
  private RegistrationKey key;

  @BeforeEach
  void start() throws Exception {
    roles = new Roles(folder, store);
    set = Files.createDirectory(folder.toRealPath().resolve("set"));
    key = new RegistrationKey(ALPHA, SourcePath.parse(set.toString()));
    roles.listen(
        event -> {
          if (event instanceof Event.AlarmRaised raised) {
            told.add(raised);
          } else if (event instanceof Event.JobEnded one) {
            ended.add(one);
          }
        });
  }

  private void backUp(BackupOptions options, SliceLimit slices, int bytes) throws Exception {
    for (int i = 0; i < FILES; i++) {
      byte[] text =
          ("line " + i + " of a text\n").repeat(bytes / 16).getBytes(StandardCharsets.UTF_8);
      Files.write(set.resolve(String.format("%02d.txt", i)), text);
    }
    Registration registration =
        new Registration(
            key, new Schedule.Every(1), options, 1, Instant.now(), Registration.State.ACTIVE);
    new Registry(store).save(registration, null);
    roles.agent(ALPHA, set);
    roles.worker(slices);
    roles.coordinator();
    await().atMost(PATIENCE).until(() -> has(1));
  }

  private void backUp() throws Exception {
    backUp(BackupOptions.NONE, new SliceLimit(1L << 30, 600), 8000);
  }

  private boolean has(long serial) throws Exception {
    return new VersionCatalog(store).has(key, new Serial(serial));
  }

  /** All at once: no round sees a part of it. */
  private void encryptAll() throws Exception {
    Path locked = Files.createDirectory(folder.resolve("locked"));
    for (int i = 0; i < FILES; i++) {
      String name = String.format("%02d.txt", i);
      byte[] noise = new byte[(int) Files.size(set.resolve(name))];
      new Random(i).nextBytes(noise);
      Files.write(locked.resolve(name + ".locked"), noise);
    }
    Path away = folder.resolve("away");
    Files.move(set, away);
    Files.move(locked, set);
  }

  private Status committedSecond() {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> new StatusBook(store).find(key),
            status -> status.isPresent() && SECOND.equals(status.get().lastVersion()))
        .orElseThrow();
  }

  private Alarm alarm() throws Exception {
    Optional<Alarms.Raised> raised = new Alarms(store).raised(key, SECOND);
    assertThat(raised).isPresent();
    assertThat(new Alarms(store).open(damaged -> {})).containsEntry(key, List.of(SECOND));
    return raised.orElseThrow().header().alarm();
  }

  private void assertRaisedOnceCommitted() throws Exception {
    committedSecond();
    assertThat(watched.hasHappened()).isTrue();
    assertThat(alarm().signs()).containsExactly(Alarm.Sign.CHANGED, Alarm.Sign.ENTROPY);
    assertThat(alarm().filesChanged()).isEqualTo(FILES);
    await().atMost(PATIENCE).until(() -> !told.isEmpty());
    assertThat(told)
        .allSatisfy(
            raised -> {
              assertThat(raised.registration()).isEqualTo(key);
              assertThat(raised.serial()).isEqualTo(SECOND);
            });
    assertThat(told.peek().alarm()).isEqualTo(alarm());
    assertThat(new VersionCatalog(store).serials(key))
        .as("backups of this set go on, and find nothing more")
        .containsExactly(Serial.first(), SECOND);
    ExpiryHold hold = ExpiryHold.of(new VersionCatalog(store), new Alarms(store), key);
    assertThat(hold.serials()).containsExactly(Serial.first(), SECOND);
  }

  private static void die() {
    throw new AssertionError("the worker dies here");
  }

  @Test
  void aWorkerThatDiesBetweenTheNoteOfAnAlarmAndTheCommit() throws Exception {
    backUp();
    watched.before("/@/000002.json.gz", AlarmCrashTest::die);
    encryptAll();
    assertRaisedOnceCommitted();
  }

  @Test
  void aWorkerThatDiesWhenASuspiciousVersionIsCommittedAndNobodyHasBeenTold() throws Exception {
    backUp();
    watched.after(
        "/@/000002.json.gz",
        () -> {
          try {
            assertThat(told).isEmpty();
            assertThat(alarm().signs()).as("is known already").isNotEmpty();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
          die();
        });
    encryptAll();
    assertRaisedOnceCommitted();
    assertThat(committedSecond().lastOutcome())
        .isIn(Status.Outcome.COMMITTED, Status.Outcome.UNCHANGED);
  }

  @Test
  void theStatusSaysWhatIsSuspiciousOfWhatWasCommitted() throws Exception {
    backUp();
    watched.after("/@/000002.json.gz", () -> {});
    encryptAll();
    assertRaisedOnceCommitted();
    Event.JobEnded committed =
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    ended.stream()
                        .filter(one -> one.status().lastOutcome() == Status.Outcome.COMMITTED)
                        .filter(one -> SECOND.equals(one.status().lastVersion()))
                        .findAny(),
                Optional::isPresent)
            .orElseThrow();
    assertThat(committed.status().lastReason())
        .contains("suspicious against version 000001", "40 of 40 files have other content");
  }

  @Test
  void aSetThatGoesInSlicesIsComparedWithTheVersionBeforeAndNotWithASlice() throws Exception {
    backUp(BackupOptions.NONE, new SliceLimit(1L << 20, 600), 200_000);
    watched.after("/@/000002-000001.json.gz", () -> {});
    encryptAll();
    assertRaisedOnceCommitted();
  }

  @Test
  void whereTheRegistrationSaysSoThereIsNone() throws Exception {
    backUp(BackupOptions.NONE.with(AlarmLimits.NEVER), new SliceLimit(1L << 30, 600), 8000);
    encryptAll();
    committedSecond();
    assertThat(new Alarms(store).raised(key, SECOND)).isEmpty();
    assertThat(store.list(BucketLayout.ALARMS, null, 10)).isEmpty();
  }

  /** So that all is brought anew. */
  private void removeArchive() throws Exception {
    VersionHeader first = new VersionCatalog(store).header(key, Serial.first()).orElseThrow();
    store.delete(new ObjectKey(first.archives().get(0).key()));
  }

  @Test
  void whatIsBroughtAnewWithoutAChangeIsNotSuspicious() throws Exception {
    backUp();
    removeArchive();
    committedSecond();
    assertThat(new VersionCatalog(store).header(key, SECOND).orElseThrow().alarm()).isNull();
  }

  @Test
  void whatCannotBeComparedWithTheVersionBeforeIsSuspiciousByItselfAndByWhatItAmountsTo()
      throws Exception {
    backUp();
    Path few = Files.createDirectory(folder.resolve("few"));
    for (int i = 0; i < 5; i++) {
      String name = String.format("%02d.txt", i);
      Files.copy(set.resolve(name), few.resolve(name));
    }
    Files.move(set, folder.resolve("away")); // rounds fail, so that none sees half of this
    ObjectKey manifest = BucketLayout.manifest(key, Serial.first());
    byte[] whole = StoredBytes.of(store, manifest);
    store.put(manifest, Content.of(Arrays.copyOf(whole, whole.length - 10)));
    removeArchive();
    Files.move(few, set);
    committedSecond();
    assertThat(alarm().signs()).containsExactly(Alarm.Sign.SHRUNK, Alarm.Sign.UNCOMPARED);
    ExpiryHold hold = ExpiryHold.of(new VersionCatalog(store), new Alarms(store), key);
    assertThat(hold.holds(Serial.first())).isTrue();
  }
}
