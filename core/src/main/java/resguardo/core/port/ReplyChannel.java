package resguardo.core.port;

import java.time.Duration;
import java.util.Optional;
import resguardo.core.Peer;
import resguardo.core.ReplyId;

/**
 * The way back: answers and streams to whoever asked. What is sent is not kept over a broker's
 * restart; a receiver finds gaps by the sequence of a stream, and asks again.
 */
public interface ReplyChannel {
  /**
   * Begins to take what is sent to this id. Everything sent after the return is received, until it
   * is closed.
   *
   * @param capacity how many messages may lie unread; what comes beyond is dropped, with what lies
   *     there of a stream, and told by {@link Mailbox#overflowed}
   */
  Mailbox open(ReplyId id, int capacity) throws BrokerException;

  /**
   * Sends without waiting for a confirm.
   *
   * @throws BrokerException.Unroutable at this or a later call, when it was found that nobody takes
   *     what is sent to this id
   * @throws BrokerException.Unavailable when there is no connection
   */
  void send(ReplyId to, Reply message) throws BrokerException;

  /** What comes to one id. */
  interface Mailbox extends AutoCloseable {
    /**
     * The next message in the order of sending.
     *
     * @return empty when none came in this time
     * @throws BrokerException.Unavailable when the connection was lost since the last call:
     *     messages may be missing
     */
    Optional<Received> receive(Duration atMost) throws BrokerException, InterruptedException;

    /**
     * Whether messages were dropped because the receiver did not keep up, the sender kept to no
     * credit, or an agent sent what agents do not send. Nothing is kept from then on but an answer
     * that is there already. Whoever waits for the next message is told by an empty one, at once.
     */
    boolean overflowed();

    @Override
    void close();
  }

  /**
   * A message with its sender.
   *
   * @param from as the broker knows it: taken from the routing key that it was delivered with
   */
  record Received(Peer from, Reply message) {}
}
