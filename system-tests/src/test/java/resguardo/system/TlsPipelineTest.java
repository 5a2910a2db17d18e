package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Json;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.testkit.servers.TestCa;

/**
 * Everything over TLS with certificates on both sides, and no secret anywhere where it can be read.
 */
class TlsPipelineTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private TestCa authority;

  @AutoClose private Pipeline pipeline;

  private final List<String> said = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    authority = new TestCa(folder.resolve("ca"));
    pipeline = new Pipeline(folder, authority);
  }

  private Pipeline.Result admin(String... words) throws Exception {
    Pipeline.Result result = pipeline.admin(words);
    said.add(result.out() + result.err());
    return result;
  }

  private List<String> secrets() throws IOException {
    return List.of(
        Files.readString(folder.resolve("rabbitmq/password")).strip(),
        Files.readString(folder.resolve("minio/password")).strip(),
        Files.readAllLines(authority.key("client")).get(1));
  }

  @Test
  void aBackupIsMadeAndRestoredAndNoSecretShowsAnywhere() throws Exception {
    Path data = pipeline.data("data");
    Files.writeString(data.resolve("file"), "content");
    Path storeUri = folder.resolve("store.uri");
    Files.writeString(storeUri, pipeline.store().fact("store_uri") + "\n");
    pipeline.logger();
    pipeline.coordinator();
    RabbitBroker listener = pipeline.connect();
    Subscription events =
        listener
            .events()
            .subscribe(e -> said.add(new String(Json.write(e), StandardCharsets.UTF_8)));
    Process worker =
        pipeline.workerWith(
            Map.of("RESGUARDO_STORE", "", "RESGUARDO_STORE_FILE", storeUri.toString()));
    pipeline.agent("alpha");
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    Path to = folder.resolve("restored");
    String[] which = {"--node", "alpha", "--path", data.toString()};
    assertThat(
            admin("restore", which[0], which[1], which[2], which[3], "--to", to.toString()).exit())
        .isZero();
    assertThat(Path.of(to + data.toString(), "file")).hasContent("content");
    // Errors of every kind that have an address or a credential near them.
    admin("history", "--node", "nobody", "--path", "/nowhere");
    admin("list", "--amqp-uri", pipeline.broker().fact("amqps_uri") + "-no-such-vhost");
    admin("list", "--amqp-uri", "amqps://" + secrets().get(0) + ":@:x/");
    // A worker with a job and no store: the job is given before the store goes, and taken after.
    Pipeline.signal("STOP", worker);
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> pipeline.list().stream().anyMatch(TlsPipelineTest::isOpenSinceAWhile));
    pipeline.store().kill();
    Pipeline.signal("CONT", worker);
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> pipeline.logged("fetch-worker", "gave the job back"));
    Pipeline.Result refused =
        admin("publish", "unregister", "--node", "alpha", "--path", data.toString(), "--wait");
    assertThat(refused.exit()).as(refused.out() + refused.err()).isEqualTo(1);
    assertThat(refused.err()).contains("store");
    events.close();
    listener.close();
    assertThat(said).anyMatch(text -> text.contains("\"type\":\"jobReturned\""));
    assertNoSecret();
  }

  /** One that was published before the worker paused is done by then, or is with the worker. */
  private static boolean isOpenSinceAWhile(Answer.RegistrationLine line) {
    Instant open = line.openSince();
    return open != null && open.isBefore(Instant.now().minusSeconds(5));
  }

  private void assertNoSecret() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path log : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        if (!log.endsWith("store.uri")) {
          said.add(Files.readString(log, StandardCharsets.ISO_8859_1));
        }
      }
    }
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process : (Iterable<Path>) processes::iterator) {
        try {
          said.add(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1));
        } catch (IOException noProcess) {
          // or one that has ended
        }
      }
    }
    assertThat(said).hasSizeGreaterThan(20);
    for (String secret : secrets()) {
      assertThat(said).noneMatch(text -> text.contains(secret));
    }
  }

  @Test
  void certificatesAreRenewedWhileAllGoesOn() throws Exception {
    Path data = pipeline.data("data");
    Files.writeString(data.resolve("file"), "content");
    pipeline.startOfEach("alpha");
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    authority.renew();
    // The broker shows its own old certificate, of the same authority; all connect anew, with
    // theirs.
    pipeline.broker().kill();
    pipeline.broker().start();
    Files.writeString(data.resolve("file"), "another");
    pipeline.register("alpha", data, 3601);
    pipeline.awaitVersions("alpha", data, 2);
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () ->
                pipeline.logged("coordinator", "taken up anew")
                    && pipeline.logged("fetch-worker", "taken up anew")
                    && pipeline.logged("agent", "taken up anew"));
  }
}
