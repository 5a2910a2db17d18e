package resguardo.infra.rabbit;

import java.util.Optional;
import resguardo.core.NodeName;
import resguardo.core.Peer;

/**
 * The user of the broker that the agent of one node logs in as, and all that it may do there: take
 * what is sent to its node, and send answers, events and lines of activity in its own name. The
 * rules are RabbitMQ's, regular expressions over names of queues and exchanges and over routing
 * keys; {@code ^$} is nothing.
 */
record NodeUser(NodeName node) {
  /** What an agent may send to, each with routing keys that begin with its own name. */
  static final String[] WRITES = {Topology.REPLIES, Topology.EVENTS, Topology.LOGS};

  /** Nothing. */
  static final String NOTHING = "^$";

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

  /** The name at the broker. */
  String name() {
    return PREFIX + node;
  }

  /** What it may publish to. A {@code .} is escaped: it is any character otherwise. */
  String write() {
    return "^(" + String.join("|", WRITES).replace(".", "\\.") + ")$";
  }

  /** What it may consume: a name of a node holds no character that means anything here. */
  String read() {
    return "^" + Topology.agentQueue(node).replace(".", "\\.") + "$";
  }

  /** The routing keys that it may publish with. */
  String routingKeys() {
    return "^" + Peer.agent(node).prefix().replace(".", "\\.") + "\\.[^.]+$";
  }
}
