package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;

/**
 * Something is killed in the middle of a job: in the end there is exactly one version, and it is
 * whole.
 */
class KillTest {
  /** Some seconds of work: enough to be in the middle of it. */
  private static final int MEBIBYTES = 400;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  private Path data;
  private Process coordinator;
  private Process worker;
  private Process agent;

  @BeforeEach
  void startAJob() throws Exception {
    pipeline = new Pipeline(folder);
    data = pipeline.data("large");
    writeRandom(data.resolve("random"), 1);
    coordinator = pipeline.coordinator();
    worker = pipeline.worker();
    agent = pipeline.agent("alpha");
    pipeline.register("alpha", data, 3600);
    await().atMost(Pipeline.PATIENCE).until(() -> pipeline.logged("fetch-worker", "took the job"));
    await().atMost(Pipeline.PATIENCE).until(this::uploadIsUnderWay);
    assertThat(pipeline.logged("fetch-worker", "committed version"))
        .as("the job is over already")
        .isFalse();
  }

  /** MinIO keeps the parts of uploads in a folder of its own. */
  private boolean uploadIsUnderWay() throws IOException {
    Path uploads = folder.resolve("minio/data/.minio.sys/multipart");
    if (!Files.isDirectory(uploads)) {
      return false;
    }
    try (var files = Files.walk(uploads)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith("part."));
    } catch (java.io.UncheckedIOException vanishedMeanwhile) {
      return false;
    }
  }

  private static void writeRandom(Path file, int seed) throws IOException {
    byte[] block = new byte[1024 * 1024];
    Random random = new Random(seed);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < MEBIBYTES; i++) {
        random.nextBytes(block);
        out.write(block);
      }
    }
  }

  private void assertExactlyOneWholeVersion() throws Exception {
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    assertThat(pipeline.history("alpha", data).versions())
        .extracting(VersionHeader::serial)
        .extracting(serial -> serial.value())
        .containsExactly(1L);
    pipeline.assertRestorable("alpha", data);
  }

  @Test
  void worker() throws Exception {
    Pipeline.kill(worker);
    pipeline.worker();
    assertExactlyOneWholeVersion();
  }

  @Test
  void agent() throws Exception {
    Pipeline.kill(agent);
    pipeline.agent("alpha");
    assertExactlyOneWholeVersion();
  }

  @Test
  void coordinator() throws Exception {
    Pipeline.kill(coordinator);
    pipeline.coordinator();
    assertExactlyOneWholeVersion();
  }

  @Test
  void broker() throws Exception {
    pipeline.broker().kill();
    pipeline.broker().start();
    assertExactlyOneWholeVersion();
  }

  @Test
  void store() throws Exception {
    pipeline.store().kill();
    pipeline.store().start();
    assertExactlyOneWholeVersion();
  }

  @Test
  void everyRoleAtOnce() throws Exception {
    Pipeline.kill(worker);
    Pipeline.kill(coordinator);
    Pipeline.kill(agent);
    pipeline.startOfEach("alpha");
    assertExactlyOneWholeVersion();
  }

  /** A half of the only archive is dead: the rest of it is moved into a new one. */
  @Test
  void adminInTheMiddleOfAQuery() throws Exception {
    pipeline.awaitVersions("alpha", data, 1);
    Path tgz = Files.createDirectories(folder.resolve("queried")).resolve("latest.tgz");
    Process query = pipeline.adminProcess(Pipeline.queryWords("alpha", data, tgz));
    await()
        .atMost(Pipeline.PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> largest(tgz.getParent()) > 1 << 20);
    Pipeline.kill(query);
    assertThat(tgz).as("of what was cut off nothing has its name").doesNotExist();
    assertThat(largest(tgz.getParent())).isLessThan((long) MEBIBYTES << 20);
    pipeline.query("alpha", data, tgz);
    assertThat(Files.size(tgz)).isGreaterThan((long) MEBIBYTES << 20);
    assertExactlyOneWholeVersion();
  }

  /** The size of the largest file in a folder; 0 when there is none. */
  private static long largest(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).max().orElse(0);
    }
  }

  @Test
  void workerInTheMiddleOfAMerge() throws Exception {
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    try (RandomAccessFile file = new RandomAccessFile(data.resolve("random").toFile(), "rw")) {
      file.setLength((MEBIBYTES / 2 - 10L) << 20);
    }
    pipeline.register("alpha", data, 1);
    try (ArchiveStore bucket = pipeline.bucket()) {
      // One note is of what came, the other of what is merged.
      await()
          .atMost(Pipeline.PATIENCE)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> bucket.list(BucketLayout.STAGING, null, 10).size() == 2);
      Pipeline.kill(worker);
      assertThat(pipeline.logged("fetch-worker", "committed version 000002"))
          .as("the merge is over already")
          .isFalse();
      pipeline.worker();
      pipeline.awaitVersions("alpha", data, 2);
      pipeline.register("alpha", data, 3600);
      pipeline.awaitQuiet();
      List<VersionHeader> versions = pipeline.history("alpha", data).versions();
      assertThat(versions).extracting(version -> version.serial().value()).containsExactly(2L, 1L);
      pipeline.assertRestorable("alpha", data);
      assertThat(uploadIsUnderWay()).isFalse();
      assertThat(bucket.list(BucketLayout.STAGING, null, 10)).isEmpty();
      assertThat(bucket.list("archives/", null, 10))
          .extracting(object -> object.key().value())
          .containsExactlyInAnyOrderElementsOf(
              versions.stream()
                  .flatMap(version -> version.archives().stream())
                  .map(ArchiveRef::key)
                  .distinct()
                  .toList());
      assertThat(versions.get(0).archives())
          .doesNotContainAnyElementsOf(versions.get(1).archives());
    }
  }

  @Test
  void workerAndAgentInTheMiddleOfADelta() throws Exception {
    pipeline.awaitVersions("alpha", data, 1);
    writeRandom(data.resolve("another"), 2);
    pipeline.register("alpha", data, 1);
    await().atMost(Pipeline.PATIENCE).until(this::uploadIsUnderWay);
    Pipeline.kill(agent);
    Pipeline.kill(worker);
    pipeline.worker();
    pipeline.agent("alpha");
    pipeline.awaitVersions("alpha", data, 2);
    pipeline.register("alpha", data, 3600);
    pipeline.awaitQuiet();
    assertThat(pipeline.history("alpha", data).versions())
        .extracting(version -> version.serial().value())
        .containsExactly(2L, 1L);
    assertThat(pipeline.history("alpha", data).versions().get(0).archives()).hasSize(2);
    pipeline.assertRestorable("alpha", data);
  }
}
