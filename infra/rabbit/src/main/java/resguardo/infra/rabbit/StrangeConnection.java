package resguardo.infra.rabbit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import resguardo.core.NodeName;

/**
 * A connection of a node's user that no agent of ours makes, as the management interface sees it.
 *
 * @param what is strange about it, in words for a person
 */
public record StrangeConnection(NodeName node, String what) {
  /** What is asked for of each connection. */
  static final String COLUMNS = "user,protocol,state,recv_oct";

  /** As RabbitMQ shows 0-9-1 and 0-8. Absent while it does not know yet. */
  private static final Set<String> OURS = Set.of("AMQP 0-9-1", "AMQP 0-8", "");

  /**
   * The broker reads nothing of a connection in such a state, and an agent whose chunks it does not
   * read stops when its credit is used up, which is far less.
   */
  private static final Set<String> HELD_UP = Set.of("blocked", "blocking");

  private static final long MUCH = 64L << 20;

  /** What is asked for of each queue. */
  static final String QUEUE_COLUMNS = "name,consumers";

  /**
   * An agent consumes its queue once; connections that are broken may be there beside it for some
   * seconds.
   */
  private static final long MOST_CONSUMERS = 8;

  /** Those among these. */
  static List<StrangeConnection> among(JsonNode connections) {
    List<StrangeConnection> strange = new ArrayList<>();
    for (JsonNode connection : connections) {
      NodeUser.parse(connection.path("user").asText())
          .ifPresent(user -> look(user.node(), connection, strange));
    }
    return strange.stream().distinct().toList();
  }

  /** Those by which somebody consumes the queue of a node many times, of all queues. */
  static List<StrangeConnection> among(JsonNode queues, List<NodeName> nodes) {
    Map<String, Long> consumers = new HashMap<>();
    queues.forEach(
        queue -> consumers.put(queue.path("name").asText(), queue.path("consumers").asLong()));
    List<StrangeConnection> strange = new ArrayList<>();
    for (NodeName node : nodes) {
      long many = consumers.getOrDefault(Topology.agentQueue(node), 0L);
      if (many > MOST_CONSUMERS) {
        strange.add(
            new StrangeConnection(
                node,
                many
                    + " consumers are on its queue, where an agent has one: when they end, the broker"
                    + " may stand still for minutes"));
      }
    }
    return strange;
  }

  private static void look(NodeName node, JsonNode connection, List<StrangeConnection> to) {
    String protocol = connection.path("protocol").asText();
    long bytes = connection.path("recv_oct").asLong();
    if (!OURS.contains(protocol)) {
      to.add(new StrangeConnection(node, "it speaks " + protocol + ", as no program of ours does"));
    }
    if (HELD_UP.contains(connection.path("state").asText()) && bytes > MUCH) {
      to.add(
          new StrangeConnection(
              node,
              "the broker holds its connection up, by which "
                  + (bytes >> 20)
                  + " MiB have come, and may hold all of them in memory"));
    }
  }
}
