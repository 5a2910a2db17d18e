package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.Sha256;

/** What is done for a job is told as one trace, over all who do it, to whoever listens. */
class TracingTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  private Path data;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    data = pipeline.data("docs");
    Files.writeString(data.resolve("a.txt"), "one");
  }

  private List<Process> startOfEach(String endpoint) throws Exception {
    Map<String, String> traced = Map.of("RESGUARDO_OTLP_ENDPOINT", endpoint);
    Map<String, String> withStore = new HashMap<>(traced);
    withStore.put("RESGUARDO_STORE", pipeline.store().fact("store_uri"));
    return List.of(
        pipeline.coordinatorWith(withStore),
        pipeline.workerWith(traced),
        pipeline.agentBy("exec \"$@\"", "alpha", traced, "--restore-to", data.toString()));
  }

  private void register() throws Exception {
    Pipeline.Result registered =
        pipeline.admin(
            "publish",
            "register",
            "--node",
            "alpha",
            "--path",
            data.toString(),
            "--freq",
            "3600",
            "--wait");
    assertThat(registered.exit()).as(registered.err()).isZero();
    pipeline.awaitVersions("alpha", data, 1);
  }

  private static SpanCollector.Span span(SpanCollector collector, String service, String name) {
    return await("a span " + name + " of " + service)
        .atMost(Pipeline.PATIENCE)
        .until(
            () ->
                collector.spans().stream()
                    .filter(one -> one.service().equals(service) && one.name().equals(name))
                    .findFirst(),
            java.util.Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void aJobIsOneTraceOfCoordinatorWorkerAndAgent() throws Exception {
    try (SpanCollector collector = SpanCollector.start()) {
      startOfEach(collector.address());
      register();
      SpanCollector.Span published = span(collector, "resguardo-coordinator", "publish job");
      SpanCollector.Span taken = span(collector, "resguardo-fetch-worker", "back up");
      SpanCollector.Span ordered = span(collector, "resguardo-fetch-worker", "order from agent");
      SpanCollector.Span received = span(collector, "resguardo-fetch-worker", "receive");
      SpanCollector.Span committed = span(collector, "resguardo-fetch-worker", "commit");
      SpanCollector.Span sent = span(collector, "resguardo-agent", "scan and send");

      assertThat(published.parent()).isEmpty();
      assertThat(taken.parent()).isEqualTo(published.id());
      assertThat(ordered.parent()).isEqualTo(taken.id());
      assertThat(sent.parent()).isEqualTo(ordered.id());
      assertThat(received.parent()).isEqualTo(taken.id());
      assertThat(committed.parent()).isEqualTo(taken.id());
      // Of the job alone: so whoever takes it up again tells of the same trace.
      String job = taken.attributes().get("resguardo.job");
      String trace = Sha256.of(job.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
      assertThat(List.of(published, taken, ordered, received, committed, sent))
          .extracting(SpanCollector.Span::trace)
          .containsOnly(trace);
      assertThat(taken.attributes())
          .containsEntry("resguardo.node", "alpha")
          .containsEntry("resguardo.outcome", "committed");
      assertThat(taken.failed()).isFalse();
    }
  }

  @Test
  void aRestoreIsOneToo() throws Exception {
    try (SpanCollector collector = SpanCollector.start()) {
      startOfEach(collector.address());
      register();
      String back = data.resolve("back").toString();
      Pipeline.Result restored =
          pipeline.admin(
              "restore",
              "--node",
              "alpha",
              "--path",
              data.toString(),
              "--to-node",
              "alpha:" + back);
      assertThat(restored.exit()).as(restored.err()).isZero();
      SpanCollector.Span asked = span(collector, "resguardo-coordinator", "publish query");
      SpanCollector.Span served = span(collector, "resguardo-fetch-worker", "serve query");
      SpanCollector.Span written = span(collector, "resguardo-agent", "restore");
      assertThat(served.parent()).isEqualTo(asked.id());
      assertThat(written.parent()).isEqualTo(served.id());
      assertThat(List.of(asked.trace(), served.trace())).containsOnly(written.trace());
    }
  }

  @Test
  void whoeverListensAndSaysNothingHoldsNobodyUp() throws Exception {
    try (SpanCollector collector = SpanCollector.silent()) {
      List<Process> processes = startOfEach(collector.address());
      register();
      await().atMost(Pipeline.PATIENCE).until(collector::wasAsked);
      Files.writeString(data.resolve("a.txt"), "two");
      Pipeline.Result again =
          pipeline.admin("run-now", "--node", "alpha", "--path", data.toString(), "--wait");
      assertThat(again.out()).contains("version 000002 was committed");
      endInOrder(processes);
    }
  }

  @Test
  void whereNobodyListensAllGoesOnToo() throws Exception {
    String nobody;
    try (SpanCollector gone = SpanCollector.start()) {
      nobody = gone.address();
    }
    List<Process> processes = startOfEach(nobody);
    register();
    endInOrder(processes);
  }

  /** Told to end they do, without being killed. */
  private static void endInOrder(List<Process> processes) throws InterruptedException {
    processes.forEach(Process::destroy);
    for (Process process : processes) {
      assertThat(process.waitFor(Pipeline.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }
}
