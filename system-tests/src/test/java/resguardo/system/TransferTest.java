package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.StoreException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;
import resguardo.infra.store.StoreUri;
import resguardo.testkit.servers.RealServer;

/**
 * Versions come from tarballs and go to other buckets, on real stores, with keys of the least
 * rights.
 */
class TransferTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  @BeforeEach
  void start() {
    pipeline = new Pipeline(folder);
  }

  private static byte[] random(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static void pack(Path data, Path tarballs, int number) throws Exception {
    String name = "alpha" + data.toString().replace('/', '-') + number + ".tgz";
    Pipeline.run(
        "tar",
        "--format=posix",
        "-czf",
        tarballs.resolve(name).toString(),
        "-C",
        "/",
        data.toString().substring(1));
  }

  @Test
  void tarballsAreTakenOverWithAKeyThatCanDoNoMoreAndTheNextBackupGoesOnFromThem()
      throws Exception {
    pipeline.startOfEach("alpha");
    Path data = pipeline.data("data");
    Path tarballs = pipeline.folder("tarballs");
    Files.write(data.resolve("large"), random(1, 40_000_000));
    pack(data, tarballs, 1);
    for (int i = 2; i <= 4; i++) {
      Files.write(data.resolve("file" + i), random(i, 400_000));
      pack(data, tarballs, i);
    }
    String owner = pipeline.store().fact("store_uri");
    String policy =
        pipeline.said("transfer", Map.of("RESGUARDO_STORE", owner), "import", "--print-policy");
    String key = StoreKeys.of(pipeline.store(), "", policy);
    Map<String, String> withKey = Map.of("RESGUARDO_STORE", key);
    String[] words = {"import", tarballs + "", "--node", "alpha", "--path", data + ""};

    for (int i = 1; i <= 2; i++) {
      Process killed = pipeline.transferProcess(withKey, words);
      String done = "version 00000" + i;
      await()
          .atMost(Pipeline.PATIENCE)
          .until(() -> pipeline.logged("transfer", done) || !killed.isAlive());
      Pipeline.kill(killed); // somewhere in the next
    }
    Pipeline.Result imported = pipeline.transfer(withKey, words);
    assertThat(imported.exit()).as(imported.out() + imported.err()).isZero();
    List<VersionHeader> versions = pipeline.history("alpha", data).versions();
    assertThat(versions).hasSize(4);
    assertThat(versions).extracting(v -> v.serial().value()).containsExactly(4L, 3L, 2L, 1L);
    pipeline.assertRestorable("alpha", data);
    pipeline.assertRestorableByTheGuide("alpha", data);

    String[] registered = java.util.Arrays.copyOf(words, words.length + 2);
    registered[words.length] = "--freq";
    registered[words.length + 1] = "1";
    Pipeline.Result again =
        pipeline.transfer(withKey, registered); // knows the broker as an operator does
    assertThat(again.exit()).as(again.err()).isZero();
    assertThat(again.out()).contains("imported: 0, already: 4").contains("registered alpha:");
    Files.writeString(data.resolve("new"), "new");
    pipeline.awaitVersions("alpha", data, 5);
    pipeline.awaitUnchanged("alpha", data);
    VersionHeader next = pipeline.history("alpha", data).versions().get(0);
    assertThat(next.imported()).isNull();
    assertThat(next.archives()).extracting(ArchiveRef::key).contains(large(versions));
    pipeline.assertRestorable("alpha", data);
    assertThat(pipeline.admin("verify", "--node", "alpha", "--path", data + "", "--read").exit())
        .isZero();
    assertThat(pipeline.admin("audit").out()).contains("register");

    try (ArchiveStore bucket = StoreUri.parse(key).open()) {
      assertThatThrownBy(
              () -> bucket.delete(BucketLayout.manifest(next.registration(), next.serial())))
          .isInstanceOf(StoreException.Denied.class);
      assertThatThrownBy(() -> bucket.delete(BucketLayout.registration(next.registration())))
          .isInstanceOf(StoreException.Denied.class);
    }
  }

  private static String large(List<VersionHeader> versions) {
    return versions.get(versions.size() - 1).archives().get(0).key();
  }

  @Test
  void adminHandsOverAndWhatCannotBeTakenOverIsToldByItsExitCode() throws Exception {
    pipeline.coordinator();
    Path tarballs = pipeline.folder("tarballs");
    Files.write(tarballs.resolve("alpha-srv-data1.tgz"), random(1, 1000));
    Map<String, String> owner = Map.of("RESGUARDO_STORE", pipeline.store().fact("store_uri"));
    String[] words = {"import", tarballs + "", "--node", "alpha", "--path", "/srv/data"};
    pipeline.awaitBucket();
    Pipeline.Result broken = pipeline.adminWith(owner, words);
    assertThat(broken.exit()).isEqualTo(1);
    assertThat(broken.err()).contains("refused").contains("alpha-srv-data1.tgz");
    assertThat(pipeline.adminWith(Map.of(), words).exit()).as("no store is named").isEqualTo(2);
    assertThat(pipeline.adminWith(owner, "import").exit()).isEqualTo(2);
    Pipeline.Result none =
        pipeline.adminWith(owner, "import", tarballs + "", "--node", "beta", "--path", "/x");
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.err()).contains("none is called as one of beta:/x");
  }

  /** Whether something is at the other store, be it the note of an archive that is on its way. */
  private static boolean isBegun(ArchiveStore store) {
    try {
      return !store.list(BucketLayout.COPIES, null, 1).isEmpty()
          || !store.list(BucketLayout.ARCHIVES, null, 1).isEmpty();
    } catch (StoreException notYet) {
      return false; // the bucket is not made yet
    }
  }

  private String policy(String at, String... more) throws Exception {
    String owner = pipeline.store().fact("store_uri");
    List<String> words = new java.util.ArrayList<>(List.of("export"));
    words.addAll(List.of(more));
    return pipeline.said(
        "transfer",
        Map.of("RESGUARDO_STORE", owner, "RESGUARDO_EXPORT_TO", at),
        words.toArray(String[]::new));
  }

  /** What the export that goes on tells Prometheus; empty: nothing yet. */
  private String metrics() throws Exception {
    String at = "health at ";
    for (String line : pipeline.logLines("transfer")) {
      if (line.contains(at)) {
        String health = line.substring(line.indexOf(at) + at.length()).strip();
        try (InputStream in =
            URI.create(health.replace("/healthz", "/metrics")).toURL().openStream()) {
          return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
      }
    }
    return "";
  }

  @Test
  void versionsAreCopiedToAnotherStoreWithKeysThatCanDoNoMoreAndACoordinatorGoesOnThere()
      throws Exception {
    RealServer elsewhere = RealServer.minio(folder.resolve("elsewhere"));
    try {
      Process coordinator = pipeline.coordinator();
      Process worker = pipeline.worker();
      pipeline.agent("alpha");
      Path data = pipeline.data("data");
      Files.write(data.resolve("large"), random(1, 30_000_000));
      pipeline.register("alpha", data, 1);
      for (int i = 1; i <= 3; i++) {
        pipeline.awaitVersions("alpha", data, i);
        Files.write(data.resolve("file" + i), random(i, 400_000));
      }
      pipeline.awaitVersions("alpha", data, 4);
      pipeline.awaitUnchanged("alpha", data);
      String target = elsewhere.fact("store_uri");
      String source =
          StoreKeys.of(pipeline.store(), "", policy(target, "--print-policy", "source"));
      String into = StoreKeys.of(elsewhere, "", policy(target, "--print-policy", "target"));
      Map<String, String> keys = Map.of("RESGUARDO_STORE", source, "RESGUARDO_EXPORT_TO", into);

      Process killed = pipeline.transferProcess(keys, "export", "--every", "1s");
      try (ArchiveStore there = StoreUri.parse(target).open()) {
        await().atMost(Pipeline.PATIENCE).until(() -> isBegun(there));
      }
      Pipeline.kill(killed); // somewhere in the middle
      Pipeline.Result copied = pipeline.adminWith(keys, "export");
      assertThat(copied.exit()).as(copied.out() + copied.err()).isZero();
      List<VersionHeader> versions = pipeline.history("alpha", data).versions();
      VersionHeader oldest = versions.get(versions.size() - 1);
      try (ArchiveStore one = StoreUri.parse(source).open();
          ArchiveStore two = StoreUri.parse(into).open();
          ArchiveStore bucket = pipeline.bucket()) {
        var registration = BucketLayout.registration(oldest.registration());
        assertThatThrownBy(() -> one.put(registration, Content.of(new byte[1])))
            .isInstanceOf(StoreException.Denied.class);
        var manifest = BucketLayout.manifest(oldest.registration(), oldest.serial());
        assertThatThrownBy(() -> two.delete(manifest)).isInstanceOf(StoreException.Denied.class);

        bucket.delete(manifest);
        String pruner =
            StoreKeys.of(elsewhere, "", policy(target, "--print-policy", "target", "--prune"));
        Map<String, String> pruning =
            Map.of("RESGUARDO_STORE", source, "RESGUARDO_EXPORT_TO", pruner);
        String[] words = {"export", "--prune", "--grace", "1s"};
        assertThat(pipeline.transfer(pruning, words).out()).contains("1 waiting, 0 removed");
        assertThat(two.head(manifest)).isPresent();
        Thread.sleep(2000); // by the clock of the store
        assertThat(pipeline.transfer(pruning, words).out()).contains("0 waiting, 1 removed");
        assertThat(two.head(manifest)).isEmpty();
      }

      Process kept = pipeline.transferProcess(keys, "export", "--every", "1s", "--port", "0");
      await()
          .atMost(Pipeline.PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(metrics())
                      .contains("resguardo_export_problems{")
                      .containsPattern(
                          "resguardo_export_last_complete_timestamp_seconds\\{.*\\} [1-9]"));
      Pipeline.kill(kept);

      Pipeline.kill(coordinator); // and with it the bucket
      Pipeline.kill(worker);
      pipeline.coordinatorWith(Map.of("RESGUARDO_STORE", target));
      pipeline.workerWith(Map.of("RESGUARDO_STORE", target));
      Files.writeString(data.resolve("after"), "the disaster");
      long newest = versions.get(0).serial().value();
      await()
          .atMost(Pipeline.PATIENCE)
          .until(
              () -> {
                List<VersionHeader> there = pipeline.history("alpha", data).versions();
                return !there.isEmpty() && there.get(0).serial().value() > newest;
              });
      pipeline.awaitUnchanged("alpha", data);
      Pipeline.Result tooLate = pipeline.transfer(keys, "export");
      assertThat(tooLate.exit()).as("an export that nobody has stopped").isEqualTo(1);
      assertThat(tooLate.err()).contains("a coordinator has led at the target");
      assertThat(tooLate.out()).contains("versions 0, archives 0 (0 bytes), other objects 0");
      pipeline.assertRestorable("alpha", data);
      assertThat(pipeline.history("alpha", data).versions().get(0).archives())
          .as("it is a delta of what was copied")
          .extracting(ArchiveRef::key)
          .contains(large(versions));
      assertThat(pipeline.admin("verify", "--node", "alpha", "--path", data + "", "--read").exit())
          .isZero();
    } finally {
      elsewhere.close();
    }
  }
}
