package resguardo.core;

/**
 * A process that takes part: what it is and which one. An agent's instance is the name of its node.
 * The routing keys of all that a process sends begin with {@code <role>.<instance>}, which the
 * broker can check against its credentials.
 */
public record Peer(Role role, String instance) {
  /**
   * @throws IllegalArgumentException when the instance breaks the rule of {@link NodeName}
   */
  public Peer {
    if (!NodeName.RULE.matcher(instance).matches()) {
      throw new IllegalArgumentException(
          "an instance name is 1 to 63 of a-z, 0-9 and -; this is not: '"
              + Texts.shown(instance)
              + "'");
    }
  }

  /** The agent of this node. */
  public static Peer agent(NodeName node) {
    return new Peer(Role.AGENT, node.value());
  }

  /** The first two words of its routing keys: {@code <role>.<instance>}. */
  public String prefix() {
    return role.word() + "." + instance;
  }

  @Override
  public String toString() {
    return prefix();
  }
}
