package resguardo.core.port;

import java.util.function.Consumer;
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
}
