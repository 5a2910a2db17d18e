package resguardo.admin;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import resguardo.core.NodeName;
import resguardo.core.SourcePath;

/** The options of a command that is about a path of a node, a whole node, or all nodes. */
final class Scope {
  @Option(names = "--all", description = "All nodes.")
  private boolean all;

  @Option(names = "--node", description = "Name of the node.")
  private @Nullable NodeName node;

  @Option(names = "--path", description = "Only this absolute path on the node.")
  private @Nullable SourcePath path;

  /** Refuses what says neither what nor all: it would stop a fleet by a slip. */
  void check(CommandSpec spec) {
    if (all ? node != null || path != null : node == null) {
      throw new ParameterException(
          spec.commandLine(), "Give --node N, --node N with --path P, or --all.");
    }
  }

  @Nullable NodeName node() {
    return node;
  }

  @Nullable SourcePath path() {
    return path;
  }

  @Override
  public String toString() {
    if (node == null) {
      return "all nodes";
    }
    return path == null ? "node " + node : node + ":" + path;
  }
}
