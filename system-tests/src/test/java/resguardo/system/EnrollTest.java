package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.protocol.Event;
import resguardo.core.version.VersionHeader;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;

/** Nodes with users of their own at the broker, by the programs that operators use. */
class EnrollTest {
  /**
   * All that an agent needs is in its file: what this test's own environment says is taken away.
   */
  private static final String BARE =
      "unset RESGUARDO_AMQP_URI RESGUARDO_MANAGEMENT_URI; exec \"$@\"";

  @TempDir Path folder;

  @AutoClose private Pipeline pipeline;

  @BeforeEach
  void start() {
    pipeline = new Pipeline(folder);
  }

  private Path enrolled(String node) throws Exception {
    return settings("enroll", node);
  }

  private Path settings(String command, String node) throws Exception {
    Path file = folder.resolve(node + ".env");
    Pipeline.Result result = pipeline.admin("node", command, node, "--save-to-file", file + "");
    assertThat(result.exit()).as(result.err()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    return file;
  }

  private Process agent(String node, Path settings, String... more) throws IOException {
    return pipeline.agentBy(
        BARE,
        node,
        Map.of(),
        Stream.concat(Stream.of("--config", settings.toString()), Stream.of(more))
            .toArray(String[]::new));
  }

  private List<String> connectedAs() {
    return pipeline.broker().control("list_connections", "user").lines().distinct().toList();
  }

  private static String password(Path settings) throws IOException {
    return Files.readString(settings).replaceFirst("(?s).*://node\\.[a-z]+:([^@]+)@.*", "$1");
  }

  @Test
  void anEnrolledNodeIsBackedUpAndRestoredAndStopsWithTheOthers() throws Exception {
    Path data = pipeline.data("data");
    Files.writeString(data.resolve("file"), "content");
    Path settings = enrolled("alpha");
    Path target = Files.createDirectories(folder.resolve("target"));
    // Before there is anybody else: it waits for what others declare.
    Process agent = agent("alpha", settings, "--restore-to", target.toString());
    pipeline.coordinator();
    pipeline.worker();
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    Files.writeString(data.resolve("file"), "another content");
    pipeline.awaitVersions("alpha", data, 2);
    pipeline.assertRestorable("alpha", data);
    assertThat(connectedAs()).contains("node.alpha");
    Pipeline.Result restored =
        pipeline.admin(
            "restore", "--node", "alpha", "--path", data + "", "--to-node", "alpha:" + target);
    assertThat(restored.exit()).as(restored.err()).isZero();
    try (Stream<Path> files = Files.walk(target)) {
      assertThat(files.filter(file -> file.endsWith("file")).toList())
          .singleElement()
          .satisfies(file -> assertThat(file).hasContent("another content"));
    }
    assertThat(pipeline.admin("publish", "shutdown", "--wait").exit()).isZero();
    assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertNowhereIs(password(settings));
  }

  @Test
  void afterItsQueueAndTheBrokerWereLostItGoesOn() throws Exception {
    Path data = pipeline.data("data");
    Files.writeString(data.resolve("file"), "content");
    Path settings = enrolled("alpha");
    pipeline.coordinator();
    pipeline.worker();
    agent("alpha", settings);
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.broker().control("delete_queue", "agent.alpha");
    Files.writeString(data.resolve("file"), "content after the loss of the queue");
    pipeline.awaitVersions("alpha", data, 2);
    pipeline.broker().kill();
    pipeline.broker().start();
    Files.writeString(data.resolve("file"), "content after the death of the broker");
    pipeline.awaitVersions("alpha", data, 3);
    pipeline.assertRestorable("alpha", data);
  }

  /** With a broker where nobody but coordinators may make the queue of a node. */
  @Test
  void whereAllHaveUsersOfTheirOwnTheyGoOnWhateverHappensToTheQueueOfANode() throws Exception {
    Path data = pipeline.data("data");
    Files.writeString(data.resolve("file"), "content");
    Path target = Files.createDirectories(folder.resolve("target"));
    Map<String, String> ofCoordinators = ofRole("coordinator");
    Map<String, String> ofWorkers = ofRole("fetch-worker");
    Process leads = pipeline.coordinatorWith(ofCoordinators);
    Process works = pipeline.workerWith(ofWorkers);
    Process agent = agent("alpha", enrolled("alpha"), "--restore-to", target.toString());
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    assertThat(connectedAs()).contains("node.alpha", "fetch-worker.main", "coordinator.main");

    loseTheQueue();
    Files.writeString(data.resolve("file"), "content after the loss of the queue");
    pipeline.awaitVersions("alpha", data, 2);

    Pipeline.kill(leads);
    loseTheQueue();
    pipeline.coordinatorWith(ofCoordinators);
    Files.writeString(data.resolve("file"), "content after the death of the coordinator");
    pipeline.awaitVersions("alpha", data, 3);

    Pipeline.kill(works);
    loseTheQueue();
    pipeline.workerWith(ofWorkers);
    Files.writeString(data.resolve("file"), "content after the death of the worker");
    pipeline.awaitVersions("alpha", data, 4);
    pipeline.assertRestorable("alpha", data);

    assertThat(pipeline.admin("pause", "--node", "alpha").exit()).isZero();
    pipeline.awaitQuiet();
    loseTheQueue();
    await() // the agent finds its queue again some seconds after it is there
        .atMost(Pipeline.PATIENCE)
        .until(
            () ->
                pipeline
                    .admin(
                        "restore",
                        "--node",
                        "alpha",
                        "--path",
                        data + "",
                        "--to-node",
                        "alpha:" + target,
                        "--overwrite")
                    .exit(),
            exit -> exit == 0);
    loseTheQueue();
    Pipeline.Result stopped = pipeline.admin("publish", "shutdown", "--wait", "--timeout", "120");
    assertThat(stopped.exit()).as(stopped.err()).isZero();
    assertThat(agent.waitFor(120, TimeUnit.SECONDS)).isTrue();
  }

  /** Of slots within what clocks differ, and of far ones; of what is due, and of what is not. */
  @Test
  void whatIsToldWithAStolenPasswordOfAWorkerStopsNoBackupAndIsNotTakenForTrue() throws Exception {
    Path data = pipeline.data("data");
    Files.writeString(data.resolve("file"), "content");
    Map<String, String> ofWorkers = ofRole("fetch-worker");
    pipeline.coordinatorWith(ofRole("coordinator"));
    pipeline.workerWith(ofWorkers);
    agent("alpha", enrolled("alpha"));
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    RegistrationKey key = new RegistrationKey(new NodeName("alpha"), SourcePath.parse(data + ""));
    Peer thief = new Peer(Role.WORKER, "main-0bad");
    try (ArchiveStore bucket = pipeline.bucket();
        RabbitBroker broker =
            new RabbitBroker(
                List.of(BrokerUri.parse(ofWorkers.get("RESGUARDO_AMQP_URI"))), thief)) {
      broker.await(Pipeline.PATIENCE);
      Registration registration = new Registry(bucket).find(key).orElseThrow();
      for (int round = 2; round <= 3; round++) {
        for (long ahead : List.of(0L, 240L, 3600L, 86_400L * 365)) {
          Instant now = Instant.now();
          Instant slot = now.plusSeconds(ahead).truncatedTo(ChronoUnit.SECONDS);
          FetchJob job = FetchJob.first(registration, slot);
          Status status =
              new Status(job.id(), slot, Status.Outcome.FAILED, "made up", now, slot, null);
          broker.events().publish(new Event.JobPublished(now, thief, job));
          broker.events().publish(new Event.JobEnded(now, thief, job, status));
          broker.events().publish(new Event.JobRunning(now, thief, job, 1, 1));
        }
        Files.writeString(data.resolve("file"), "content of round " + round);
        pipeline.awaitVersions("alpha", data, round);
      }
      VersionCatalog versions = new VersionCatalog(bucket);
      for (Serial serial : versions.serials(key)) {
        VersionHeader version = versions.header(key, serial).orElseThrow();
        assertThat(version.slot()).isBeforeOrEqualTo(Instant.now());
      }
      assertThat(pipeline.admin("list", "--json").out()).doesNotContain("made up");
    }
    pipeline.assertRestorable("alpha", data);
  }

  private void loseTheQueue() {
    pipeline.broker().control("delete_queue", "agent.alpha");
  }

  private Map<String, String> ofRole(String role) throws Exception {
    Path file = folder.resolve(role + ".env");
    Pipeline.Result result =
        pipeline.admin("role", "enroll", role, "main", "--save-to-file", file + "");
    assertThat(result.exit()).as(result.err()).isZero();
    String address = Files.readString(file).replaceFirst("(?s).*RESGUARDO_AMQP_URI=(\\S+).*", "$1");
    return Map.of(
        "RESGUARDO_AMQP_URI", address, "RESGUARDO_STORE", pipeline.store().fact("store_uri"));
  }

  @Test
  void aNewPasswordPutsOutWhoeverHasTheOldOneAndRevokingEverybody() throws Exception {
    Path data = pipeline.data("data");
    Files.writeString(data.resolve("file"), "content");
    Path old = Files.move(enrolled("alpha"), folder.resolve("old.env"));
    Process before = agent("alpha", old);
    pipeline.coordinator();
    pipeline.worker();
    await().atMost(Pipeline.PATIENCE).until(() -> connectedAs().contains("node.alpha"));
    Path fresh = settings("rotate", "alpha");
    await().atMost(Pipeline.PATIENCE).until(() -> !connectedAs().contains("node.alpha"));
    await().atMost(Pipeline.PATIENCE).until(() -> pipeline.logged("agent", "ACCESS_REFUSED"));
    assertThat(before.isAlive()).as("it waits, and says why").isTrue();
    before.destroy(); // as whoever gives an agent another password starts it anew
    agent("alpha", fresh);
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);

    assertThat(pipeline.admin("node", "list").out()).isEqualTo("alpha\n");
    assertThat(pipeline.admin("node", "list", "--json").out()).isEqualTo("[\"alpha\"]\n");
    assertThat(pipeline.admin("node", "revoke", "alpha").exit()).isZero();
    await().atMost(Pipeline.PATIENCE).until(() -> !connectedAs().contains("node.alpha"));
    assertThat(pipeline.admin("node", "list").out()).isEmpty();
    Pipeline.Result audit = pipeline.admin("audit");
    assertThat(audit.exit()).as(audit.err()).isZero();
    assertThat(audit.out())
        .containsSubsequence(
            "accessChanged", "alpha enrolled", "alpha rotated", "register", "alpha revoked")
        .contains(pipeline.broker().fact("management_user"));
    assertThat(pipeline.admin("audit", "--json").out().lines())
        .hasSize(4)
        .allMatch(line -> line.contains("\"outcome\":\"DONE\""));
    assertNowhereIs(password(old));
    assertNowhereIs(password(fresh));
  }

  @Test
  void whatCannotBeDoneIsToldWithWhatToTry() throws Exception {
    enrolled("alpha");
    Pipeline.Result again = pipeline.admin("node", "enroll", "alpha");
    assertThat(again.exit()).isEqualTo(1);
    assertThat(again.err())
        .isEqualTo(
            "Failed to enroll alpha: the node is enrolled already.\n"
                + "A new password: rotate, in the place of enroll. None any more: revoke.\n");
    assertThat(pipeline.admin("node", "revoke", "beta").exit()).isEqualTo(3);
    assertThat(pipeline.admin("node", "enroll", "Not A Name").exit()).isEqualTo(2);
    Pipeline.Result nowhere =
        pipeline.admin("node", "enroll", "beta", "--save-to-file", folder + "/none/beta.env");
    assertThat(nowhere.exit()).isEqualTo(1);
    assertThat(pipeline.admin("node", "list").out()).as("nothing was made").isEqualTo("alpha\n");
    Pipeline.Result away =
        pipeline.admin("node", "list", "--management-uri", "http://a:b@127.0.0.1:1");
    assertThat(away.exit()).isEqualTo(5);
    Pipeline.Result wrong =
        pipeline.admin(
            "node",
            "list",
            "--management-uri",
            pipeline.broker().fact("management_url").replace("://", "://a:wrong-word@"));
    assertThat(wrong.exit()).isEqualTo(1);
    assertThat(wrong.err()).contains("(401)").doesNotContain("wrong-word");
    Pipeline.Result elsewhere =
        pipeline.admin(
            "node", "enroll", "beta", "--broker", "amqps://one.example:5671/%2f,amqps://two/%2f");
    assertThat(elsewhere.exit()).as(elsewhere.err()).isZero();
    assertThat(elsewhere.out())
        .contains("RESGUARDO_NODE=beta\n")
        .containsPattern(
            "RESGUARDO_AMQP_URI=amqps://node\\.beta:[^@:/]+@one\\.example:5671/%2f,"
                + "amqps://node\\.beta:[^@:/]+@two/%2f\n");
  }

  /** In no log and no output, only in the file that it was asked into. */
  private void assertNowhereIs(String secret) throws IOException {
    assertThat(secret).hasSizeGreaterThan(30).doesNotContain("\n");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.isRegularFile(file) && !file.toString().endsWith(".env")) {
          assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain(secret);
        }
      }
    }
  }
}
