package resguardo.testkit.broker;

import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Reply;

/** What goes wrong at a broker in memory, and when. Called on the thread of whoever calls. */
public interface Interference {
  /** All goes well. */
  Interference NONE = new Interference() {};

  /** A reply, and where it goes. */
  record Addressed(ReplyId to, Reply reply) {}

  /**
   * Before a call has its effect.
   *
   * @param by who calls
   * @param call the name of the method, as {@code jobs.publish}
   * @param message what is sent; absent: nothing is
   * @throws BrokerException what the caller gets: the call has no effect
   */
  default void before(Peer by, String call, @Nullable Object message) throws BrokerException {}

  /**
   * After a call has had its effect.
   *
   * @throws BrokerException what the caller gets: it does not know of the effect
   */
  default void after(Peer by, String call) throws BrokerException {}

  /** How many copies arrive of a message that no confirm is waited for; as a rule one. */
  default int copies(Peer by, Object message) {
    return 1;
  }

  /** Before a message is handled, on the thread that handles it. */
  default void handing(Peer to, Object message) {}

  /** A message was taken off a queue for good, as its taker said. */
  default void acked(Peer by, Object message) {}
}
