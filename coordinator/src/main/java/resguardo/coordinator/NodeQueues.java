package resguardo.coordinator;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.port.BrokerException;
import resguardo.core.protocol.AgentOrder;

/**
 * The queues of nodes at the broker. Workers and agents with users of their own may not make them,
 * so that nobody who has their passwords can make one that takes nothing; whoever leads does it for
 * them, before it publishes what they need it for. Not for several threads.
 */
final class NodeQueues {
  /** A refusal comes at once; what takes longer is the want of a broker that answers. */
  private static final Duration SLOW = Duration.ofSeconds(1);

  /**
   * After that jobs go out unasked for so long: whoever leads waits for no broker once for each.
   */
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final CoordinatorContext context;

  /** Whose queue this process has seen to. It may have been lost since: then a job comes back. */
  private final Set<NodeName> seenTo = new HashSet<>();

  /** When the broker did not answer; absent: it did the last time. */
  private @Nullable Long silent;

  NodeQueues(CoordinatorContext context) {
    this.context = context;
  }

  /**
   * To be called before a job is published. It asks the broker where nobody has asked for this node
   * yet, and for each job that came back or was lost, as the want of a queue may be why; so that
   * one of thousands costs nothing more. If the queue cannot be made, that is told, and the job is
   * to be published all the same: it comes back if it needs one, and those of other nodes are not
   * held up.
   */
  void before(Scheduler.ToPublish due) {
    NodeName node = due.job().registration().node();
    boolean again = due.silent() || due.job().attempt() > 1;
    if ((again || !seenTo.contains(node)) && mayAsk()) {
      make(node);
    }
  }

  private boolean mayAsk() {
    return silent == null || context.platform().nanoTime() - silent > PAUSE.toNanos();
  }

  /** Makes the queue of a node where there is none. If it cannot be made, that is told. */
  void make(NodeName node) {
    long begun = context.platform().nanoTime();
    try {
      context.agents().prepare(node);
      seenTo.add(node);
      silent = null;
    } catch (BrokerException e) {
      long now = context.platform().nanoTime();
      silent = now - begun > SLOW.toNanos() ? Long.valueOf(now) : null;
      seenTo.remove(node);
      context.activity().tell(node, null, "its queue is not there yet: " + e.getMessage());
    }
  }

  /**
   * Sends an order, to a new queue where that of the node was lost.
   *
   * @throws BrokerException.Unavailable when the broker cannot be reached or refuses
   */
  void send(NodeName node, AgentOrder order) throws BrokerException {
    try {
      context.agents().send(node, order);
    } catch (BrokerException.Unroutable lost) {
      context.agents().prepare(node);
      context.agents().send(node, order);
    }
  }
}
