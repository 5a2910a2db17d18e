package resguardo.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.Composer;
import resguardo.archive.Extractor;
import resguardo.archive.JdkDeflater;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SliceLimit;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Slices;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.infra.runtime.RunningProcess;

/**
 * Sets that go in slices through all roles, with something that happens at an exact step. A worker
 * that dies leaves its job to the broker, which hands it out again: an error thrown in the middle
 * of it does the same.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class SlicedBackupTest {
  private static final int MIB = 1024 * 1024;
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final long SLICE = 4 * MIB;

  /** What is being compressed when a slice is full comes after all, and all headers. */
  private static final long MORE = 5 * MIB;

  @TempDir Path folder;

  private final WatchedStore watched = new WatchedStore();
  private final ArchiveStore store = watched.port();
  private final AtomicReference<RunningProcess> coordinator = new AtomicReference<>();

  @AutoClose private Roles roles;

  private Path set;
  private RegistrationKey key;
  private long content;

  @BeforeEach
  void start() throws Exception {
    roles = new Roles(folder, store);
    set = Files.createDirectory(folder.toRealPath().resolve("set"));
    key = new RegistrationKey(ALPHA, SourcePath.parse(set.toString()));
  }

  private void write(String name, int seed, int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    Files.write(set.resolve(name), bytes);
    content += size;
  }

  private void startAll(int seconds) throws Exception {
    Registration registration =
        new Registration(
            key, new Schedule.Every(seconds), 1, Instant.now(), Registration.State.ACTIVE);
    new Registry(store).save(registration, null);
    roles.agent(ALPHA, set);
    roles.worker(new SliceLimit(SLICE, 600));
    coordinator.set(roles.coordinator());
  }

  private Status awaitStatus(Status.Outcome outcome) {
    return await()
        .atMost(Duration.ofSeconds(120))
        .until(
            () -> new StatusBook(store).find(key),
            status -> status.isPresent() && status.get().lastOutcome() == outcome)
        .orElseThrow();
  }

  private void assertVersions(long... serials) throws Exception {
    assertThat(new VersionCatalog(store).serials(key))
        .extracting(Serial::value)
        .containsExactly(java.util.Arrays.stream(serials).boxed().toArray(Long[]::new));
  }

  private void assertNewestIsTheSet() throws Exception {
    VersionCatalog versions = new VersionCatalog(store);
    Serial newest = versions.latest(key, null).orElseThrow();
    ByteArrayOutputStream composed = new ByteArrayOutputStream();
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (ManifestReader manifest = versions.manifest(key, newest)) {
      VersionHeader header = manifest.header();
      Composer composer =
          new Composer(
              new JdkDeflater(1),
              threads,
              member -> {
                ArchiveRef archive =
                    header.archives().stream()
                        .filter(ref -> ref.number() == member.archive())
                        .findAny()
                        .orElseThrow();
                try (InputStream in =
                    store.read(new ObjectKey(archive.key()), member.offset(), member.length())) {
                  return in.readAllBytes();
                }
              },
              composed::writeBytes);
      for (Optional<Placed> entry = manifest.next(); entry.isPresent(); entry = manifest.next()) {
        composer.add(entry.get());
      }
      composer.finish();
    } finally {
      threads.shutdown();
    }
    Path out = Files.createTempDirectory(folder, "out");
    try (InputStream tar = new GZIPInputStream(new ByteArrayInputStream(composed.toByteArray()))) {
      new Extractor(out, false, warning -> {}).run(tar);
    }
    Process diff =
        new ProcessBuilder("diff", "-r", set.toString(), out + set.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(diff.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(diff.waitFor()).as(said).isZero();
  }

  private static String slice(int serial, int number) {
    return String.format("/@/%06d-%06d.json.gz", serial, number);
  }

  private static void die() {
    throw new AssertionError("the worker dies here");
  }

  /** Thirty MiB in small files, and ten in one. */
  private void writeFirst() throws IOException {
    for (int i = 0; i < 60; i++) {
      write("f" + (100 + i), i, 500_000);
    }
    write("g", 1, 10 * MIB);
  }

  private void assertExactlyOneVersionAndAtMostASliceTwice() throws Exception {
    awaitStatus(Status.Outcome.COMMITTED);
    assertThat(watched.hasHappened()).isTrue();
    assertVersions(1);
    assertNewestIsTheSet();
    assertThat(watched.brought()).isBetween(content, content + SLICE + MORE);
  }

  @Test
  void aWorkerThatDiesBetweenTheArchiveOfASliceAndItsManifest() throws Exception {
    writeFirst();
    watched.before(slice(1, 2), SlicedBackupTest::die);
    startAll(3600);
    assertExactlyOneVersionAndAtMostASliceTwice();
  }

  @Test
  void aWorkerThatDiesBetweenTheManifestOfASliceAndTheWordOfIt() throws Exception {
    writeFirst();
    watched.after(slice(1, 2), SlicedBackupTest::die);
    startAll(3600);
    assertExactlyOneVersionAndAtMostASliceTwice();
    assertThat(watched.brought()).as("nothing twice").isLessThan(content + MIB);
  }

  @Test
  void aWorkerThatDiesBeforeTheVersionIsCommitted() throws Exception {
    writeFirst();
    watched.before("/@/000001.json.gz", SlicedBackupTest::die);
    startAll(3600);
    assertExactlyOneVersionAndAtMostASliceTwice();
  }

  @Test
  void aWorkerThatDiesWhenTheVersionIsCommittedAndNobodyHasBeenTold() throws Exception {
    writeFirst();
    watched.after("/@/000001.json.gz", SlicedBackupTest::die);
    startAll(3600);
    assertExactlyOneVersionAndAtMostASliceTwice();
  }

  @Test
  void aWorkerThatDiesBetweenTheStatusAndTheAck() throws Exception {
    writeFirst();
    startAll(3600);
    watched.after(
        "/@.json", SlicedBackupTest::die); // the status: the registration is there already
    assertExactlyOneVersionAndAtMostASliceTwice();
  }

  @Test
  void aCoordinatorThatDiesWhenASliceIsKeptAndAnotherThatTakesUpALaterSlot() throws Exception {
    writeFirst();
    watched.after(
        slice(1, 2),
        () -> {
          try {
            coordinator.get().end();
            coordinator.set(roles.coordinator());
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    startAll(1);
    await()
        .atMost(Duration.ofSeconds(120))
        .until(() -> !new VersionCatalog(store).serials(key).isEmpty());
    awaitStatus(Status.Outcome.UNCHANGED);
    assertVersions(1);
    assertNewestIsTheSet();
    assertThat(watched.brought()).isBetween(content, content + SLICE + MORE);
  }

  @Test
  void aSetThatChangesBackWhileItsSlicesAreBroughtIsUnchangedAndTheSlicesStandForNothing()
      throws Exception {
    writeFirst();
    startAll(1);
    awaitStatus(Status.Outcome.UNCHANGED);
    Path kept = folder.resolve("kept");
    Files.setLastModifiedTime(set, java.nio.file.attribute.FileTime.fromMillis(1000));
    await().atMost(Duration.ofSeconds(60)).until(() -> versions() == 2);
    watched.after(
        slice(3, 1),
        () -> {
          try {
            run("rm", "-r", set.resolve("e").toString());
            Files.setLastModifiedTime(set, java.nio.file.attribute.FileTime.fromMillis(1000));
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    Files.createDirectory(kept);
    for (int i = 0; i < 40; i++) {
      byte[] bytes = new byte[500_000];
      new Random(1000 + i).nextBytes(bytes);
      Files.write(kept.resolve("n" + (100 + i)), bytes);
    }
    Files.move(kept, set.resolve("e"));
    await().atMost(Duration.ofSeconds(60)).until(watched::hasHappened);
    Instant since = Instant.now();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                new StatusBook(store)
                    .find(key)
                    .filter(status -> status.lastOutcome() == Status.Outcome.UNCHANGED)
                    .filter(status -> status.lastEnded().isAfter(since))
                    .isPresent());
    assertVersions(1, 2);
    Files.writeString(set.resolve("h"), "something else");
    await().atMost(Duration.ofSeconds(60)).until(() -> versions() == 3);
    assertNewestIsTheSet();
  }

  private int versions() {
    try {
      return new VersionCatalog(store).serials(key).size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(String... words) throws Exception {
    assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void aSliceAfterWhichNothingIsLeftBecomesTheVersionWithoutAnotherByte() throws Exception {
    writeFirst();
    Path before = folder.resolve("before");
    run("cp", "-a", set.toString(), before.toString());
    startAll(1);
    awaitStatus(Status.Outcome.UNCHANGED);
    AtomicReference<Long> brought = new AtomicReference<>(-1L);
    watched.after(
        slice(2, 1),
        () -> {
          restoreAllAfterTheSlice(before);
          brought.set(watched.brought());
        });
    for (int i = 0; i < 60; i++) {
      write("f" + (100 + i), 5000 + i, 400_000);
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> versions() == 2);
    assertNewestIsTheSet();
    assertThat(watched.brought()).isEqualTo(brought.get());
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(store.list(BucketLayout.SLICES, null, 10)).isEmpty());
  }

  /** What is not in the slice yet becomes as it was in the version before. */
  private void restoreAllAfterTheSlice(Path before) {
    try {
      VersionHeader slice = new Slices(store).begun(key, new Serial(2), null).newest().header();
      for (int i = 0; i < 60; i++) {
        String name = "f" + (100 + i);
        if (key.path().memberName().resolve(RawPath.parse(name)).compareTo(slice.upTo()) > 0) {
          run("cp", "-p", before.resolve(name).toString(), set.resolve(name).toString());
        }
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
