package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What was backed up on one node comes back on another, whoever is killed meanwhile. */
class RestoreToNodeTest {
  /** Some seconds of work: enough to be in the middle of it. */
  private static final int MEBIBYTES = 400;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  private Path data;
  private Path target;
  private Process worker;
  private Process beta;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    data = pipeline.data("kept");
    target = Files.createDirectories(folder.resolve("target")).toRealPath();
    pipeline.coordinator();
    worker = pipeline.worker();
    pipeline.agent("alpha");
    beta = beta();
  }

  private Process beta() throws IOException {
    return pipeline.agentBy("exec \"$@\"", "beta", Map.of(), "--restore-to", target.toString());
  }

  private void backUp() throws Exception {
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
  }

  private void writeLarge() throws IOException {
    Random random = new Random(1);
    byte[] mebibyte = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(data.resolve("random"))) {
      for (int i = 0; i < MEBIBYTES; i++) {
        random.nextBytes(mebibyte);
        out.write(mebibyte);
      }
    }
  }

  private Pipeline.Result restore(String to, String... more) throws Exception {
    List<String> words = new ArrayList<>(List.of("restore", "--node", "alpha", "--path"));
    words.addAll(List.of(data.toString(), "--to-node", to, "--timeout", "60"));
    words.addAll(List.of(more));
    return pipeline.admin(words.toArray(String[]::new));
  }

  private void assertRestored(Path to, String... more) throws Exception {
    Pipeline.Result result = restore("beta:" + to, more);
    assertThat(result.exit()).as(result.err()).isZero();
    assertThat(result.out()).contains("restored version 000001").contains("to beta:" + to);
    Trees.assertEqual(Path.of(to + data.toString()), data);
  }

  @Test
  void whatIsOfOneNodeComesBackOnAnotherAsFarAsThatAllows() throws Exception {
    Files.createDirectories(data.resolve("deep/er"));
    Files.writeString(data.resolve("deep/er/odd \n name"), "1");
    Files.createSymbolicLink(data.resolve("link"), Path.of("deep/nowhere"));
    Files.createLink(data.resolve("again"), data.resolve("deep/er/odd \n name"));
    Pipeline.run("chmod", "4750", data.resolve("again").toString());
    byte[] large = new byte[12 << 20];
    new Random(2).nextBytes(large);
    Files.write(data.resolve("large"), large);
    backUp();
    assertRestored(target.resolve("all"));
    Pipeline.Result full = restore("beta:" + target.resolve("all"));
    assertThat(full.exit()).isEqualTo(1);
    assertThat(full.err()).contains("is not empty", "--overwrite");
    assertRestored(target.resolve("all"), "--overwrite");
    Pipeline.Result part = restore("beta:" + target.resolve("one"), "--entry", "large", "--json");
    assertThat(part.exit()).as(part.err()).isZero();
    assertThat(part.out()).contains("\"type\":\"restored\"", "\"files\":1");
    assertThat(Path.of(target + "/one" + data + "/large")).hasBinaryContent(large);
    assertRefusals();
  }

  private void assertRefusals() throws Exception {
    Path elsewhere = pipeline.data("elsewhere"); // beta may read it, and alpha too
    for (String to : List.of("beta:" + elsewhere, "alpha:" + target.resolve("no"))) {
      Pipeline.Result refused = restore(to);
      assertThat(refused.exit()).isEqualTo(1);
      assertThat(refused.err()).contains("Failed to restore", "--restore-to");
    }
    assertThat(elsewhere).isEmptyDirectory();
    assertThat(target.resolve("no")).doesNotExist();
    Pipeline.Result nobody = restore("gamma:" + target.resolve("no"));
    assertThat(nobody.exit()).isEqualTo(4);
    assertThat(nobody.err()).contains("there is no agent of gamma", "Is the node's agent running?");
  }

  /** Begins a restore, and returns once some of it is there. */
  private CompletableFuture<Pipeline.Result> begun(Path to) {
    CompletableFuture<Pipeline.Result> result =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return restore("beta:" + to);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    Path file = Path.of(to + data.toString() + "/random");
    await()
        .atMost(Pipeline.PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> Files.exists(file) && size(file) > 0);
    return result;
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertBrokenOff(Pipeline.Result result, String... words) {
    assertThat(result.exit()).as("the restore was over already: %s", result.out()).isEqualTo(1);
    assertThat(result.err()).contains("Failed to restore").contains(words);
  }

  @Test
  void anAgentThatIsKilledInTheMiddleIsToldAndASecondTryRestoresAll() throws Exception {
    writeLarge();
    backUp();
    CompletableFuture<Pipeline.Result> restore = begun(target.resolve("back"));
    Pipeline.kill(beta);
    assertBrokenOff(restore.get(), "agent", "was silent");
    beta = beta();
    assertRestored(target.resolve("back"), "--overwrite");
  }

  @Test
  void aWorkerThatIsKilledInTheMiddleIsToldAndTheAgentEndsItAndASecondTryRestoresAll()
      throws Exception {
    writeLarge();
    backUp();
    CompletableFuture<Pipeline.Result> restore = begun(target.resolve("back"));
    Pipeline.kill(worker);
    worker = pipeline.worker();
    assertBrokenOff(restore.get(), "the worker that served it has ended");
    assertRestored(target.resolve("another")); // it waits until the agent has given up the first
    assertThat(pipeline.logged("agent", "did not restore version 000001")).isTrue();
  }
}
