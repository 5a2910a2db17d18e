package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Status;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Answer;
import resguardo.core.version.VersionHeader;
import resguardo.infra.store.StoreUri;

/** Roles with no more than the rights that they print, and versions that nobody can remove. */
class LockTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  @BeforeEach
  void start() {
    pipeline = new Pipeline(folder);
  }

  private String keyOf(String program, String options) throws Exception {
    return pipeline.keyOf(program, options);
  }

  @Test
  void allWorksWithTheLeastRightsAndAStolenKeyOfAWorkerDestroysNothing() throws Exception {
    Path data = pipeline.data("data");
    Files.writeString(data.resolve("file"), "content");
    String worker = keyOf("fetch-worker", "&lock=true");
    pipeline.coordinatorWith(Map.of("RESGUARDO_STORE", keyOf("coordinator", "&lock=true")));
    pipeline.workerWith(Map.of("RESGUARDO_STORE", worker));
    pipeline.agent("alpha");
    Instant began = Instant.now();
    pipeline.register("alpha", data, 1, "--lock-for", "30d");
    pipeline.awaitVersions("alpha", data, 1);
    Files.write(data.resolve("large"), new byte[700_000]);
    pipeline.awaitVersions("alpha", data, 2);
    Files.writeString(data.resolve("more"), "more content");
    pipeline.awaitVersions("alpha", data, 3);
    pipeline.awaitUnchanged("alpha", data);
    pipeline.assertRestorable("alpha", data);
    assertThat(pipeline.admin("list").out()).contains("locked for 30d");
    assertThat(pipeline.admin("doctor").out()).contains("broken: 0");

    List<VersionHeader> versions = pipeline.history("alpha", data).versions();
    try (ArchiveStore thief = StoreUri.parse(worker).open();
        ArchiveStore bucket = pipeline.bucket()) {
      ObjectLock locks = bucket.locks().orElseThrow();
      for (VersionHeader version : versions) {
        ObjectKey manifest = BucketLayout.manifest(version.registration(), version.serial());
        Instant needed = locks.until(manifest).orElseThrow();
        assertThat(needed).isAfter(began.plus(Duration.ofDays(30)).minusSeconds(1));
        for (ObjectKey archive :
            version.archives().stream().map(ref -> new ObjectKey(ref.key())).toList()) {
          assertThat(locks.until(archive).orElseThrow())
              .as("%s, which %s leans on", archive, manifest)
              .isAfterOrEqualTo(needed);
          assertThatThrownBy(() -> thief.delete(archive)).isInstanceOf(StoreException.Denied.class);
          assertThatThrownBy(() -> bucket.delete(archive))
              .as("the owner of the store")
              .isInstanceOf(StoreException.Denied.class);
        }
        assertThatThrownBy(() -> thief.delete(manifest)).isInstanceOf(StoreException.Denied.class);
      }
      assertThatThrownBy(() -> thief.put(BucketLayout.LEASE, Content.of(new byte[1])))
          .isInstanceOf(StoreException.Denied.class);
    }
    assertThat(pipeline.admin("verify", "--node", "alpha", "--path", data + "", "--read").exit())
        .isZero();
  }

  @Test
  void aStolenKeyOfAWorkerLocksNothingForAHundredYearsAndWhoeverAsksForMoreIsTold()
      throws Exception {
    String owner = pipeline.store().fact("store_uri") + "&lock=true";
    String policy =
        pipeline.said(
            "fetch-worker",
            Map.of("RESGUARDO_STORE", owner),
            "--print-policy",
            "--lock-at-most",
            "40d");
    String key = StoreKeys.of(pipeline.store(), "&lock=true", policy);
    pipeline.coordinatorWith(Map.of("RESGUARDO_STORE", owner));
    Process worker = pipeline.workerWith(Map.of("RESGUARDO_STORE", key));
    pipeline.agent("alpha");
    Path data = pipeline.data("data");
    Files.writeString(data.resolve("file"), "content");
    Instant began = Instant.now();
    pipeline.register("alpha", data, 1, "--lock-for", "40d");
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitUnchanged("alpha", data);
    VersionHeader version = pipeline.history("alpha", data).versions().get(0);
    ObjectKey manifest = BucketLayout.manifest(version.registration(), version.serial());
    ObjectKey archive = new ObjectKey(version.archives().get(0).key());
    Instant forEver = Instant.now().plus(Duration.ofDays(36_500));
    try (ArchiveStore thief = StoreUri.parse(key).open()) {
      ObjectLock locks = thief.locks().orElseThrow();
      ObjectKey garbage = new ObjectKey("archives/alpha/garbage");
      thief.put(garbage, Content.of(new byte[1]));
      for (ObjectKey object : List.of(garbage, archive, manifest)) {
        assertThatThrownBy(() -> locks.lock(object, forEver))
            .as(object.value())
            .isInstanceOf(StoreException.Denied.class);
      }
      assertThat(locks.until(garbage)).isEmpty();
      assertThat(locks.until(manifest).orElseThrow())
          .isBetween(
              began.plus(Duration.ofDays(40)).minusSeconds(1),
              Instant.now().plus(Duration.ofDays(40)));
    }

    // One worker does not know what its key may: it learns it from the store.
    Path more = pipeline.data("more");
    Files.writeString(more.resolve("file"), "content");
    pipeline.register("alpha", more, 1, "--lock-for", "60d");
    awaitReason(more, "could not be locked for 60d: the worker's key of the store may not");
    Files.writeString(more.resolve("file"), "another content");
    awaitSlotAfter(Instant.now(), more);
    awaitReason(more, "version 000001 is there and could not be locked for 60d");
    assertThat(pipeline.history("alpha", more).versions()).as("no other is made").hasSize(1);

    // Another does, and begins nothing.
    Pipeline.kill(worker);
    Map<String, String> bounded = Map.of("RESGUARDO_STORE", key, "RESGUARDO_LOCK_AT_MOST", "40d");
    pipeline.workerWith(bounded);
    Path most = pipeline.data("most");
    Files.writeString(most.resolve("file"), "content");
    pipeline.register("alpha", most, 1, "--lock-for", "60d");
    awaitReason(most, "to be locked for 60d, and this worker locks for 40d at most");
    assertThat(pipeline.history("alpha", most).versions()).isEmpty();

    // What is asked for is shortened: all that was left out is made up for.
    pipeline.register("alpha", more, 1, "--lock-for", "40d");
    pipeline.register("alpha", most, 1, "--lock-for", "40d");
    pipeline.awaitVersions("alpha", more, 2);
    pipeline.awaitVersions("alpha", most, 1);
    pipeline.awaitUnchanged("alpha", more);
    try (ArchiveStore bucket = pipeline.bucket()) {
      for (VersionHeader made : pipeline.history("alpha", more).versions()) {
        ObjectKey locked = BucketLayout.manifest(made.registration(), made.serial());
        assertThat(bucket.locks().orElseThrow().until(locked)).as(locked.value()).isPresent();
      }
    }
    pipeline.assertRestorable("alpha", more);
  }

  private void awaitReason(Path path, String reason) {
    awaitStatus(
        path,
        status ->
            status.lastOutcome() == Status.Outcome.FAILED
                && String.valueOf(status.lastReason()).contains(reason));
  }

  private void awaitSlotAfter(Instant time, Path path) {
    awaitStatus(path, status -> status.lastSlot().isAfter(time));
  }

  private void awaitStatus(Path path, Predicate<Status> is) {
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () ->
                pipeline.list().stream()
                    .filter(line -> line.key().path().equals(SourcePath.parse(path + "")))
                    .map(Answer.RegistrationLine::status)
                    .anyMatch(status -> status != null && is.test(status)));
  }

  @Test
  void whereTheBucketCannotLockARegistrationThatAsksForItIsRefused() throws Exception {
    pipeline.startOfEach("alpha");
    Path data = pipeline.data("data");
    String[] words = {"publish", "register", "--node", "alpha", "--path", data + "", "--freq", "1"};
    Pipeline.Result refused =
        pipeline.admin(with(words, "--wait", "--timeout", "60", "--lock-for", "1d"));
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("the bucket has no object lock").contains("?lock=true");
    assertThat(pipeline.list()).isEmpty();
    assertThat(pipeline.admin(with(words, "--lock-for", "soon")).exit()).isEqualTo(2);
    assertThat(pipeline.admin(with(words, "--lock-for", "101y")).exit()).isEqualTo(2);
  }

  private static String[] with(String[] words, String... more) {
    return java.util.stream.Stream.concat(
            java.util.Arrays.stream(words), java.util.Arrays.stream(more))
        .toArray(String[]::new);
  }
}
