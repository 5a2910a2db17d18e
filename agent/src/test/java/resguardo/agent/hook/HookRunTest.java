package resguardo.agent.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HookRunTest {
  private static final int LONG = 600;

  @TempDir Path folder;

  private HookRun.Ended run(int timeout, HookRun.Waiting waiting, String script) throws Exception {
    Map<String, String> variables = Map.of("OUT", folder.toString(), "RESGUARDO_NODE", "alpha");
    return HookRun.run(List.of("/bin/sh", "-c", script), timeout, variables, waiting);
  }

  private HookRun.Ended run(String script) throws Exception {
    return run(LONG, () -> {}, script);
  }

  /** Writes down its process, and lasts for longer than any test. */
  private static final String LASTING =
      "echo $$ > $OUT/pid.tmp; mv $OUT/pid.tmp $OUT/pid; sleep 600";

  private boolean begun() {
    return Files.exists(folder.resolve("pid"));
  }

  private void awaitEnd() throws IOException {
    Path process = Path.of("/proc", Files.readString(folder.resolve("pid")).strip());
    await().atMost(30, TimeUnit.SECONDS).until(() -> Files.notExists(process));
  }

  @Test
  void aCommandIsRunWithItsWordsAsTheyAreAndItsOwnEnvironment() throws Exception {
    List<String> words =
        List.of(
            "/bin/sh",
            "-c",
            "printf '%s|' \"$@\"; echo $RESGUARDO_NODE",
            "sh",
            "a b",
            "$HOME",
            "*");
    HookRun.Ended ended = HookRun.run(words, LONG, Map.of("RESGUARDO_NODE", "alpha"), () -> {});
    assertThat(ended.well()).isTrue();
    assertThat(ended.output()).isEqualTo("a b|$HOME|*|alpha");
  }

  @Test
  void whatEndsBadlySaysHowWithItsLastLinesOnOne() throws Exception {
    HookRun.Ended ended =
        run("for i in 1 2 3 4 5 6 7; do echo line $i; done; echo bad >&2; exit 3");
    assertThat(ended.words())
        .isEqualTo("ended with exit code 3: line 4 | line 5 | line 6 | line 7 | bad");
  }

  @Test
  void outputIsReadToItsEndAndOnlyTheEndOfItKept() throws Exception {
    HookRun.Ended ended =
        run("head -c 20000000 /dev/zero | tr '\\0' x; printf '\\nend\\033[0m\\n'; exit 1");
    assertThat(ended.output()).endsWith("| end\\u001b[0m").hasSizeLessThan(1000);
  }

  @Test
  void aProgramThatIsNotThereCannotBeStarted() throws Exception {
    HookRun.Ended ended = HookRun.run(List.of("/no/such/program"), LONG, Map.of(), () -> {});
    assertThat(ended.words()).contains("could not be started", "/no/such/program");
    assertThat(HookRun.run(List.of("/etc/passwd"), LONG, Map.of(), () -> {}).words())
        .contains("could not be started");
  }

  @Test
  void aCommandHasNoInputToWaitFor() throws Exception {
    assertThat(run("cat; echo done").output()).isEqualTo("done");
  }

  @Test
  void whatTakesTooLongIsEndedWithAllThatItStarted() throws Exception {
    HookRun.Ended ended = run(1, () -> {}, "(" + LASTING + ") & sleep 600; wait");
    assertThat(ended.words()).isEqualTo("took too long and was ended");
    awaitEnd();
  }

  @Test
  void whatDoesNotEndWhenAskedIsKilled() throws Exception {
    assertThat(run(1, () -> {}, "trap '' TERM; while :; do sleep 1; done").well()).isFalse();
  }

  @Test
  void whatIsNotWantedAnyMoreIsEnded() throws Exception {
    HookRun.Waiting nobodyWaits =
        () -> {
          if (begun()) {
            throw new IOException("cancelled");
          }
        };
    assertThatThrownBy(() -> run(LONG, nobodyWaits, LASTING)).hasMessage("cancelled");
    awaitEnd();
  }

  @Test
  void anInterruptEndsItAndIsPassedOn() throws Exception {
    Thread self = Thread.currentThread();
    HookRun.Waiting interrupting =
        () -> {
          if (begun()) {
            self.interrupt();
          }
        };
    assertThatThrownBy(() -> run(LONG, interrupting, LASTING))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse(); // the exception stands for it
    awaitEnd();
  }

  /** A program in an agent's place is killed: its end of the script's input is closed with it. */
  @Test
  void whatWasLeftBehindByADeadAgentIsEnded() throws Exception {
    String classes = System.getProperty("java.class.path");
    Process agent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                classes,
                HookRunTest.class.getName(),
                folder.toString())
            .inheritIO()
            .start();
    await().atMost(30, TimeUnit.SECONDS).until(this::begun);
    agent.destroyForcibly().waitFor();
    awaitEnd();
  }

  /** The agent of that test. */
  public static void main(String[] arguments) throws Exception {
    HookRunTest test = new HookRunTest();
    test.folder = Path.of(arguments[0]);
    test.run(LASTING);
  }
}
