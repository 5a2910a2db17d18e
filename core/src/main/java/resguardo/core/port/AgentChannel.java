package resguardo.core.port;

import java.util.function.Consumer;
import resguardo.core.NodeName;
import resguardo.core.protocol.AgentOrder;

/**
 * What a node's agent is told, over a queue of its own that also waits for an agent that is
 * offline.
 */
public interface AgentChannel {
  /**
   * Makes sure that the queue of this node is there, so that orders to it can wait. A repeat does
   * nothing.
   */
  void prepare(NodeName node) throws BrokerException;

  /**
   * Sends an order, confirmed.
   *
   * @throws BrokerException.Unroutable when the node has no queue
   */
  void send(NodeName node, AgentOrder order) throws BrokerException;

  /**
   * Takes the orders of a node, in the order in which they were sent, each gone from the queue as
   * it is handed over: an order has a deadline, and whoever gave it watches over it. A message that
   * is no order is logged and dropped.
   *
   * @param handler called on one thread; it must not block for long
   */
  Subscription consume(NodeName node, Consumer<AgentOrder> handler);
}
