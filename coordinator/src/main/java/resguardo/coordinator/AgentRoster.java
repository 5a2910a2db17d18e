package resguardo.coordinator;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import resguardo.core.NodeName;
import resguardo.core.Role;
import resguardo.core.protocol.Event;

/**
 * When each node's agent last gave a sign of life. Times are the coordinator's own, of the arrival:
 * the clock of a node may be wrong by a day.
 */
public final class AgentRoster {
  /** Three signs of life that did not come: then an agent is taken as gone (decision 5). */
  public static final Duration GONE_AFTER = Duration.ofSeconds(15);

  private final Map<NodeName, Instant> seen = new ConcurrentHashMap<>();

  /** Takes note of an event, if it is an agent's. */
  public void note(Event event, Instant now) {
    if (event.by().role() != Role.AGENT) {
      return;
    }
    NodeName node = new NodeName(event.by().instance());
    if (event instanceof Event.ProcessStopped) {
      seen.remove(node);
    } else {
      seen.put(node, now);
    }
  }

  /**
   * When the agent of this node was last seen; empty: not since this coordinator started, or it has
   * ended in order.
   */
  public Optional<Instant> lastSeen(NodeName node) {
    return Optional.ofNullable(seen.get(node));
  }

  /** Whether the agent of this node is there to take an order. */
  public boolean alive(NodeName node, Instant now) {
    Instant last = seen.get(node);
    return last != null && !last.plus(GONE_AFTER).isBefore(now);
  }
}
