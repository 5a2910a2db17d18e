package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.version.VersionHeader;

/** Many nodes and workers, any order of starting, and the end of all. */
class FleetTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  @Test
  void fiveWorkersServeTwentyNodesAndShutdownEndsThemAllInOrder() throws Exception {
    pipeline = new Pipeline(folder);
    List<Process> processes = new ArrayList<>();
    processes.add(pipeline.coordinator());
    for (int i = 0; i < 5; i++) {
      processes.add(pipeline.worker());
    }
    processes.add(pipeline.logger());
    for (int i = 0; i < 20; i++) {
      Path data = pipeline.data("node " + i);
      Files.writeString(data.resolve("who"), "node " + i);
      processes.add(pipeline.agent("node-" + i));
      pipeline.register("node-" + i, data, 2);
    }
    for (int i = 0; i < 20; i++) {
      Path data = pipeline.data("node " + i);
      pipeline.awaitVersions("node-" + i, data, 1);
    }
    Pipeline.kill(processes.get(1)); // workers come and go
    pipeline.worker();
    for (int i = 0; i < 20; i++) {
      Path data = pipeline.data("node " + i);
      Files.writeString(data.resolve("who"), "node " + i + " again");
    }
    for (int i = 0; i < 20; i++) {
      Path data = pipeline.data("node " + i);
      pipeline.awaitVersions("node-" + i, data, 2);
      assertThat(pipeline.history("node-" + i, data).versions())
          .extracting(VersionHeader::serial)
          .extracting(serial -> serial.value())
          .containsExactly(2L, 1L);
    }
    pipeline.assertRestorable("node-7", pipeline.data("node 7"));
    Pipeline.Result shutdown = pipeline.admin("publish", "shutdown", "--wait", "--timeout", "110");
    assertThat(shutdown.exit()).as(shutdown.err()).isZero();
    processes.remove(1);
    for (Process process : processes) {
      assertThat(process.waitFor(Pipeline.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    }
  }

  @Test
  void everyRoleWaitsForTheBrokerAndTheStoreAndSaysSo() throws Exception {
    pipeline = new Pipeline(folder);
    pipeline.broker().kill();
    pipeline.store().kill();
    Path data = pipeline.data("early");
    Files.writeString(data.resolve("f"), "1");
    pipeline.agent("alpha");
    pipeline.worker();
    pipeline.logger();
    pipeline.coordinator();
    for (String program : List.of("agent", "fetch-worker", "coordinator")) {
      await()
          .atMost(Pipeline.PATIENCE)
          .until(() -> pipeline.logged(program, "waiting for the broker"));
    }
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> pipeline.logged("coordinator", "waiting for the store"));
    Pipeline.Result early = pipeline.admin("list", "--timeout", "1");
    assertThat(early.exit()).isEqualTo(5);
    assertThat(early.err()).contains("Failed to list registrations", "RESGUARDO_AMQP_URI");
    pipeline.store().start();
    pipeline.broker().start();
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.assertRestorable("alpha", data);
  }
}
