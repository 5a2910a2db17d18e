package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import resguardo.core.catalog.Status;
import resguardo.testkit.net.ChaosProxy;

/**
 * The network between a role and a server, or a server itself, goes wrong in the middle of a job:
 * in the end there is exactly one version, and it is whole.
 */
class NetworkTest {
  private static final int MEBIBYTES = 120;

  /** What a worker may take, whatever its store does; the same for all sizes of sets. */
  private static final long WORKER_KIB = 256 * 1024;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private Pipeline pipeline;
  private Path data;
  private ChaosProxy broker;
  private ChaosProxy store;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    data = pipeline.data("large");
    writeRandom(data.resolve("random"));
    broker = new ChaosProxy(Pipeline.portOf(brokerUri()));
    store = new ChaosProxy(Pipeline.portOf(storeUri()));
    pipeline.coordinator();
  }

  @AfterEach
  void end() throws Exception {
    if (pipeline != null) {
      pipeline.close();
      broker.close();
      store.close();
    }
  }

  private String brokerUri() {
    return pipeline.broker().fact("amqp_uri");
  }

  private String storeUri() {
    return pipeline.store().fact("store_uri");
  }

  private static void writeRandom(Path file) throws IOException {
    byte[] block = new byte[1 << 20];
    Random random = new Random(3);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < MEBIBYTES; i++) {
        random.nextBytes(block);
        out.write(block);
      }
    }
  }

  private Process agentThroughProxy() throws IOException {
    return pipeline.agentBy(
        "exec \"$@\"",
        "alpha",
        Map.of("RESGUARDO_AMQP_URI", Pipeline.through(broker, brokerUri())));
  }

  private Process workerThroughProxies() throws IOException {
    return pipeline.workerWith(
        Map.of(
            "RESGUARDO_AMQP_URI",
            Pipeline.through(broker, brokerUri()),
            "RESGUARDO_STORE",
            Pipeline.through(store, storeUri())));
  }

  /** Slow enough to be met in the middle. */
  private void begin() throws Exception {
    pipeline.register("alpha", data, 3600);
    await().atMost(Pipeline.PATIENCE).until(() -> pipeline.logged("fetch-worker", "took the job"));
    Thread.sleep(2000); // into its bytes: at this rate they take at least five seconds
    assertThat(pipeline.logged("fetch-worker", "committed version")).as("over already").isFalse();
  }

  private void assertExactlyOneWholeVersion() throws Exception {
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    assertThat(pipeline.history("alpha", data).versions()).hasSize(1);
    pipeline.assertRestorable("alpha", data);
  }

  @Test
  void aConnectionOfAnAgentThatIsCutInTheMiddleOfAChunk() throws Exception {
    broker.rate(24 << 20);
    pipeline.worker();
    agentThroughProxy();
    begin();
    broker.cut();
    broker.rate(0);
    assertExactlyOneWholeVersion();
  }

  @Test
  void aConnectionOfAnAgentThatFallsSilentWithoutAnEnd() throws Exception {
    broker.rate(24 << 20);
    pipeline.worker();
    agentThroughProxy();
    begin();
    broker.silence();
    broker.rate(0);
    assertExactlyOneWholeVersion();
  }

  @Test
  void connectionsOfAWorkerThatFallSilentWithoutAnEnd() throws Exception {
    broker.rate(24 << 20);
    workerThroughProxies();
    pipeline.agent("alpha");
    begin();
    broker.silence();
    broker.rate(0);
    assertExactlyOneWholeVersion();
  }

  @Test
  void connectionsToTheStoreThatAreCutInTheMiddleOfAPartAgainAndAgain() throws Exception {
    store.rate(24 << 20);
    workerThroughProxies();
    pipeline.agent("alpha");
    begin();
    for (int i = 0; i < 3; i++) {
      store.cut();
      Thread.sleep(300);
    }
    store.rate(0);
    assertExactlyOneWholeVersion();
  }

  @Test
  void connectionsToTheStoreThatFallSilentInTheMiddleOfAPart() throws Exception {
    store.rate(24 << 20);
    workerThroughProxies();
    pipeline.agent("alpha");
    begin();
    store.silence();
    store.rate(0);
    assertExactlyOneWholeVersion();
  }

  @Test
  void aBitThatIsFlippedOnTheWayFromTheAgent() throws Exception {
    pipeline.worker();
    agentThroughProxy();
    broker.flip(ChaosProxy.Way.TO_SERVER, 30 << 20);
    pipeline.register("alpha", data, 3600);
    assertExactlyOneWholeVersion();
    assertThat(broker.hasFlipped()).isTrue();
  }

  @Test
  void aBitThatIsFlippedOnTheWayToTheStore() throws Exception {
    workerThroughProxies();
    pipeline.agent("alpha");
    store.flip(ChaosProxy.Way.TO_SERVER, 30 << 20);
    pipeline.register("alpha", data, 3600);
    assertExactlyOneWholeVersion();
    assertThat(store.hasFlipped()).isTrue();
  }

  @Test
  void aBitThatIsFlippedOnTheWayFromTheStoreIsNeverRestored() throws Exception {
    workerThroughProxies();
    pipeline.agent("alpha");
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitQuiet();
    store.flip(ChaosProxy.Way.TO_CLIENT, 30 << 20);
    Path file = folder.resolve("queried.tgz");
    Pipeline.Result result = pipeline.admin(Pipeline.queryWords("alpha", data, file));
    assertThat(store.hasFlipped()).isTrue();
    assertThat(result.exit()).as(result.out() + result.err()).isEqualTo(1);
    assertThat(file).doesNotExist();
    assertExactlyOneWholeVersion();
  }

  /** Which a repeat finds gone. */
  @Test
  void theAnswerOfTheStoreToTheEndOfAnUploadIsLost() throws Exception {
    workerThroughProxies();
    pipeline.agent("alpha");
    store.loseAnswer(Pattern.compile("POST /\\S+uploadId="));
    pipeline.register("alpha", data, 3600);
    assertExactlyOneWholeVersion();
    assertThat(store.hasLost()).isTrue();
    assertThat(pipeline.logged("fetch-worker", "gave the job back: Failed")).isFalse();
  }

  /** Which a repeat finds there. */
  @Test
  void theAnswerOfTheStoreToAManifestIsLost() throws Exception {
    workerThroughProxies();
    pipeline.agent("alpha");
    store.loseAnswer(Pattern.compile("PUT /\\S+/manifests/"));
    pipeline.register("alpha", data, 3600);
    assertExactlyOneWholeVersion();
    assertThat(store.hasLost()).isTrue();
    assertThat(pipeline.logged("fetch-worker", "gave the job back: Failed")).isFalse();
  }

  @Test
  void aSlowStoreMakesAWorkerWaitAndNotGrow() throws Exception {
    store.rate(4 << 20);
    Process worker = workerThroughProxies();
    pipeline.agent("alpha");
    begin();
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> pipeline.logged("fetch-worker", "committed version"));
    String peak =
        Files.readAllLines(Path.of("/proc", String.valueOf(worker.pid()), "status")).stream()
            .filter(line -> line.startsWith("VmHWM:"))
            .map(line -> line.replaceAll("\\D", ""))
            .findAny()
            .orElseThrow();
    assertThat(Long.parseLong(peak)).isLessThan(WORKER_KIB);
    store.rate(0);
    assertExactlyOneWholeVersion();
  }

  @ParameterizedTest
  @CsvSource({
    "set_vm_memory_high_watermark 0.000001, set_vm_memory_high_watermark absolute 512MB",
    "set_disk_free_limit 1000000GB, set_disk_free_limit 50MB"
  })
  void aBrokerThatBlocksPublishersForWantOfMemoryOrDisk(String want, String plenty)
      throws Exception {
    broker.rate(24 << 20);
    int port = freePort();
    pipeline.worker("--port", String.valueOf(port));
    agentThroughProxy();
    begin();
    assertThat(readiness(port)).isEqualTo("ready\n");
    pipeline.broker().control(want.split(" "));
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> readiness(port).contains("the broker takes nothing now"));
    pipeline.broker().control(plenty.split(" "));
    broker.rate(0);
    assertExactlyOneWholeVersion();
    assertThat(readiness(port)).isEqualTo("ready\n");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static String readiness(int port) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void aBrokerThatComesBackWithoutAnythingThatItHad() throws Exception {
    broker.rate(24 << 20);
    pipeline.worker();
    agentThroughProxy();
    begin();
    pipeline.broker().kill();
    pipeline.broker().forget();
    pipeline.broker().start();
    broker.rate(0);
    assertExactlyOneWholeVersion();
  }

  @Test
  void aJobThatEveryWorkerDiesOfIsGivenUpAndToldAndKeepsNoOtherFromBeingDone() throws Exception {
    pipeline.agent("alpha");
    pipeline.register("alpha", data, 3600);
    for (int i = 1; !pipeline.logged("fetch-worker", "given up: "); i++) {
      assertThat(i).as("not given up yet").isLessThan(15);
      Process worker = pipeline.worker();
      int took = i;
      await()
          .atMost(Pipeline.PATIENCE)
          .until(
              () ->
                  pipeline.loggedTimes("fetch-worker", "took the job") >= took
                      || pipeline.logged("fetch-worker", "given up: "));
      if (!pipeline.logged("fetch-worker", "given up: ")) {
        Pipeline.kill(worker);
      }
    }
    await()
        .atMost(Pipeline.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(pipeline.list())
                    .extracting(line -> line.status() == null ? null : line.status().lastOutcome())
                    .isEqualTo(List.of(Status.Outcome.FAILED)));
    await() // the broker counts what lies in its queues every few seconds
        .atMost(Pipeline.PATIENCE)
        .until(
            () ->
                pipeline
                    .broker()
                    .control("list_queues", "name", "messages")
                    .matches("(?s).*dead\\.letters\\s+1\\n.*"));
    Path other = pipeline.data("other");
    Files.writeString(other.resolve("file"), "content");
    pipeline.register("alpha", other, 3600);
    pipeline.awaitVersions("alpha", other, 1);
  }
}
