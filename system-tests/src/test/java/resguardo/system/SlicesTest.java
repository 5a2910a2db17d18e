package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.StoredObject;
import resguardo.core.version.VersionHeader;

/** Sets that go in slices, and something that is killed on the way, on real servers. */
class SlicesTest {
  private static final int MIB = 1024 * 1024;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  private Path data;
  private long bytes;
  private int sliceMebibytes;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    data = pipeline.data("large");
  }

  private void write(String name, int size) throws IOException {
    byte[] block = new byte[MIB];
    Random random = new Random(name.hashCode());
    try (OutputStream out = Files.newOutputStream(data.resolve(name))) {
      for (int left = size; left > 0; left -= block.length) {
        random.nextBytes(block);
        out.write(block, 0, Math.min(left, block.length));
      }
    }
    bytes += size;
  }

  private Process worker() throws IOException {
    return pipeline.worker("--slice-bytes", sliceMebibytes + "MiB");
  }

  private void awaitSlices(int many) {
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> pipeline.logged("fetch-worker", String.format("kept slice %06d", many)));
    assertThat(pipeline.logged("fetch-worker", "committed version"))
        .as("the job is over already")
        .isFalse();
  }

  private List<StoredObject> objects(String prefix) throws Exception {
    try (ArchiveStore bucket = pipeline.bucket()) {
      List<StoredObject> all = new ArrayList<>();
      List<StoredObject> page = bucket.list(prefix, null, 1000);
      while (!page.isEmpty()) {
        all.addAll(page);
        page = bucket.list(prefix, page.get(page.size() - 1).key(), 1000);
      }
      return all;
    }
  }

  /** One version, equal, of as many bytes as there are, and nothing is left of its making. */
  private void assertExactlyOneVersionThatIsEqual() throws Exception {
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    VersionHeader version = pipeline.history("alpha", data).versions().get(0);
    assertThat(version.serial().value()).isEqualTo(1);
    assertThat(pipeline.history("alpha", data).versions()).hasSize(1);
    assertThat(version.archiveBytes()).isBetween(bytes, bytes + bytes / 50);
    pipeline.assertRestorable("alpha", data);
    await()
        .atMost(Pipeline.PATIENCE)
        .untilAsserted(() -> assertThat(objects(BucketLayout.SLICES)).isEmpty());
  }

  @Test
  void aSetOfManySlicesWithAFileOfSeveralArrivesAndComesBackEqual() throws Exception {
    sliceMebibytes = 16;
    for (int i = 0; i < 400; i++) {
      write("some " + (1000 + i), 300_000);
    }
    write("some of 64 MiB", 64 * MIB);
    for (int i = 0; i < 40; i++) {
      write("z " + (1000 + i), 500_000);
    }
    pipeline.coordinator();
    worker();
    pipeline.agent("alpha");
    pipeline.register("alpha", data, 3600);
    awaitSlices(2);
    assertThat(pipeline.history("alpha", data).versions()).as("not before all is there").isEmpty();
    assertExactlyOneVersionThatIsEqual();
    pipeline.assertRestorableByTheGuide("alpha", data);
    assertThat(pipeline.logged("fetch-worker", "kept slice 000008")).isTrue();
    Files.writeString(data.resolve("some 1007"), "changed");
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 2);
    pipeline.register("alpha", data, 3600);
    pipeline.awaitQuiet();
    pipeline.assertRestorable("alpha", data);
  }

  /** Of several slices; begun, with more than one of them to come. */
  private Process[] begin() throws Exception {
    sliceMebibytes = 8;
    for (int i = 0; i < 200; i++) {
      write("some " + (1000 + i), 500_000);
    }
    write("z", 40 * MIB);
    Process[] started = {pipeline.coordinator(), worker(), pipeline.agent("alpha")};
    pipeline.register("alpha", data, 3600);
    awaitSlices(2);
    return started;
  }

  private void assertAtMostASliceCameTwice() throws Exception {
    List<StoredObject> before = objects("archives/");
    assertExactlyOneVersionThatIsEqual();
    List<StoredObject> all = new ArrayList<>(before);
    all.addAll(objects("archives/"));
    long brought =
        all.stream()
            .collect(
                java.util.stream.Collectors.toMap(StoredObject::key, StoredObject::size, Math::max))
            .values()
            .stream()
            .mapToLong(Long::longValue)
            .sum();
    assertThat(brought).isLessThan(bytes + (sliceMebibytes + 6L) * MIB);
  }

  @Test
  void aWorkerThatIsKilledBetweenSlices() throws Exception {
    Pipeline.kill(begin()[1]);
    worker();
    assertAtMostASliceCameTwice();
  }

  @Test
  void anAgentThatIsKilledBetweenSlices() throws Exception {
    Pipeline.kill(begin()[2]);
    pipeline.agent("alpha");
    assertAtMostASliceCameTwice();
  }

  @Test
  void aCoordinatorThatIsKilledBetweenSlices() throws Exception {
    Pipeline.kill(begin()[0]);
    pipeline.coordinator();
    assertAtMostASliceCameTwice();
  }
}
