package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Proof;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Json;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.StoredBytes;

/** Versions are restored on trial: by themselves, and when an operator asks for it. */
class DrillTest {
  private static final String RECIPIENT =
      "age1d8v2t2vhh2w5t9xkhz8k705e3tdc4nvq8rc5s03te7565fs829fscmjc0g";
  private static final int MIB = 1024 * 1024;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  private Process coordinator;
  private Process worker;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    coordinator = pipeline.coordinator();
    worker = pipeline.worker();
    pipeline.agent("alpha");
  }

  private Path data(String name, int files, int size) throws Exception {
    Path data = pipeline.data(name);
    byte[] content = new byte[size];
    for (int i = 0; i < files; i++) {
      new Random(i).nextBytes(content);
      Files.write(data.resolve("f" + i), content);
    }
    return data;
  }

  private Pipeline.Result about(String command, Path path, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of(command, "--node", "alpha", "--path"));
    words.add(path.toString());
    words.addAll(List.of(more));
    return pipeline.admin(words.toArray(String[]::new));
  }

  private Answer.RegistrationLine line(Path path) throws Exception {
    return pipeline.list().stream()
        .filter(line -> line.key().path().text().equals(path.toString()))
        .findAny()
        .orElseThrow();
  }

  private Proof awaitProof(Path path, Predicate<Proof> wanted) {
    List<Proof> seen = new ArrayList<>();
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () -> {
              @Nullable Proof proof = line(path).proof();
              if (proof == null || !wanted.test(proof)) {
                return false;
              }
              return seen.add(proof);
            });
    return seen.get(0);
  }

  private VersionHeader newest(Path path) throws Exception {
    return pipeline.history("alpha", path).versions().get(0);
  }

  private void flip(Path path) throws Exception {
    try (ArchiveStore bucket = pipeline.bucket()) {
      ObjectKey archive = new ObjectKey(newest(path).archives().get(0).key());
      byte[] bytes = StoredBytes.of(bucket, archive);
      bytes[bytes.length / 2] ^= 1;
      bucket.put(archive, Content.of(bytes));
    }
  }

  @Test
  void aGoodVersionIsProvenAndAByteThatFlippedIsFoundHealedByTheNextBackupAndProvenThen()
      throws Exception {
    Path data = data("flips", 5, 400_000);
    pipeline.register("alpha", data, 3600, "--drill-every", "2s");
    Proof first = awaitProof(data, proof -> proof.last().good());
    assertThat(first.last().extent()).isEqualTo(Proof.Extent.WHOLE);
    assertThat(first.last().bytes()).isEqualTo(5 * 400_000);
    assertThat(about("history", data).out()).contains("(whole)");
    assertThat(pipeline.admin("list").out()).contains("(000001, whole)");
    assertThat(pipeline.admin("list", "--not-proven-within", "1h").exit()).isZero();
    assertThat(pipeline.admin("doctor").out()).doesNotContain("restored");
    flip(data);
    Proof failed = awaitProof(data, proof -> !proof.last().good());
    assertThat(String.valueOf(failed.last().problems())).contains("/f");
    assertThat(Objects.requireNonNull(failed.proven()).good()).isTrue();
    assertThat(pipeline.admin("list", "--not-proven-within", "1h").exit()).isEqualTo(1);
    assertThat(pipeline.admin("list").out()).contains("FAILED, last ");
    assertThat(pipeline.admin("nodes").out()).contains("FAILED: 1");
    assertThat(pipeline.admin("doctor").out()).contains("cannot be restored as it was");
    pipeline.register("alpha", data, 3601, "--drill-every", "2s"); // a slot, though nothing changed
    Proof healed = awaitProof(data, proof -> proof.last().serial().equals(Serial.first().next()));
    assertThat(healed.last().problems()).isNull();
    pipeline.assertRestorable("alpha", data);
  }

  @Test
  void anOperatorsDrillSaysWhatItHasShown() throws Exception {
    Path data = data("asked", 3, 300_000);
    assertThat(about("drill", data).exit()).isEqualTo(3);
    pipeline.register("alpha", data, 3600, "--drill-every", "never");
    pipeline.awaitVersions("alpha", data, 1);
    Pipeline.Result good = about("drill", data, "--wait");
    assertThat(good.exit()).as(good.err()).isZero();
    assertThat(good.out()).contains("can be restored (4 entries, 878.9 KiB of content");
    assertThat(line(data).drillSeconds()).isNull();
    assertThat(line(data).proof()).isNotNull();
    flip(data);
    Pipeline.Result bad = about("drill", data, "--wait", "--json");
    assertThat(bad.exit()).as(bad.err()).isEqualTo(1);
    Proof shown =
        Json.read(
            bad.out().strip().getBytes(StandardCharsets.UTF_8), Proof.class, Json.MESSAGE_BYTES);
    assertThat(shown.last().good()).isFalse();
    assertThat(shown.proven()).isNotNull();
  }

  @Test
  void ofWhatIsEncryptedItIsSaidThatItWasNotOpened() throws Exception {
    Path data = data("secret", 3, 300_000);
    pipeline.register("alpha", data, 3600, "--encrypt-to", RECIPIENT);
    pipeline.awaitVersions("alpha", data, 1);
    Pipeline.Result good = about("drill", data, "--wait");
    assertThat(good.exit()).as(good.err()).isZero();
    assertThat(good.out()).contains("is stored as it was, and was not opened");
    assertThat(pipeline.admin("list").out()).contains("(000001, whole, not opened)");
    flip(data);
    assertThat(about("drill", data, "--wait").exit()).isEqualTo(1);
  }

  @Test
  void theFleetsDrillsAreSetForAll() throws Exception {
    Path data = data("fleet", 1, 1000);
    assertThat(pipeline.admin("drills").out()).contains("every 7d, up to 10GiB of a version");
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    assertThat(pipeline.admin("drills", "--drill-every", "1s").exit()).isZero();
    awaitProof(data, proof -> proof.last().good());
    assertThat(pipeline.admin("drills", "--drill-every", "never").exit()).isZero();
    assertThat(line(data).drillSeconds()).isNull();
    assertThat(pipeline.admin("drills", "--usual").exit()).isZero();
    assertThat(line(data).drillSeconds()).isEqualTo(7 * 24 * 3600);
  }

  @Test
  void workerAndLeaderAreKilledInTheMiddleAndItIsMadeAgain() throws Exception {
    Path data = data("large", 12, 25 * MIB);
    pipeline.register("alpha", data, 3600, "--drill-every", "never");
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    pipeline.register("alpha", data, 3600, "--drill-every", "1s");
    awaitTried(1);
    Pipeline.kill(worker);
    pipeline.worker();
    awaitTried(2);
    Pipeline.kill(coordinator);
    pipeline.coordinator();
    Proof proof = awaitProof(data, known -> known.last().good());
    assertThat(proof.last().bytes()).isEqualTo(12L * 25 * MIB);
    pipeline.awaitQuiet();
    assertThat(pipeline.history("alpha", data).versions()).hasSize(1);
  }

  /** So many times a worker has begun. */
  private void awaitTried(int times) {
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> pipeline.loggedTimes("fetch-worker", "tries whether version") >= times);
  }

  @Test
  void aWorkerThatIsKilledWithAnOperatorsDrillLeavesItToAnother() throws Exception {
    Path data = data("asked large", 12, 25 * MIB);
    pipeline.register("alpha", data, 3600, "--drill-every", "never");
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    Process admin =
        pipeline.adminProcess("drill", "--node", "alpha", "--path", data.toString(), "--wait");
    awaitTried(1);
    Pipeline.kill(worker);
    pipeline.worker();
    assertThat(admin.waitFor()).isZero();
    assertThat(line(data).proof()).isNotNull();
  }

  @Test
  void drillsOfManyGoOneAfterAnotherAndBackupsGoOn() throws Exception {
    List<Path> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Path data = data("many" + i, 3, MIB);
      all.add(data);
      pipeline.register("alpha", data, 5, "--drill-every", "1h");
    }
    assertThat(pipeline.admin("drills", "--drill-every", "1s").exit()).isZero();
    for (Path data : all) {
      pipeline.register("alpha", data, 5); // as the fleet has it: due at once
    }
    for (Path data : all) {
      awaitProof(data, proof -> proof.last().good());
      pipeline.awaitUnchanged("alpha", data);
    }
    // Each is told when it begins, and when it has ended: no second begins in between.
    int under = 0;
    for (String said : pipeline.logLines("fetch-worker")) {
      under += said.contains("tries whether version") ? 1 : 0;
      under -= said.contains("can be restored: ") || said.contains("came to nothing") ? 1 : 0;
      assertThat(under).isBetween(0, 1);
    }
    try (ArchiveStore bucket = pipeline.bucket()) {
      assertThat(bucket.list(BucketLayout.PROVEN, null, 100)).hasSize(all.size());
    }
  }
}
