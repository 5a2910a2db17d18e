package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.agent.hook.AroundBackup;
import resguardo.agent.hook.Hooks;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.SourcePath;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.StreamMessage;

/** What the hooks of a node do around its backups. Each writes what it is told into one file. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HooksTest {
  private static final String AFTER = "echo after $RESGUARDO_OUTCOME >> told";

  @TempDir Path folder;

  private Path set;

  @AutoClose private @Nullable Asker asker;

  @BeforeEach
  void makeSet() throws IOException {
    set = Files.createDirectory(folder.resolve("set"));
  }

  private static String command(String script, Path in) {
    String line = "cd '" + in + "' && " + script;
    return new String(
        Json.write(List.of("/bin/sh", "-c", line)), java.nio.charset.StandardCharsets.UTF_8);
  }

  private Hooks hooks(String before, String after, int timeout) throws IOException {
    String json =
        String.format(
            "{\"hooks\": [{\"path\": \"%s\", \"before\": %s, \"after\": %s, \"timeoutSeconds\": %d}]}",
            folder, command(before, folder), command(after, folder), timeout);
    Path file = Files.writeString(folder.resolve("hooks.json"), json);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return Hooks.load(file);
  }

  private Asker asker(String before, String after) throws IOException {
    Asker made = new Asker(set, folder.resolve("caches"), hooks(before, after, 600));
    asker = made;
    return made;
  }

  private List<String> told() throws IOException {
    Path file = folder.resolve("told");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private void awaitTold(String... lines) {
    await().atMost(30, TimeUnit.SECONDS).until(() -> told().equals(List.of(lines)));
  }

  @Test
  void whatIsRunBeforeMakesWhatIsBackedUpAndBothKnowWhatItIsFor() throws Exception {
    Path made = set.resolve("dump");
    Asker alpha =
        asker(
            "echo $RESGUARDO_NODE $RESGUARDO_PATH $RESGUARDO_JOB >> told; mkdir set/dump; echo 1 > set/dump/a",
            AFTER);
    alpha.ask(made, BackupOptions.NONE);
    StreamMessage.Finished finished = (StreamMessage.Finished) alpha.last();
    assertThat(finished.totals().files()).isEqualTo(1);
    RegistrationKey key =
        new RegistrationKey(new NodeName("alpha"), SourcePath.parse(made.toString()));
    awaitTold("alpha " + made + " " + JobId.of(key, 1, Instant.EPOCH.plusSeconds(1)), "after sent");
  }

  @Test
  void whenWhatIsRunBeforeFailsNothingIsSentAndTheReasonHasItsCodeAndLastWords() throws Exception {
    Files.writeString(set.resolve("a"), "x");
    Asker alpha = asker("echo before >> told; echo no space left >&2; exit 3", AFTER);
    alpha.ask(set, BackupOptions.NONE);
    StreamMessage.Failed failed = (StreamMessage.Failed) alpha.last();
    assertThat(failed.kind()).isEqualTo(StreamMessage.Failed.Kind.HOOK_FAILED);
    assertThat(failed.why())
        .isEqualTo("the hook before it failed: /bin/sh ended with exit code 3: no space left");
    assertThat(alpha.data()).isZero();
    awaitTold("before", "after failed");
  }

  @Test
  void whatFailsAfterIsAWarningAndNoMore() throws Exception {
    Asker alpha = asker("true", "echo cannot thaw; exit 5");
    alpha.ask(set, BackupOptions.NONE);
    assertThat(alpha.last()).isInstanceOf(StreamMessage.Finished.class);
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () ->
                alpha.activity().stream()
                    .anyMatch(line -> line.contains("warning") && line.contains("cannot thaw")));
  }

  @Test
  void itIsRunAfterABackupThatFailsToo() throws Exception {
    Asker alpha = asker("true", AFTER);
    alpha.ask(set.resolve("never made"), BackupOptions.NONE);
    assertThat(((StreamMessage.Failed) alpha.last()).kind())
        .isEqualTo(StreamMessage.Failed.Kind.SOURCE_MISSING);
    awaitTold("after failed");
  }

  @Test
  void aPathThatIsNotAllowedRunsNothing() throws Exception {
    Asker alpha = asker("echo before >> told", AFTER);
    alpha.ask(Files.createDirectory(folder.resolve("elsewhere")), BackupOptions.NONE);
    assertThat(((StreamMessage.Failed) alpha.last()).kind())
        .isEqualTo(StreamMessage.Failed.Kind.NOT_ALLOWED);
    alpha.ask(set, BackupOptions.NONE); // once this one is through, that one would have run
    assertThat(alpha.last()).isInstanceOf(StreamMessage.Finished.class);
    awaitTold("before", "after sent");
  }

  @Test
  void whoeverWaitsHearsOfItWhileItRunsAndACancelledOneIsEndedInOrder() throws Exception {
    Asker alpha = asker("echo before >> told; sleep 600", AFTER);
    ReplyId reply = alpha.ask(set, BackupOptions.NONE);
    awaitTold("before");
    assertThat(alpha.next(StreamMessage.Progress.class)).isNotNull();
    alpha.tell(new AgentOrder.Cancel(reply, "nobody waits"));
    awaitTold("before", "after cancelled");
  }

  @Test
  void anotherAttemptWaitsUntilTheOneBeforeHasEndedInOrder() throws Exception {
    Files.writeString(folder.resolve("slow"), "");
    Asker alpha =
        asker(
            "echo before >> told; if [ -e slow ]; then sleep 600; fi",
            "sleep 1; rm -f slow; " + AFTER);
    alpha.ask(set, BackupOptions.NONE);
    awaitTold("before");
    alpha.ask(set, BackupOptions.NONE);
    assertThat(alpha.last()).isInstanceOf(StreamMessage.Finished.class);
    awaitTold("before", "after cancelled", "before", "after sent");
  }

  @Test
  void theNextSliceOfAJobRunsNothingAgainAndAnotherJobEndsWhatWasLeft() throws Exception {
    Asker alpha = asker("true", "true");
    Hooks hooks = hooks("echo before >> told", AFTER, 600);
    around(alpha, hooks, 1, AroundBackup.Outcome.SLICED);
    around(alpha, hooks, 1, AroundBackup.Outcome.SLICED);
    assertThat(told()).containsExactly("before");
    around(alpha, hooks, 1, AroundBackup.Outcome.SENT);
    assertThat(told()).containsExactly("before", "after sent");
    around(alpha, hooks, 2, AroundBackup.Outcome.SLICED);
    around(alpha, hooks, 3, AroundBackup.Outcome.UNCHANGED);
    assertThat(told().subList(2, 6))
        .containsExactly("before", "after cancelled", "before", "after unchanged");
    around(alpha, hooks, 4, AroundBackup.Outcome.SLICED);
    hooks.end(alpha.log());
    assertThat(told().subList(6, 8)).containsExactly("before", "after cancelled");
  }

  private void around(Asker alpha, Hooks hooks, int slot, AroundBackup.Outcome outcome)
      throws Exception {
    RegistrationKey key =
        new RegistrationKey(new NodeName("alpha"), SourcePath.parse(set.toString()));
    Instant due = Instant.EPOCH.plusSeconds(slot);
    FetchJob job = new FetchJob(JobId.of(key, 1, due), key, 1, due, 0, 1);
    AroundBackup around = new AroundBackup(hooks, job, alpha.log());
    around.before((entries, bytes) -> {});
    around.after(outcome);
  }
}
