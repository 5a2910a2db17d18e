package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.catalog.Status;
import resguardo.core.version.VersionHeader;

/** What an operator says about a path, and what its node's administrator has run around it. */
class OptionsTest {
  /** Its three files say that they are empty, and are not: they always change while read. */
  private static final Path NEVER_AS_IT_SAYS = Path.of("/proc/sys/kernel/pty");

  private static final String AS_IT_IS = "exec \"$@\"";

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  static Path folder;

  @AutoClose private static Pipeline pipeline;

  private static Path hooked;
  private static Process agent;

  @BeforeAll
  static void start() throws Exception {
    pipeline = new Pipeline(folder);
    pipeline.coordinator();
    pipeline.worker();
    hooked = pipeline.data("hooked");
    agent = startAgent();
  }

  /** Its hook makes a dump, fails, or lasts, as the files beside the data say. */
  private static Process startAgent() throws Exception {
    String before =
        "cd '%s' && env > environment && if [ -e fail ]; then echo no dump >&2; exit 7; fi;"
            + " if [ -e slow ]; then echo $$ > pid.new; mv pid.new pid; sleep 600; fi; cat live > '%s/dump'";
    Path hooks = folder.resolve("hooks.json");
    Files.writeString(
        hooks,
        String.format(
            "{\"hooks\": [{\"path\": \"%s\", \"before\": [\"/bin/sh\", \"-c\", \"%s\"], \"after\": [\"/bin/rm\", \"%s/dump\"]}]}",
            hooked, String.format(before, folder, hooked), hooked));
    Files.setPosixFilePermissions(hooks, PosixFilePermissions.fromString("rw-------"));
    return pipeline.agentBy(
        AS_IT_IS,
        "alpha",
        Map.of(),
        "--allow",
        NEVER_AS_IT_SAYS.toString(),
        "--hooks",
        hooks.toString());
  }

  private static Status status(Path path) throws Exception {
    return pipeline.list().stream()
        .filter(line -> line.key().path().text().equals(path.toString()))
        .flatMap(line -> Stream.ofNullable(line.status()))
        .findAny()
        .orElse(null);
  }

  private static void awaitFailure(Path path, String... words) {
    await()
        .atMost(Pipeline.PATIENCE)
        .untilAsserted(
            () -> {
              Status status = status(path);
              assertThat(status).isNotNull();
              assertThat(status.lastOutcome()).isEqualTo(Status.Outcome.FAILED);
              assertThat(status.lastReason()).contains(words);
            });
  }

  private static String shown(String node, Path path) throws Exception {
    return pipeline.admin("show", "--node", node, "--path", path.toString()).out();
  }

  @Test
  void whatIsLeftOutIsInNoVersionAndComesBackWithItsRules() throws Exception {
    Path data = pipeline.data("left out");
    Files.createDirectories(data.resolve("cache/deep"));
    Files.writeString(data.resolve("cache/deep/x"), "x");
    for (String name : List.of("keep", "a.tmp", "b.log")) {
      Files.writeString(data.resolve(name), name);
    }
    Files.writeString(data.resolve(".resguardoignore"), "*.log\n");
    pipeline.register("alpha", data, 1, "--exclude", "*.tmp", "--exclude", "cache/");
    pipeline.awaitVersions("alpha", data, 1);
    assertThat(shown("alpha", data))
        .contains("left out/keep", "left out/.resguardoignore")
        .doesNotContain("cache", "a.tmp", "b.log");
    assertThat(pipeline.admin("list").out()).contains("exclude 2");
    Files.delete(data.resolve(".resguardoignore"));
    pipeline.awaitVersions("alpha", data, 2);
    assertThat(shown("alpha", data)).contains("left out/b.log").doesNotContain("a.tmp");
    pipeline.register("alpha", data, 3600);
  }

  @Test
  void aWarningIsCountedAndShownAndWhereItIsAFailureThereIsNoVersion() throws Exception {
    Path path = NEVER_AS_IT_SAYS;
    pipeline.register("alpha", path, 1, "--strict");
    awaitFailure(path, path + "/max changed while it was read", "2 more");
    assertThat(pipeline.history("alpha", path).versions()).isEmpty();
    pipeline.register("alpha", path, 1);
    pipeline.awaitVersions("alpha", path, 1);
    pipeline.register("alpha", path, 3600);
    VersionHeader version = pipeline.history("alpha", path).versions().get(0);
    assertThat(version.totals().warnings()).isEqualTo(3);
    assertThat(shown("alpha", path)).contains("max  [CHANGED_WHILE_READING]");
  }

  @Test
  void ofWhatIsMountedOnlyTheFolderIsKept() throws Exception {
    // Needs root, which not everybody is who builds this; whoever checks it for all has to be.
    boolean allowed = new ProcessBuilder("unshare", "-m", "true").start().waitFor() == 0;
    Assumptions.assumeTrue(allowed || "1".equals(System.getenv("RESGUARDO_REQUIRE_REAL")));
    Path data = pipeline.data("mounts");
    Path mounted = Files.createDirectory(data.resolve("mounted"));
    Files.writeString(data.resolve("keep"), "1");
    // A namespace of its own: nobody else sees the mount, and it goes with the agent.
    String mount =
        "exec unshare -m sh -ec 'mount -t tmpfs none \"$0\"; echo 1 > \"$0/inside\"; exec \"$@\"' '"
            + mounted
            + "' \"$@\"";
    pipeline.agentBy(mount, "beta", Map.of());
    pipeline.register("beta", data, 3600);
    pipeline.awaitVersions("beta", data, 1);
    assertThat(shown("beta", data)).contains("mounts/mounted/inside");
    pipeline.register("beta", data, 1, "--one-file-system");
    pipeline.awaitVersions("beta", data, 2);
    pipeline.register("beta", data, 3600, "--one-file-system");
    assertThat(shown("beta", data))
        .contains("mounts/keep", "mounts/mounted\n")
        .doesNotContain("inside");
  }

  @Test
  void aDumpIsMadeBeforeABackupThatFailsWithItAndIsDoneAgainWhereItsAgentIsKilled()
      throws Exception {
    Files.writeString(folder.resolve("live"), "first");
    Files.createFile(folder.resolve("fail"));
    pipeline.register("alpha", hooked, 1);
    awaitFailure(hooked, "/bin/sh ended with exit code 7: no dump");
    assertThat(pipeline.history("alpha", hooked).versions()).isEmpty();
    pipeline.register("alpha", hooked, 3600);
    pipeline.awaitQuiet();
    Files.createFile(folder.resolve("slow"));
    Files.delete(folder.resolve("fail"));
    pipeline.register("alpha", hooked, 3601); // the first slot of another generation is due at once
    await().atMost(Pipeline.PATIENCE).until(() -> Files.exists(folder.resolve("pid")));
    Path hook = Path.of("/proc", Files.readString(folder.resolve("pid")).strip());
    Pipeline.kill(agent);
    await().atMost(Pipeline.PATIENCE).until(() -> Files.notExists(hook));
    Files.delete(folder.resolve("slow"));
    agent = startAgent();
    pipeline.awaitVersions("alpha", hooked, 1);
    pipeline.awaitQuiet();
    assertThat(pipeline.history("alpha", hooked).versions()).hasSize(1);
    assertThat(Path.of(pipeline.restored("alpha", hooked) + hooked.toString() + "/dump"))
        .hasContent("first");
    await().atMost(Pipeline.PATIENCE).until(() -> Files.notExists(hooked.resolve("dump")));
    assertThat(Files.readString(folder.resolve("environment")))
        .contains("RESGUARDO_NODE=alpha", "RESGUARDO_PATH=" + hooked)
        .doesNotContain("AMQP");
  }
}
