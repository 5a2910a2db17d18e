package resguardo.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Sends dead letters again. */
@Command(
    name = "retry",
    mixinStandardHelpOptions = true,
    description =
        "Sends dead letters again, to the end of the queue of jobs that they came from. Those from elsewhere stay: ask anew instead.",
    footerHeading = "%nExample:%n",
    footer = "  admin dead retry 0123456789ab    # the ID that admin dead list shows")
final class DeadRetryCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private SettledDead letters = new SettledDead();

  @Override
  public Integer call() throws Exception {
    return letters.settle(spec, true);
  }
}
