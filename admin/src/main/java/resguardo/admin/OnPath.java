package resguardo.admin;

import picocli.CommandLine.Option;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.SourcePath;

/** The options of every command that is about a path of a node. */
final class OnPath {
  @Option(names = "--node", required = true, description = "Name of the node.")
  @SuppressWarnings("NullAway.Init") // required
  private NodeName node;

  @Option(names = "--path", required = true, description = "Absolute path on the node.")
  @SuppressWarnings("NullAway.Init") // required
  private SourcePath path;

  NodeName node() {
    return node;
  }

  SourcePath path() {
    return path;
  }

  /** Both. */
  RegistrationKey key() {
    return new RegistrationKey(node, path);
  }

  @Override
  public String toString() {
    return node + ":" + path;
  }
}
