package resguardo.core.port;

import java.util.function.Consumer;
import resguardo.core.protocol.ActivityLine;

/**
 * One line for each thing done by any process, for people to read in one place. Nothing durable
 * hangs on it: what is missed is found again in the bucket.
 */
public interface ActivityChannel {
  /**
   * Sends it to all that are subscribed now. Nobody being there is not an error.
   *
   * @throws BrokerException.Unavailable when it could not be sent
   */
  void publish(ActivityLine message) throws BrokerException;

  /**
   * Takes all that is published from the return on, in order, on one thread. Messages that cannot
   * be read are logged and dropped.
   */
  Subscription subscribe(Consumer<ActivityLine> handler);
}
