package resguardo.infra.rabbit;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import resguardo.testkit.broker.BrokerContract;

/** Messages that none of our channels would send. */
final class RawBytes {
  private RawBytes() {}

  /**
   * Sends them in this order, and returns once the broker has them: what another connection sends
   * from then on comes behind them. Without a confirm it may come before.
   */
  static void publish(Channel channel, String exchange, String key, byte[]... bodies)
      throws IOException, InterruptedException, TimeoutException {
    channel.confirmSelect();
    for (byte[] body : bodies) {
      channel.basicPublish(exchange, key, null, body);
    }
    channel.waitForConfirmsOrDie(BrokerContract.PATIENCE.toMillis());
  }
}
