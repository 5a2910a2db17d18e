package resguardo.core.port;

import java.util.function.Consumer;
import resguardo.core.Peer;
import resguardo.core.protocol.Event;

/**
 * What happened, for whoever wants to know: the coordinator, metrics, a console. Nothing durable
 * hangs on it: what is missed is found again in the bucket.
 */
public interface EventChannel {
  /**
   * Sends it to all that are subscribed now. Nobody being there is not an error.
   *
   * @throws BrokerException.Unavailable when it could not be sent
   */
  void publish(Event message) throws BrokerException;

  /**
   * Takes all that is published from the return on, in order, on one thread. Messages that cannot
   * be read are logged and dropped.
   */
  Subscription subscribe(Consumer<Event> handler);

  /**
   * The same, and tells of all that comes, also of what is dropped. It says who sends more than
   * their share.
   *
   * @param traffic called for each message before it is read, on another thread than the handler;
   *     it must not block
   */
  default Subscription subscribe(Consumer<Event> handler, Traffic traffic) {
    return subscribe(handler);
  }

  /** Told of what comes. */
  interface Traffic {
    /**
     * A message came.
     *
     * @param bytes all of it, names and values of its headers too
     * @param from as the broker knows it: taken from the routing key that it was delivered with.
     *     Where agents share a user the broker knows them all as one, and it is what they say
     */
    void came(Peer from, int bytes);

    /**
     * A message of a node, it is not known of which, seems to have ended the connection by which
     * nodes are heard. It is made again, after a pause that grows while this goes on; what they say
     * meanwhile is missed.
     */
    default void poisoned() {}
  }
}
