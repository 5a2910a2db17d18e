package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Json;
import resguardo.infra.runtime.ProgramVersion;

/** What operators say of when things are run holds, whoever dies in between. */
class OperationsTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  private Path data;
  private Process coordinator;

  @BeforeEach
  void start() throws Exception {
    pipeline = new Pipeline(folder);
    data = pipeline.data("docs");
    Files.writeString(data.resolve("a.txt"), "one");
    coordinator = pipeline.coordinator();
    pipeline.worker();
  }

  private Pipeline.Result admin(int exit, String... words) throws Exception {
    Pipeline.Result result = pipeline.admin(words);
    assertThat(result.exit()).as("%s: %s", Arrays.toString(words), result).isEqualTo(exit);
    return result;
  }

  /** The words of a command about the data of these tests. */
  private Pipeline.Result about(int exit, String command, String... more) throws Exception {
    String[] words = new String[5 + more.length];
    String[] first = {command, "--node", "alpha", "--path", data.toString()};
    System.arraycopy(first, 0, words, 0, first.length);
    System.arraycopy(more, 0, words, first.length, more.length);
    return admin(exit, words);
  }

  private void coordinatorDies() throws Exception {
    coordinator.destroyForcibly().waitFor();
    coordinator = pipeline.coordinator();
  }

  @Test
  void anOrderOutlivesTheCoordinatorAndWaitsForItsAgent() throws Exception {
    // Last night's slot is the next to come: nothing but the order has it run.
    admin(
        0,
        "publish",
        "register",
        "--node",
        "alpha",
        "--path",
        data.toString(),
        "--cron",
        "0 0 29 2 *",
        "--wait");
    about(0, "run-now");
    coordinatorDies();
    pipeline.agent("alpha");
    pipeline.awaitVersions("alpha", data, 1);
    // Another, while its agent is there: the command waits, and says what came of it.
    assertThat(about(0, "run-now", "--wait").out())
        .contains("nothing has changed since version 000001");
    Files.writeString(data.resolve("a.txt"), "two");
    assertThat(about(0, "run-now", "--wait").out()).contains("version 000002 was committed");
    Status status =
        Json.read(
            about(0, "run-now", "--wait", "--json").out().strip().getBytes(StandardCharsets.UTF_8),
            Status.class,
            Json.MESSAGE_BYTES);
    assertThat(status.lastOutcome()).isEqualTo(Status.Outcome.UNCHANGED);
    pipeline.assertRestorable("alpha", data);
    assertThat(admin(3, "run-now", "--node", "alpha", "--path", "/nope").err())
        .contains("nothing is registered at alpha:/nope");
  }

  private String[] lookOnce(String url) throws Exception {
    Path file = folder.resolve("notify.yaml");
    Files.writeString(
        file,
        "version: 1\n"
            + "conditions: {without-backup: 1s}\n"
            + "channels:\n"
            + "  - {type: webhook, name: pager, url: \""
            + url
            + "\"}\n");
    return new String[] {"notify", "-f", file.toString(), "--once"};
  }

  /** A timer knows no more than the exit code. */
  @Test
  void aLookAtWhatIsWrongFailsWhereSomebodyCouldNotBeToldAndNotWhenTheyAre() throws Exception {
    admin(
        0,
        "publish",
        "register",
        "--node",
        "alpha",
        "--path",
        data.toString(),
        "--freq",
        "3600",
        "--wait"); // it was never backed up, as no agent is there
    Thread.sleep(2000); // for longer than is said below
    HttpServer pager = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    String url = "http://127.0.0.1:" + pager.getAddress().getPort() + "/";
    List<String> told = new CopyOnWriteArrayList<>();
    pager.createContext(
        "/",
        exchange -> {
          try (exchange) {
            told.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(told.size() == 1 ? 500 : 204, -1);
          }
        });
    pager.start();
    try {
      assertThat(admin(1, lookOnce(url)).err()).contains("pager was not told");
      admin(0, lookOnce(url));
      assertThat(told).hasSize(2);
      assertThat(told.get(1)).contains("alpha:" + data);
    } finally {
      pager.stop(0);
    }
  }

  @Test
  void aPauseOutlivesTheCoordinatorAndWhatItKeptIsRunOnceAndCountedAsMissed() throws Exception {
    pipeline.agent("alpha");
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    admin(0, "pause", "--all", "--why", "the rack moves");
    coordinatorDies();
    pipeline.awaitQuiet();
    Files.writeString(data.resolve("a.txt"), "changed in the pause");
    assertThat(about(0, "explain-next").out()).contains("paused all nodes", "the rack moves");
    assertThat(admin(0, "list").out()).contains("paused");
    Thread.sleep(4000); // slots go by
    assertThat(pipeline.history("alpha", data).versions()).hasSize(1);
    assertThat(about(1, "run-now").err()).contains("is paused since");
    admin(0, "resume", "--all");
    admin(3, "resume", "--all");
    pipeline.awaitVersions("alpha", data, 2);
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () -> {
              Status status = pipeline.list().get(0).status();
              return status != null && status.missed() != null && status.missed() >= 3;
            });
    assertThat(about(0, "explain-next").out()).contains("slots that were never run");
  }

  @Test
  void whatNobodyBacksUpInTimeIsFoundByOneCommand() throws Exception {
    pipeline.agent("alpha");
    pipeline.register("alpha", data, 3600);
    pipeline.awaitVersions("alpha", data, 1);
    admin(0, "list", "--without-backup-for", "24h");
    admin(0, "nodes", "--without-backup-for", "24h");
    assertThat(admin(0, "nodes").out())
        .as("of which build the agent is")
        .contains(ProgramVersion.text());
    admin(
        0,
        "publish",
        "register",
        "--node",
        "laptop",
        "--path",
        "/home",
        "--freq",
        "3600",
        "--start-within",
        "1s",
        "--wait");
    assertThat(admin(1, "nodes", "--without-backup-for", "24h").out())
        .contains("laptop")
        .doesNotContain("alpha");
    assertThat(admin(1, "list", "--without-backup-for", "24h").out()).contains("laptop");
    // Its agent is away: the slot is missed, and that is said.
    await()
        .atMost(Pipeline.PATIENCE)
        .until(() -> pipeline.logged("coordinator", "missed the slot of"));
    assertThat(admin(0, "explain-next", "--node", "laptop", "--path", "/home").out())
        .contains("could not begin within 1 s", "the agent of laptop is not there");
  }

  @Test
  void aFleetIsAppliedFromAFile() throws Exception {
    pipeline.register("alpha", data, 3600);
    admin(0, "publish", "register", "--node", "old", "--path", "/srv", "--freq", "60", "--wait");
    Path fleet = folder.resolve("fleet.yaml");
    Files.writeString(
        fleet,
        """
        version: 1
        defaults: {every: 1h, labels: {rack: r7}}
        registrations:
          - {node: alpha, path: "%s"}
          - {nodes: [beta, gamma], paths: [/etc, /srv], every: 1d, jitter: 10m}
        """
            .formatted(data));
    Pipeline.Result plan = admin(0, "apply", "-f", fleet.toString(), "--prune", "--dry-run");
    assertThat(plan.out())
        .contains(
            "change alpha:" + data + ": scheduling",
            "add beta:/etc: every 86400 s",
            "remove old:/srv: its versions stay",
            "would do: add 4, change 1, remove 1; as they should be: 0");
    assertThat(pipeline.list()).hasSize(2);
    admin(0, "apply", "-f", fleet.toString(), "--prune");
    assertThat(pipeline.list())
        .extracting(Answer.RegistrationLine::key)
        .extracting(Object::toString)
        .containsExactly("alpha:" + data, "beta:/etc", "beta:/srv", "gamma:/etc", "gamma:/srv");
    assertThat(admin(0, "apply", "-f", fleet.toString(), "--prune").out())
        .isEqualTo("done: add 0, change 0, remove 0; as they should be: 5\n");
    Files.writeString(fleet, "version: 1\nregistrations: [{node: a}]\n");
    assertThat(admin(2, "apply", "-f", fleet.toString()).err())
        .contains("registration 1: it needs either path or paths");
  }

  @Test
  void whatWasGivenUpIsShownSentAgainAndThrownAway() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(pipeline.broker().fact("amqp_uri"));
    pipeline.register("alpha", data, 3600);
    try (Connection connection = factory.newConnection();
        Channel channel = connection.createChannel()) {
      channel.basicPublish(
          "resguardo.jobs", "jobs.fetch", null, "{nonsense".getBytes(StandardCharsets.UTF_8));
      await()
          .atMost(Pipeline.PATIENCE)
          .until(() -> admin(0, "dead", "list").out().contains("{nonsense"));
      Answer.Dead dead =
          (Answer.Dead)
              Json.read(
                  admin(0, "dead", "list", "--json").out().strip().getBytes(StandardCharsets.UTF_8),
                  Answer.class,
                  Json.ANSWER_BYTES);
      String id = dead.letters().get(0).id();
      assertThat(dead.letters().get(0).reason()).startsWith("not a job");
      assertThat(admin(0, "dead", "retry", id).out()).contains("sent again: 1");
      // It is as hopeless as before, and comes back.
      await()
          .atMost(Pipeline.PATIENCE)
          .until(() -> admin(0, "dead", "list").out().contains("{nonsense"));
      admin(3, "dead", "drop", "000000000000");
      assertThat(admin(0, "dead", "drop", "--all").out()).contains("thrown away: 1");
      assertThat(admin(0, "dead", "list").out()).isEmpty();
    }
  }

  @Test
  void aWatcherSeesWorkersAndWhatEnds() throws Exception {
    pipeline.agent("alpha");
    pipeline.register("alpha", data, 1);
    pipeline.awaitVersions("alpha", data, 1);
    pipeline.awaitUnchanged("alpha", data);
    await()
        .atMost(Pipeline.PATIENCE)
        .untilAsserted(
            () ->
                assertThat(admin(0, "watch", "--interval", "1", "--count", "5").out())
                    .contains("waiting:", "WORKER", "alpha:" + data, "unchanged"));
    assertThat(admin(0, "watch", "--count", "1", "--json").out()).startsWith("{\"type\":\"load\"");
  }
}
