package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.version.VersionHeader;

/** Several coordinators, of which one leads; under load, on real servers. */
class LeadTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  private Process first;
  private Process second;
  private final List<Path> paths = new ArrayList<>();

  /** Changes a file of each path, all the time. */
  private final Thread writer = new Thread(this::write, "writer");

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    for (int i = 0; i < 4; i++) {
      Path path = pipeline.data("data " + i);
      Files.write(path.resolve("counter"), new byte[8]);
      paths.add(path);
    }
    first = pipeline.coordinator();
    await().atMost(Pipeline.PATIENCE).until(() -> leads(1));
    second = pipeline.coordinator();
    await().atMost(Pipeline.PATIENCE).until(() -> pipeline.logged("coordinator", "stands by"));
    writer.start();
  }

  @AfterEach
  void end() throws Exception {
    writer.interrupt();
    writer.join();
  }

  private void write() {
    try {
      for (long count = 1; ; count++) {
        for (Path path : paths) {
          try (RandomAccessFile file =
              new RandomAccessFile(path.resolve("counter").toFile(), "rw")) {
            file.writeLong(count);
          }
        }
        Thread.sleep(200);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean leads(int epoch) {
    return pipeline.logged("coordinator", "leads, epoch " + epoch + ";");
  }

  private List<VersionHeader> oldestFirst(Path path) throws Exception {
    List<VersionHeader> versions = new ArrayList<>(pipeline.history("alpha", path).versions());
    java.util.Collections.reverse(versions);
    return versions;
  }

  /** Serials without gaps, and no slot twice. */
  private void assertNothingLostOrDoubled() throws Exception {
    for (Path path : paths) {
      List<VersionHeader> versions = oldestFirst(path);
      long next = versions.get(0).serial().value();
      for (VersionHeader version : versions) {
        assertThat(version.serial().value()).isEqualTo(next++);
      }
      assertThat(versions).extracting(VersionHeader::slot).doesNotHaveDuplicates().isSorted();
    }
  }

  private List<String> registered() throws Exception {
    return pipeline.list().stream().map(line -> line.key().path().text()).sorted().toList();
  }

  @Test
  void whenTheOneThatLeadsIsKilledTheOtherGoesOn() throws Exception {
    pipeline.worker();
    pipeline.agent("alpha");
    for (Path path : paths) {
      pipeline.register("alpha", path, 1);
      pipeline.awaitVersions("alpha", path, 1);
    }
    Instant killed = Instant.now();
    Pipeline.kill(first);
    await().atMost(Pipeline.PATIENCE).until(() -> leads(2));
    System.out.println("taken over after " + Duration.between(killed, Instant.now()));
    Path more = pipeline.data("more");
    Files.writeString(more.resolve("file"), "content");
    pipeline.register("alpha", more, 3600);
    pipeline.awaitVersions("alpha", more, 1);
    for (Path path : paths) {
      Instant taken = Instant.now();
      await()
          .atMost(Pipeline.PATIENCE)
          .until(() -> oldestFirst(path).stream().anyMatch(v -> v.slot().isAfter(taken)));
    }
    assertNothingLostOrDoubled();
    pipeline.assertRestorable("alpha", more);
  }

  @Test
  void oneThatLedAndWasPausedDoesNoHarmWhenItGoesOn() throws Exception {
    pipeline.worker();
    pipeline.agent("alpha");
    for (Path path : paths) {
      pipeline.register("alpha", path, 1);
      pipeline.awaitVersions("alpha", path, 1);
    }
    Pipeline.signal("STOP", first);
    await().atMost(Pipeline.PATIENCE).until(() -> leads(2));
    Path more = pipeline.data("more");
    Files.writeString(more.resolve("file"), "content");
    pipeline.register("alpha", more, 3600);
    Path gone = paths.remove(0);
    Pipeline.Result unregistered =
        pipeline.admin(
            "publish", "unregister", "--node", "alpha", "--path", gone.toString(), "--wait");
    assertThat(unregistered.exit()).as(unregistered.err()).isZero();
    List<String> now = registered();
    assertThat(now).contains(more.toString()).doesNotContain(gone.toString());
    Pipeline.signal("CONT", first);
    await().atMost(Pipeline.PATIENCE).until(() -> pipeline.logged("coordinator", "leads no more"));
    assertThat(registered()).isEqualTo(now);
    int versions = oldestFirst(gone).size();
    Pipeline.kill(second);
    await().atMost(Pipeline.PATIENCE).until(() -> leads(3));
    assertThat(registered()).as("it knows what was done while it slept").isEqualTo(now);
    Path last = paths.get(0);
    int before = oldestFirst(last).size();
    pipeline.awaitVersions("alpha", last, before + 2);
    assertThat(oldestFirst(gone)).hasSize(versions);
    assertNothingLostOrDoubled();
  }

  @Test
  void allRolesAreRestartedOneAfterTheOtherAndNoSlotIsMissed() throws Exception {
    int period = 20;
    Process[] all = {first, second, pipeline.worker(), pipeline.worker(), pipeline.agent("alpha")};
    for (Path path : paths) {
      pipeline.register("alpha", path, period);
    }
    for (Path path : paths) {
      pipeline.awaitVersions("alpha", path, 1);
    }
    for (int i = 0; i < all.length; i++) {
      all[i].destroy();
      assertThat(all[i].waitFor()).isIn(0, 143);
      if (i < 2) {
        pipeline.coordinator();
      } else if (i < 4) {
        pipeline.worker();
      } else {
        pipeline.agent("alpha");
      }
      Thread.sleep(5000); // somebody who looks after each whether it is well
    }
    await("each of both is followed by the other").atMost(Pipeline.PATIENCE).until(() -> leads(3));
    for (Path path : paths) {
      pipeline.awaitVersions("alpha", path, 4);
      List<Instant> slots = oldestFirst(path).stream().map(VersionHeader::slot).toList();
      for (int i = 1; i < slots.size(); i++) {
        assertThat(slots.get(i)).isEqualTo(slots.get(i - 1).plusSeconds(period));
      }
    }
    assertNothingLostOrDoubled();
  }
}
