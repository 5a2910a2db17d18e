package resguardo.infra.rabbit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import resguardo.core.NodeName;
import resguardo.core.Peer;

/**
 * The user of the broker that the agent of one node logs in as: it takes what is sent to its node,
 * and sends answers, events and lines of activity in its own name.
 */
public record NodeUser(NodeName node) implements BrokerUser {
  /** What an agent may send to, each with routing keys that begin with its own name. */
  private static final List<String> WRITES =
      List.of(Topology.REPLIES, Topology.EVENTS, Topology.LOGS);

  private static final String PREFIX = "node.";

  /** Whose user this is; empty when it is no node's. */
  static Optional<NodeUser> parse(String user) {
    try {
      return user.startsWith(PREFIX)
          ? Optional.of(new NodeUser(new NodeName(user.substring(PREFIX.length()))))
          : Optional.empty();
    } catch (IllegalArgumentException notOurs) {
      return Optional.empty();
    }
  }

  @Override
  public String name() {
    return PREFIX + node;
  }

  @Override
  public String owner() {
    return "the node";
  }

  @Override
  public String program() {
    return "bin/agent";
  }

  @Override
  public String tag() {
    return "";
  }

  @Override
  public String configure() {
    return NOTHING;
  }

  @Override
  public String write() {
    return "^" + BrokerUser.anyOf(WRITES) + "$";
  }

  /** A name of a node holds no character that means anything in a rule. */
  @Override
  public String read() {
    return "^" + BrokerUser.anyOf(List.of(Topology.agentQueue(node))) + "$";
  }

  @Override
  public Map<String, Keys> keys() {
    String own = "^" + BrokerUser.anyOf(List.of(Peer.agent(node).prefix())) + "\\.[^.]+$";
    Keys keys = new Keys(own, NOTHING);
    return WRITES.stream().collect(Collectors.toMap(Function.identity(), exchange -> keys));
  }
}
