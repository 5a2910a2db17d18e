package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.SourcePath;
import resguardo.core.protocol.ActivityLine;

class LogsCommandTest {
  private static final Instant NOW = Instant.parse("2026-11-27T06:00:00Z");
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final NodeName BETA = new NodeName("beta");
  private static final SourcePath DATA = SourcePath.parse("/srv/data");
  private static final SourcePath HOME = SourcePath.parse("/home");
  private static final JobId JOB = JobId.of(new RegistrationKey(ALPHA, DATA), 1, NOW);
  private static final Peer WORKER = new Peer(Role.WORKER, "w-1");
  private static final Peer COORDINATOR = new Peer(Role.COORDINATOR, "c-1");

  /** By their places below. */
  private static final List<ActivityLine> LINES =
      List.of(
          new ActivityLine(NOW, WORKER, ALPHA, DATA, JOB, "committed version 000007"),
          new ActivityLine(NOW, WORKER, ALPHA, HOME, null, "failed: it is not there"),
          new ActivityLine(NOW, WORKER, BETA, DATA, null, "returned"),
          new ActivityLine(NOW, COORDINATOR, ALPHA, DATA, null, "registered"),
          new ActivityLine(NOW, Peer.agent(ALPHA), null, null, null, "agent started"),
          new ActivityLine(NOW, COORDINATOR, null, null, null, "coordinator started"));

  private static List<Integer> shown(String... options) {
    String[] words = new String[options.length + 2];
    words[0] = "logs";
    words[1] = "--follow";
    System.arraycopy(options, 0, words, 2, options.length);
    CommandLine line = Main.commandLine(words);
    line.parseArgs(words);
    LogsCommand logs = (LogsCommand) line.getSubcommands().get("logs").getCommand();
    return IntStream.range(0, LINES.size())
        .filter(i -> logs.isWanted(LINES.get(i)))
        .boxed()
        .toList();
  }

  @Test
  void withoutAFilterAllIsShown() {
    assertThat(shown()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void eachFilterShowsWhatItNamesAndSeveralWhatAllOfThemDo() {
    assertThat(shown("--node", "alpha")).as("and what its agent says").containsExactly(0, 1, 3, 4);
    assertThat(shown("--path", "/srv/data")).containsExactly(0, 2, 3);
    assertThat(shown("--job", JOB.toString())).containsExactly(0);
    assertThat(shown("--role", "fetch-worker")).containsExactly(0, 1, 2);
    assertThat(shown("--role", "worker")).as("as people call it").containsExactly(0, 1, 2);
    assertThat(shown("--role", "agent", "--role", "coordinator")).containsExactly(3, 4, 5);
    assertThat(shown("--grep", "failed|returned")).containsExactly(1, 2);
    assertThat(shown("--node", "alpha", "--path", "/srv/data", "--role", "coordinator"))
        .containsExactly(3);
    assertThat(shown("--node", "gamma")).isEmpty();
  }

  /** It would be waited for what never comes. */
  @Test
  void aRoleThatThereIsNotAndAPatternThatIsNoneAreRefused() {
    for (String[] words : new String[][] {{"--role", "wroker"}, {"--grep", "("}}) {
      StringWriter err = new StringWriter();
      CommandLine line = Main.commandLine("logs").setErr(new PrintWriter(err, true));
      assertThat(line.execute("logs", words[0], words[1])).isEqualTo(ExitCode.USAGE.number());
      assertThat(err.toString()).contains(words[0]);
    }
  }
}
