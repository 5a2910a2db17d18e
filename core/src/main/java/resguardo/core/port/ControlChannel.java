package resguardo.core.port;

import java.util.function.Consumer;
import resguardo.core.protocol.Control;

/**
 * What every process but the agents is told at the same time. Nothing durable hangs on it: what is
 * missed is found again in the bucket.
 */
public interface ControlChannel {
  /**
   * Sends it to all that are subscribed now. Nobody being there is not an error.
   *
   * @throws BrokerException.Unavailable when it could not be sent
   */
  void publish(Control message) throws BrokerException;

  /**
   * Takes all that is published from the return on, in order, on one thread. Messages that cannot
   * be read are logged and dropped.
   */
  Subscription subscribe(Consumer<Control> handler);
}
