package resguardo.admin;

import resguardo.core.NodeName;
import resguardo.core.SourcePath;

/** A folder of a node: {@code node:/folder}. */
record NodeFolder(NodeName node, SourcePath folder) {
  /**
   * The folder of this text.
   *
   * @throws IllegalArgumentException when it is not of this form
   */
  static NodeFolder parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("a folder of a node is like alpha:/srv/restored");
    }
    return new NodeFolder(
        new NodeName(text.substring(0, colon)), SourcePath.parse(text.substring(colon + 1)));
  }

  @Override
  public String toString() {
    return node + ":" + folder;
  }
}
