package resguardo.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * A command of another program, which holds keys of the store: no operator has any. {@code
 * bin/admin} hands over to that program where it is installed, and this is reached where it is not.
 */
abstract class ElsewhereCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Unmatched private @Nullable List<String> words = new ArrayList<>();

  @Override
  public Integer call() throws AdminException {
    throw new AdminException(
        ExitCode.USAGE,
        "Failed to "
            + spec.name()
            + ": that takes keys of the store, which this program has none of.",
        "Run `transfer "
            + spec.name()
            + "` with the same words where workers or coordinators run (bin/transfer; package resguardo-server).");
  }
}
