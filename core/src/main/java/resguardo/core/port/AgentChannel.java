package resguardo.core.port;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import resguardo.core.NodeName;
import resguardo.core.ReplyId;
import resguardo.core.protocol.AgentOrder;

/**
 * What a node's agent is told, over a queue of its own that also waits for an agent that is
 * offline.
 */
public interface AgentChannel {
  /**
   * Makes sure that the queue of this node is there, so that orders to it can wait. A repeat does
   * nothing. A worker that may not make it leaves that to coordinators, which do before they
   * publish a job of that node: then this does nothing, and {@link #send} tells whether it is
   * there.
   *
   * @throws BrokerException.Unavailable when it could not be made or asked for
   */
  void prepare(NodeName node) throws BrokerException;

  /**
   * Whether somebody is connected now who takes the orders of this node. The broker knows it of
   * itself: nothing that others send keeps it from being known.
   *
   * @throws BrokerException.Unavailable when the broker does not say
   */
  boolean isTaken(NodeName node) throws BrokerException;

  /**
   * Sends an order, confirmed.
   *
   * @throws BrokerException.Unroutable when the node has no queue
   */
  void send(NodeName node, AgentOrder order) throws BrokerException;

  /**
   * Sends the next piece of a stream that the agent receives, not confirmed and not kept over a
   * restart of the broker; its receiver finds the gap, and drops what is of no stream that it
   * knows.
   *
   * @param stream as the order named it
   * @throws BrokerException.Unroutable at this or a later call, when the node has no queue
   * @throws BrokerException.Unavailable when there is no connection
   */
  void send(NodeName node, ReplyId stream, Reply.Chunk chunk) throws BrokerException;

  /**
   * Takes the orders of a node, in the order in which they were sent, each gone from the queue as
   * it is handed over: an order has a deadline, and whoever gave it watches over it. A message that
   * is no order is logged and dropped.
   *
   * @param orders called on one thread; it must not block for long
   * @param chunks likewise, on the same thread: the pieces of streams that the agent receives
   */
  Subscription consume(
      NodeName node, Consumer<AgentOrder> orders, BiConsumer<ReplyId, Reply.Chunk> chunks);
}
