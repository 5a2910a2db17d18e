package resguardo.core;

/** Which set of files: a path on a node. At most one registration has it at a time. */
public record RegistrationKey(NodeName node, SourcePath path)
    implements Comparable<RegistrationKey> {
  @Override
  public int compareTo(RegistrationKey other) {
    int byNode = node.compareTo(other.node);
    return byNode != 0 ? byNode : path.compareTo(other.path);
  }

  /** All of it: no two registrations have the same, so that it can stand for one. */
  public String text() {
    return node + ":" + path.text();
  }

  /** For logs and messages, on one line and cut where it is long: what begins alike looks alike. */
  @Override
  public String toString() {
    return node + ":" + path;
  }
}
