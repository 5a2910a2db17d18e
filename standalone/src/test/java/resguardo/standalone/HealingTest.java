package resguardo.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.ContentCheck;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SliceLimit;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Damage;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.protocol.Event;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.infra.runtime.RunningProcess;
import resguardo.testkit.store.StoredBytes;

/** What is known to be damaged is brought again, through all roles, whoever dies at it. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class HealingTest {
  private static final int MIB = 1024 * 1024;
  private static final NodeName ALPHA = new NodeName("alpha");

  @TempDir Path folder;

  private final WatchedStore watched = new WatchedStore();
  private final ArchiveStore store = watched.port();
  private final VersionCatalog versions = new VersionCatalog(store);
  private SliceLimit slices = SliceLimit.USUAL;
  private final AtomicInteger published = new AtomicInteger();
  private final AtomicInteger over = new AtomicInteger();
  private final List<String> ended = new CopyOnWriteArrayList<>();
  private RunningProcess coordinator;

  @AutoClose private Roles roles;

  private Path set;
  private RegistrationKey key;

  @BeforeEach
  void start() throws Exception {
    roles = new Roles(folder, store);
    set = Files.createDirectory(folder.toRealPath().resolve("set"));
    key = new RegistrationKey(ALPHA, SourcePath.parse(set.toString()));
    for (int i = 0; i < 20; i++) {
      write("f" + i, i, MIB / 2);
    }
    write("large", 99, 9 * MIB);
  }

  private void write(String name, int seed, int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    Files.write(set.resolve(name), bytes);
  }

  private void startAll() throws Exception {
    Registration registration =
        new Registration(key, new Schedule.Every(1), 1, Instant.now(), Registration.State.ACTIVE);
    new Registry(store).save(registration, null);
    roles.agent(ALPHA, set);
    roles.worker(slices);
    roles.listen(this::hear);
    coordinator = roles.coordinator();
    awaitVersions(1);
    awaitRounds(2);
  }

  private void hear(Event event) {
    if (event instanceof Event.JobPublished) {
      published.incrementAndGet();
    } else if (event instanceof Event.JobEnded job) {
      over.incrementAndGet();
      ended.add(String.valueOf(job.status().lastReason()));
    } else if (event instanceof Event.JobReturned || event instanceof Event.JobSliced) {
      over.incrementAndGet();
    }
  }

  private void awaitVersions(int count) {
    await().atMost(Duration.ofSeconds(120)).until(() -> versions.serials(key).size() >= count);
  }

  /** So many later slots are over. */
  private void awaitRounds(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      Optional<Instant> last = new StatusBook(store).find(key).map(Status::lastSlot);
      await()
          .atMost(Duration.ofSeconds(120))
          .until(
              () -> new StatusBook(store).find(key).map(Status::lastSlot),
              slot -> slot.isPresent() && !slot.equals(last));
    }
  }

  private VersionHeader newest() throws Exception {
    return versions.header(key, versions.latest(key, null).orElseThrow()).orElseThrow();
  }

  /** Where the content of a file begins; of a large one that of its second chunk. */
  private Damage.Part part(String name) throws Exception {
    VersionHeader header = newest();
    try (ManifestReader lines = versions.manifest(key, header.serial())) {
      for (Optional<Placed> line = lines.next(); line.isPresent(); line = lines.next()) {
        if (line.get().entry().name().text().endsWith("/" + name)) {
          List<Piece> pieces = line.get().place().pieces().toList();
          Piece piece = pieces.get(pieces.size() > 2 ? 2 : pieces.size() - 1);
          return new Damage.Part(
              archive(header, piece), piece.offset(), piece.offset() + piece.length());
        }
      }
    }
    throw new AssertionError("there is no " + name);
  }

  private static String archive(VersionHeader header, Piece piece) {
    return header.archives().stream()
        .filter(ref -> ref.number() == piece.archive())
        .map(ArchiveRef::key)
        .findAny()
        .orElseThrow();
  }

  /** One bit becomes another, and somebody finds out. */
  private void damage(Damage.Part... parts) throws Exception {
    for (Damage.Part part : parts) {
      flip(part);
    }
    assertThat(flaws(newest().serial())).isNotEmpty();
    new DamageBook(store).found(key, List.of(parts));
  }

  private void flip(Damage.Part part) throws Exception {
    ObjectKey archive = new ObjectKey(part.object());
    byte[] bytes = StoredBytes.of(store, archive);
    bytes[(int) (part.begin() + part.end()) / 2] ^= 1;
    store.put(archive, Content.of(bytes));
  }

  /** What of a version is not as it was stored: names. */
  private List<String> flaws(Serial serial) throws Exception {
    List<String> flawed = new java.util.ArrayList<>();
    try (ManifestReader lines = versions.manifest(key, serial)) {
      VersionHeader header = lines.header();
      ContentCheck check =
          new ContentCheck(
              piece -> {
                try (InputStream in =
                    store.read(
                        new ObjectKey(archive(header, piece)), piece.offset(), piece.length())) {
                  return in.readAllBytes();
                }
              });
      for (Optional<Placed> line = lines.next(); line.isPresent(); line = lines.next()) {
        if (!check.flaws(line.get(), () -> {}).isEmpty()) {
          flawed.add(line.get().entry().name().text().replaceFirst(".*/", ""));
        }
      }
    }
    return flawed;
  }

  private Damage known() throws Exception {
    return new DamageBook(store).find(key).orElseThrow();
  }

  private void awaitHealed(Serial from) {
    await().atMost(Duration.ofSeconds(120)).until(() -> from.equals(known().healed()));
  }

  private static void die() {
    throw new AssertionError("the worker dies here");
  }

  private Serial second() {
    return Serial.first().next();
  }

  @Test
  void whatAMergeOfArchivesFindsDamagedIsNotMovedAndIsBroughtAgain() throws Exception {
    startAll();
    for (int i = 2; i <= 17; i++) {
      write("f" + i, 1000 + i, MIB / 2);
      awaitVersions(i);
      if (i == 3) {
        flip(part("f3")); // and nobody finds out
      }
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> new DamageBook(store).find(key).map(Damage::healed).isPresent());
    awaitRounds(1);
    assertThat(flaws(newest().serial())).isEmpty();
    assertThat(newest().archives())
        .hasSizeLessThanOrEqualTo(16)
        .anyMatch(archive -> archive.form().isMerged());
    assertThat(known().lost()).isNull();
  }

  @Test
  void whatIsDamagedIsBroughtAgainAndNothingElse() throws Exception {
    startAll();
    long before = watched.brought();
    damage(part("f7"), part("large"));
    awaitHealed(second());
    assertThat(flaws(second())).isEmpty();
    assertThat(flaws(Serial.first())).containsExactly("f7", "large");
    assertThat(newest().archives()).hasSize(2);
    // Of the large file, the chunks that are whole stay as well, unless they lie beside the flaw.
    assertThat(watched.brought() - before).isLessThan(4L * MIB);
    assertThat(known().lost()).isNull();
    awaitRounds(3);
    assertThat(versions.serials(key)).as("nothing changes any more").hasSize(2);
  }

  @Test
  void whatIsNotOnTheNodeAnyMoreIsNamed() throws Exception {
    startAll();
    Damage.Part gone = part("f3");
    Damage.Part changed = part("f4");
    stopCoordinator();
    Files.delete(set.resolve("f3"));
    write("f4", 1234, MIB / 2);
    damage(part("f5"), gone, changed);
    coordinator = roles.coordinator();
    awaitHealed(second());
    assertThat(flaws(second())).isEmpty();
    assertThat(known().lost()).hasSize(2);
    assertThat(String.valueOf(known().lost())).contains("/f3", "/f4");
    assertThat(flaws(Serial.first())).containsExactly("f3", "f4", "f5");
    assertThat(ended).anyMatch(word -> word.contains("1 of 3 entries; not to be had again: "));
  }

  @Test
  void whatTheNewestVersionHasNotIsNotBroughtAgain() throws Exception {
    startAll();
    Damage.Part gone = part("f3");
    Files.delete(set.resolve("f3"));
    awaitVersions(2);
    new DamageBook(store).found(key, List.of(gone));
    awaitHealed(second());
    assertThat(versions.serials(key)).hasSize(2);
  }

  /** Nothing is under way any more when it is over. */
  private void stopCoordinator() throws Exception {
    coordinator.end();
    await().atMost(Duration.ofSeconds(60)).until(() -> published.get() <= over.get());
  }

  @Test
  void aManifestWhoseLinesCannotBeReadIsNotGoneOnFrom() throws Exception {
    startAll();
    ObjectKey manifest = BucketLayout.manifest(key, Serial.first());
    byte[] bytes = StoredBytes.of(store, manifest);
    bytes[bytes.length - 40] ^= 1;
    store.put(manifest, Content.of(bytes));
    for (Path cached : Files.list(folder.resolve("cache")).toList()) {
      Files.delete(cached); // or nobody would read it
    }
    write("f1", 77, MIB / 2);
    awaitVersions(2);
    assertThat(flaws(newest().serial())).isEmpty();
    assertThat(newest().archives()).hasSize(1);
    awaitHealed(newest().serial());
  }

  @Test
  void aManifestThatDoesNotSayWhatItIsIsNotGoneOnFrom() throws Exception {
    startAll();
    ObjectKey manifest = BucketLayout.manifest(key, Serial.first());
    byte[] bytes = StoredBytes.of(store, manifest);
    bytes[12] ^= 1;
    store.put(manifest, Content.of(bytes));
    awaitVersions(2); // though nothing has changed
    assertThat(newest().serial()).isEqualTo(second());
    assertThat(newest().archives()).hasSize(1);
    assertThat(flaws(second())).isEmpty();
    awaitHealed(second());
    awaitRounds(3);
    assertThat(versions.serials(key)).hasSize(2);
  }

  @Test
  void aManifestOfANewerProgramIsNotMadeAnew() throws Exception {
    startAll();
    stopCoordinator();
    ObjectKey manifest = BucketLayout.manifest(key, Serial.first());
    ByteArrayOutputStream newer = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(newer)) {
      zip.write("{\"format\":9,\"of\":\"another\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    store.put(manifest, Content.of(newer.toByteArray()));
    ended.clear();
    coordinator = roles.coordinator();
    await()
        .atMost(Duration.ofSeconds(120))
        .until(() -> ended.stream().anyMatch(why -> why.contains("written by another program")));
    assertThat(versions.serials(key)).hasSize(1);
    assertThat(new DamageBook(store).find(key)).isEmpty();
  }

  @Test
  void aWorkerThatDiesBeforeTheVersionIsCommitted() throws Exception {
    startAll();
    watched.before("/@/000002.json.gz", HealingTest::die);
    assertHealedOnce();
  }

  @Test
  void aWorkerThatDiesWhenItIsCommittedAndNotNotedThatAllIsWhole() throws Exception {
    startAll();
    watched.after("/@/000002.json.gz", HealingTest::die);
    assertHealedOnce();
  }

  @Test
  void aWorkerThatDiesWhenItIsNotedAndNobodyHasBeenTold() throws Exception {
    startAll();
    damageQuietly();
    watched.after(BucketLayout.damage(key).value(), HealingTest::die);
    awaitHealedOnce();
  }

  private void assertHealedOnce() throws Exception {
    damage(part("f7"));
    awaitHealedOnce();
  }

  private void damageQuietly() throws Exception {
    damage(part("f7"));
  }

  private void awaitHealedOnce() throws Exception {
    awaitHealed(second());
    awaitRounds(3);
    assertThat(watched.hasHappened()).isTrue();
    assertThat(versions.serials(key)).hasSize(2);
    assertThat(flaws(second())).isEmpty();
  }

  @Test
  void whatIsFoundWhileItIsHealedIsHealedNext() throws Exception {
    startAll();
    Damage.Part later = part("f9");
    watched.before(
        "/@/000002.json.gz",
        () -> {
          try {
            new DamageBook(store).found(key, List.of(later));
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
    damage(part("f7"));
    awaitVersions(3);
    await().atMost(Duration.ofSeconds(120)).until(() -> known().healed() != null);
    assertThat(flaws(newest().serial())).isEmpty();
  }

  @Test
  void itGoesInSlicesTooAndComesToItsEnd() throws Exception {
    slices = new SliceLimit(2 * MIB, 600);
    startAll();
    damage(part("f1"), part("f3"), part("f5"), part("f7"), part("f9"), part("f11"));
    await().atMost(Duration.ofSeconds(120)).until(() -> known().healed() != null);
    assertThat(flaws(newest().serial())).isEmpty();
    assertThat(known().healed()).isEqualTo(newest().serial());
  }
}
