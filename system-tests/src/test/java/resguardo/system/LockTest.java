package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.StoreException;
import resguardo.core.version.VersionHeader;
import resguardo.infra.store.StoreUri;

/** Roles with no more than the rights that they print, and versions that nobody can remove. */
class LockTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private Pipeline pipeline;

  @BeforeEach
  void start() {
    pipeline = new Pipeline(folder);
  }

  @AfterEach
  void end() throws Exception {
    if (pipeline != null) {
      pipeline.close();
    }
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
  void whereTheBucketCannotLockARegistrationThatAsksForItIsRefused() throws Exception {
    pipeline.startOfEach("alpha");
    Path data = pipeline.data("data");
    String[] words = {"publish", "register", "--node", "alpha", "--path", data + "", "--freq", "1"};
    Pipeline.Result refused = pipeline.admin(with(words, "--wait", "--lock-for", "1d"));
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
