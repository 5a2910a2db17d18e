package resguardo.coordinator;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.NodeName;
import resguardo.core.port.BrokerException;

/**
 * While a node floods the broker, or sends what ends the connection by which nodes are heard, signs
 * of life of others may be missed: then the broker is asked who is connected, before a node that is
 * not heard of is taken for away.
 */
final class FloodWatch {
  /** Two signs of life did not come; the third is still to come. */
  private static final Duration QUIET = Duration.ofSeconds(9);

  /** Then it is the broker that is away, and each more would be waited for. */
  private static final int MOST_UNTOLD = 3;

  private static final Logger LOG = LoggerFactory.getLogger(FloodWatch.class);

  private final CoordinatorContext context;
  private final Floods floods;
  private final Roster roster;

  FloodWatch(CoordinatorContext context, Floods floods, Roster roster) {
    this.context = context;
    this.floods = floods;
    this.roster = roster;
  }

  /**
   * Looks.
   *
   * @param nodes that are to be there; asked only while there is a flood
   * @param tells whether this coordinator tells of floods: the one that leads does
   */
  void look(Supplier<Set<NodeName>> nodes, boolean tells) {
    if (tells) {
      for (Floods.Flood flood : floods.untold()) {
        LOG.warn("{}; admin node revoke {} ends it", flood.text(), flood.node());
        context.activity().tell(flood.node(), null, flood.text());
      }
      if (floods.untoldPoison()) {
        LOG.warn("{}. {}", Checkup.POISON, Checkup.AGAINST_POISON);
        context.activity().tell(Checkup.POISON);
      }
    }
    if (!floods.crowdOut()) {
      return;
    }
    Instant quietSince = context.clock().instant().minus(QUIET);
    int untold = 0;
    for (NodeName node : nodes.get()) {
      boolean heard = roster.lastSeen(node).filter(seen -> seen.isAfter(quietSince)).isPresent();
      if (!heard && untold < MOST_UNTOLD && !asked(node)) {
        untold++;
      }
    }
  }

  /** Whether the broker says anything of it; it is asked again in some seconds. */
  private boolean asked(NodeName node) {
    try {
      if (context.agents().isTaken(node)) {
        roster.connected(node, context.clock().instant());
      }
      return true;
    } catch (BrokerException e) {
      LOG.debug("whether {} is connected was not told", node, e);
      return false;
    }
  }
}
