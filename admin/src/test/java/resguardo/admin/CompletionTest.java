package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CompletionTest {
  @TempDir Path folder;

  private static String script(String shell) {
    CommandLine line = Main.commandLine("completion");
    StringWriter out = new StringWriter();
    line.setOut(new PrintWriter(out));
    assertThat(line.execute("completion", shell)).isZero();
    return out.toString();
  }

  /** The shell itself is asked what it would offer. */
  @Test
  void bashOffersCommandsAndTheirOptions() throws Exception {
    Path file = folder.resolve("admin.bash");
    Files.writeString(file, script("bash"));
    String asked =
        "source '%s'; COMP_WORDS=(%s); COMP_CWORD=%d; _complete_admin; echo \"${COMPREPLY[@]}\"";
    assertThat(bash(asked.formatted(file, "admin expl", 1))).contains("explain-next");
    assertThat(bash(asked.formatted(file, "admin run-now --exp", 2))).contains("--expires-after");
    assertThat(bash(asked.formatted(file, "admin dead ''", 2))).contains("list", "retry", "drop");
  }

  private static String bash(String command) throws Exception {
    Process process = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return out;
  }

  @Test
  void fishIsToldOfEachCommandWhereItStandsAndOfItsOptions() {
    assertThat(script("fish").lines())
        .contains(
            "complete -c admin -f",
            "complete -c admin -n __fish_use_subcommand -a dead -d 'Shows the messages that were given up (dead letters), sends them again, or throws them away.'")
        .anyMatch(
            line -> line.contains("seen_subcommand_from explain-next") && line.contains("-l count"))
        .anyMatch(
            line ->
                line.contains(
                        "__fish_seen_subcommand_from dead; and not __fish_seen_subcommand_from list retry drop")
                    && line.contains("-a retry"))
        .anyMatch(line -> line.contains("-s f -l file -r -F"));
  }

  @Test
  void noOtherShellIsKnown() {
    CommandLine line = Main.commandLine("completion");
    StringWriter err = new StringWriter();
    line.setErr(new PrintWriter(err));
    assertThat(line.execute("completion", "tcsh")).isEqualTo(ExitCode.USAGE.number());
    assertThat(err.toString()).contains("bash, zsh or fish");
  }
}
