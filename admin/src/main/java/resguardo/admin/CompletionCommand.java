package resguardo.admin;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what has a shell complete commands and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = "Prints a script that has a shell complete commands and options of admin.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(admin completion bash)          # in ~/.bashrc",
      "  source <(admin completion zsh)           # in ~/.zshrc",
      "  admin completion fish > ~/.config/fish/completions/admin.fish"
    })
final class CompletionCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  @SuppressWarnings("NullAway.Init") // required
  private String shell;

  @Override
  public Integer call() {
    CommandLine all = Main.commandLine();
    String script =
        switch (shell) {
          case "bash", "zsh" -> AutoComplete.bash("admin", all); // it knows zsh by itself
          case "fish" -> FishCompletion.of("admin", all.getCommandSpec());
          default ->
              throw new ParameterException(spec.commandLine(), "A shell is bash, zsh or fish.");
        };
    spec.commandLine().getOut().println(script);
    return ExitCode.DONE.number();
  }
}
