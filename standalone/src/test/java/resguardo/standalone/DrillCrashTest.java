package resguardo.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.DrillPolicy;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SliceLimit;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.ProofBook;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.protocol.Event;
import resguardo.infra.runtime.RunningProcess;
import resguardo.testkit.store.StoredBytes;

/** Versions are proven restorable by themselves, whoever dies over it. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class DrillCrashTest {
  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final NodeName ALPHA = new NodeName("alpha");

  @TempDir Path folder;

  private final WatchedStore watched = new WatchedStore();
  private final ArchiveStore store = watched.port();
  private final List<Event.DrillEnded> ended = new CopyOnWriteArrayList<>();

  @AutoClose private Roles roles;

  private RunningProcess coordinator;
  private Path set;
  private RegistrationKey key;

  @BeforeEach
  void start() throws Exception {
    roles = new Roles(folder, store);
    set = Files.createDirectory(folder.toRealPath().resolve("set"));
    key = new RegistrationKey(ALPHA, SourcePath.parse(set.toString()));
    for (int i = 0; i < 10; i++) {
      byte[] bytes = new byte[100_000];
      new Random(i).nextBytes(bytes);
      Files.write(set.resolve("f" + i), bytes);
    }
  }

  private void startAll() throws Exception {
    new Registry(store)
        .save(
            new Registration(
                key,
                new Schedule.Every(2),
                null,
                1,
                Instant.now(),
                Registration.State.ACTIVE,
                null,
                null,
                null,
                new DrillPolicy(1, null)),
            null);
    roles.agent(ALPHA, set);
    roles.worker(SliceLimit.USUAL);
    roles.listen(
        event -> {
          if (event instanceof Event.DrillEnded one) {
            ended.add(one);
          }
        });
    coordinator = roles.coordinator();
  }

  private Proof awaitProof(Predicate<Proof> wanted) throws IOException {
    await()
        .dontCatchUncaughtExceptions()
        .atMost(PATIENCE)
        .until(() -> proof() != null && wanted.test(proof()));
    return proof();
  }

  private @Nullable Proof proof() throws IOException {
    return new ProofBook(store).find(key).orElse(null);
  }

  private static void die() {
    throw new AssertionError("the worker dies here");
  }

  /** One bit of the newest version's archive becomes another. */
  private Serial damaged() throws Exception {
    VersionCatalog versions = new VersionCatalog(store);
    Serial newest = versions.latest(key, null).orElseThrow();
    String archive = versions.header(key, newest).orElseThrow().archives().get(0).key();
    byte[] bytes = StoredBytes.of(store, new ObjectKey(archive));
    bytes[bytes.length / 2] ^= 1;
    store.put(new ObjectKey(archive), Content.of(bytes));
    return newest;
  }

  @Test
  void aVersionIsProvenAndProvenAgainAndWhatIsDamagedIsFoundHealedAndProven() throws Exception {
    startAll();
    Proof first = awaitProof(proof -> proof.last().good());
    assertThat(first.proven()).isEqualTo(first.last());
    assertThat(first.last().entries()).isEqualTo(11);
    awaitProof(proof -> proof.last().ordered().isAfter(first.last().ordered()));
    Serial bad = damaged();
    Proof failed = awaitProof(proof -> !proof.last().good());
    assertThat(failed.last().serial()).isEqualTo(bad);
    assertThat(failed.proven()).isNotNull();
    Proof healed = awaitProof(proof -> proof.last().serial().compareTo(bad) > 0);
    assertThat(healed.last().good()).isTrue();
    assertThat(new DamageBook(store).find(key).orElseThrow().healed()).isNotNull();
  }

  @Test
  void aWorkerThatDiesBeforeWhatADrillHasShownIsKept() throws Exception {
    startAll();
    watched.before(BucketLayout.proof(key).value(), DrillCrashTest::die);
    awaitProof(proof -> proof.last().good());
    assertThat(watched.hasHappened()).isTrue();
  }

  @Test
  void aWorkerThatDiesWhenItIsKeptAndNobodyHasBeenTold() throws Exception {
    startAll();
    watched.after(BucketLayout.proof(key).value(), DrillCrashTest::die);
    Proof first = awaitProof(proof -> true);
    assertThat(watched.hasHappened()).isTrue();
    assertThat(ended).isEmpty();
    awaitProof(proof -> !proof.last().id().equals(first.last().id()));
  }

  @Test
  void aWorkerThatDiesBetweenTheNoteOfDamageAndTheWordOfTheDrill() throws Exception {
    startAll();
    awaitProof(proof -> proof.last().good());
    watched.after(BucketLayout.damage(key).value(), DrillCrashTest::die);
    Serial bad = damaged();
    await().dontCatchUncaughtExceptions().atMost(PATIENCE).until(watched::hasHappened);
    // It is healed by the note; and proven, by the drill that is made in place of the one that
    // died.
    Proof healed =
        awaitProof(proof -> proof.last().serial().compareTo(bad) > 0 && proof.last().good());
    assertThat(healed.proven()).isEqualTo(healed.last());
  }

  @Test
  void aCoordinatorThatStartsAnewGoesOnWithThem() throws Exception {
    startAll();
    Proof first = awaitProof(proof -> proof.last().good());
    coordinator.end();
    coordinator = roles.coordinator();
    awaitProof(proof -> proof.last().ordered().isAfter(first.last().ordered()));
  }
}
