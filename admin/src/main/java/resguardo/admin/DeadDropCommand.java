package resguardo.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Throws dead letters away. */
@Command(
    name = "drop",
    mixinStandardHelpOptions = true,
    description = "Throws dead letters away.",
    footerHeading = "%nExample:%n",
    footer = "  admin dead drop 0123456789ab    # the ID that admin dead list shows")
final class DeadDropCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private SettledDead letters = new SettledDead();

  @Override
  public Integer call() throws Exception {
    return letters.settle(spec, false);
  }
}
