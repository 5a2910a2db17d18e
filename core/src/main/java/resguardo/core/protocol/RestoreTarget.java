package resguardo.core.protocol;

import resguardo.core.NodeName;
import resguardo.core.SourcePath;

/**
 * Where a version is restored to.
 *
 * @param node whose agent does it, as far as its own list allows
 * @param folder below which everything goes, under its absolute path; made if it is not there
 * @param overwrite whether it may have something in it already; files of the same name give way
 */
public record RestoreTarget(NodeName node, SourcePath folder, boolean overwrite) {
  /** {@code node:/folder}. */
  @Override
  public String toString() {
    return node + ":" + folder;
  }
}
