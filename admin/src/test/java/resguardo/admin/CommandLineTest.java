package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

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
