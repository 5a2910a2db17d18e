package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

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
}
