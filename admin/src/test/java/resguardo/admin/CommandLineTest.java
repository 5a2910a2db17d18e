package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import resguardo.infra.runtime.ProgramVersion;

class CommandLineTest {
  @Test
  void everyCommandIsFoundByTheNameThatItSaysOfItself() {
    Main.COMMANDS.forEach(
        (name, type) ->
            assertThat(type.getAnnotation(CommandLine.Command.class).name()).isEqualTo(name));
  }

  @Test
  void aNamedCommandIsThereAloneAndAllAreThereWhereNoneIsNamed() {
    assertThat(Main.commandLine("list", "--json").getSubcommands()).containsOnlyKeys("list");
    for (String first : new String[] {"--help", "lst", ""}) {
      assertThat(Main.commandLine(first).getSubcommands().keySet())
          .containsExactlyElementsOf(Main.COMMANDS.keySet());
    }
    assertThat(Main.commandLine().getSubcommands()).hasSameSizeAs(Main.COMMANDS);
  }

  private static List<CommandLine> leaves(CommandLine line) {
    return line.getSubcommands().isEmpty()
        ? List.of(line)
        : line.getSubcommands().values().stream().flatMap(one -> leaves(one).stream()).toList();
  }

  /** What stands behind a | or > is of the shell, and so is what comes after a #. */
  private static List<String> examples(CommandLine command) {
    String name = "admin " + command.getCommandSpec().qualifiedName().substring("admin ".length());
    return Arrays.stream(command.getCommandSpec().usageMessage().footer())
        .map(String::strip)
        .filter(line -> line.startsWith(name) || line.startsWith("source <(" + name))
        .map(line -> line.replaceFirst("^source <\\(([^)]*)\\).*", "$1"))
        .map(line -> line.replaceFirst(" +(#|\\||>|2>).*", "").replaceFirst("^admin ", ""))
        .toList();
  }

  @Test
  void theHelpOfEachCommandHasAnExampleThatItTakes() {
    List<CommandLine> all = leaves(Main.commandLine());
    assertThat(all).hasSizeGreaterThan(40);
    for (CommandLine command : all) {
      String name = command.getCommandSpec().qualifiedName();
      if (command.getCommand() instanceof ElsewhereCommand) {
        continue; // it says where its help is
      }
      assertThat(examples(command)).as(name).isNotEmpty();
      assertThat(examples(command))
          .as(name)
          .allMatch(one -> DocCommandLinesTest.problem(one).isEmpty());
    }
  }

  /** A line that a terminal breaks is none that could be copied. */
  @Test
  void examplesFitOnATerminal() {
    for (CommandLine command : leaves(Main.commandLine())) {
      assertThat(command.getCommandSpec().usageMessage().footer())
          .as(command.getCommandSpec().qualifiedName())
          .allMatch(line -> line.length() <= 80);
    }
  }

  private static String misused(String... words) {
    StringWriter said = new StringWriter();
    CommandLine line = Main.commandLine(words);
    line.setErr(new PrintWriter(said));
    assertThat(line.execute(words)).isEqualTo(ExitCode.USAGE.number());
    return said.toString();
  }

  @Test
  void whatIsWrongIsToldInAFewLinesAndNotAPage() {
    assertThat(misused("restore", "--node", "alpha", "--path", "/srv", "--to", "x", "--at", "noon"))
        .contains("--at", "'noon' is no time", "yesterday", "Try `admin restore --help`.")
        .hasLineCount(2);
    assertThat(misused("history", "--node", "alpha"))
        .contains("--path", "Try `admin history --help`.")
        .hasLineCount(2);
    assertThat(misused("lst")).contains("Did you mean: admin list").doesNotContain("Usage");
    assertThat(misused("dead")).contains("retry", "drop");
  }

  @Test
  void whatJsonIsPrintedIsDocumented() throws IOException {
    String page = Files.readString(Path.of("../docs/protocol.md"));
    String table = page.substring(page.indexOf("## What `--json` prints"));
    List<String> listed =
        Pattern.compile("(?m)^\\| (`.*?`) \\|")
            .matcher(table)
            .results()
            .flatMap(row -> Arrays.stream(row.group(1).split(", ")))
            .map(name -> "admin " + name.replace("`", ""))
            .toList();
    List<String> has =
        leaves(Main.commandLine()).stream()
            .map(CommandLine::getCommandSpec)
            .filter(spec -> spec.findOption("--json") != null)
            .map(spec -> spec.qualifiedName())
            .toList();
    assertThat(listed).containsExactlyInAnyOrderElementsOf(has);
  }

  private static String said(int exit, String... words) {
    StringWriter out = new StringWriter();
    CommandLine line = Main.commandLine(words);
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
    assertThat(line.execute(words)).as(String.join(" ", words)).isEqualTo(exit);
    return out.toString();
  }

  @Test
  void helpIsAsTheCommandsOwn() {
    assertThat(said(0, "help")).isEqualTo(said(0, "--help")).contains("restore", "completion");
    assertThat(said(0, "help", "restore")).isEqualTo(said(0, "restore", "--help"));
    assertThat(said(0, "help", "dead", "retry")).isEqualTo(said(0, "dead", "retry", "--help"));
    assertThat(said(2, "help", "rstore")).contains("There is no command rstore");
  }

  @Test
  void itSaysOfWhichVersionItIs() {
    String version = "admin " + ProgramVersion.text();
    assertThat(said(0, "--version").strip()).isEqualTo(version);
    assertThat(said(0, "list", "--version").strip()).isEqualTo(version);
  }

  @Test
  void whatTakesKeysOfTheStoreSaysWhereToGo() {
    for (String name : new String[] {"import", "export"}) {
      StringWriter err = new StringWriter();
      CommandLine line = Main.commandLine(name).setErr(new PrintWriter(err, true));
      assertThat(line.execute(name, "/old", "--node", "alpha", "--path=/srv")).isEqualTo(2);
      assertThat(err.toString()).contains("Run `transfer " + name + "`");
    }
  }

  @Test
  void theRecordOfAYearThatNoRecordIsOfIsRefusedBeforeAnybodyIsAsked() {
    for (String year : new String[] {"+12026", "-0001", "+999999999"}) {
      StringWriter err = new StringWriter();
      CommandLine line = Main.commandLine("audit").setErr(new PrintWriter(err, true));
      assertThat(line.execute("audit", "--since", year + "-01-01T00:00:00Z")).isEqualTo(2);
      assertThat(err.toString()).contains("--since: nothing is on record of such a year");
    }
  }
}
