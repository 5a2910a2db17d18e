package resguardo.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a command does. */
@Command(
    name = "help",
    mixinStandardHelpOptions = true,
    description =
        "Shows what a command does, with its options and examples; without one, all commands.",
    footerHeading = "%nExamples:%n",
    footer = {"  admin help restore", "  admin help dead retry"})
final class HelpCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Parameters(
      paramLabel = "COMMAND",
      arity = "0..*",
      description = "The command, such as dead retry.")
  private List<String> words = new ArrayList<>();

  @Override
  public Integer call() {
    CommandLine of = spec.root().commandLine();
    for (String word : words) {
      CommandLine below = of.getSubcommands().get(word);
      if (below == null) {
        throw new ParameterException(of, "There is no command " + String.join(" ", words) + ".");
      }
      of = below;
    }
    of.usage(spec.commandLine().getOut());
    return ExitCode.DONE.number();
  }
}
