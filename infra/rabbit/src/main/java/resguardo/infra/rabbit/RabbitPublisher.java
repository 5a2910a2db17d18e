package resguardo.infra.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.BrokerException;

/**
 * Sends messages, one after the other, and knows of each what became of it before the next goes
 * out. What an exchange needs is declared when the first message goes to it: a short-lived process
 * waits for no more than it uses.
 *
 * <p>An unroutable message is told by its return: RabbitMQ sends that before the confirm, an
 * embedded Qpid after a refusal.
 */
final class RabbitPublisher implements RabbitLink.User {
  private static final Duration CONNECTION = Duration.ofSeconds(5);
  private static final Duration CONFIRM = Duration.ofSeconds(10);
  private static final Duration LATE_RETURN = Duration.ofSeconds(2);
  private static final String RABBITMQ = "RabbitMQ";
  private static final int PERSISTENT = 2;
  private static final int TRANSIENT = 1;

  private final RabbitLink link;
  private final String user;
  private final boolean declares;
  private final Object sending = new Object();
  private final Set<String> declared = new HashSet<>();
  private volatile @Nullable Channel channel;
  private @Nullable Channel declaredOn;
  private @Nullable String returned;

  /**
   * @param user that messages are signed with; the broker refuses another than the one logged in
   * @param declares whether it may: the user of a node or an operator may not, and finds what
   *     others have declared
   */
  RabbitPublisher(RabbitLink link, String user, boolean declares) {
    this.link = link;
    this.user = user;
    this.declares = declares;
    link.use(this);
  }

  @Override
  public void connected(Connection connection) throws IOException {
    Channel fresh = connection.createChannel();
    fresh.confirmSelect();
    fresh.addReturnListener(message -> returned(message.getProperties().getMessageId()));
    fresh.addShutdownListener(why -> connection.abort()); // a channel error: all begins again
    channel = fresh;
  }

  @Override
  public void disconnected() {
    channel = null;
  }

  private synchronized void returned(@Nullable String messageId) {
    returned = messageId;
    notifyAll();
  }

  private synchronized boolean wasReturned(String messageId, Duration atMost)
      throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (!messageId.equals(returned)) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  /**
   * Sends a message and waits until the broker has it.
   *
   * @param mustArrive whether it is an error that no queue takes it; if so it also outlives a
   *     restart of the broker
   * @throws BrokerException.Unroutable when no queue took it and it must arrive
   * @throws BrokerException.NotAllowed when this user may not send that there
   * @throws BrokerException.Unavailable when the broker did not say that it has it. That it could
   *     not give it to one of several queues, as RabbitMQ 4 says while the node of a queue is down,
   *     is no matter where it need not arrive
   */
  void publish(
      String exchange, String key, Map<String, Object> headers, byte[] body, boolean mustArrive)
      throws BrokerException {
    publish(exchange, key, headers, body, mustArrive, null);
  }

  /**
   * The same of what is of no use to anybody after some time.
   *
   * @param lives for how long the broker gives it to those who take it later; absent: for ever
   */
  void publish(
      String exchange,
      String key,
      Map<String, Object> headers,
      byte[] body,
      boolean mustArrive,
      @Nullable Duration lives)
      throws BrokerException {
    String id = UUID.randomUUID().toString();
    AMQP.BasicProperties.Builder properties =
        new AMQP.BasicProperties.Builder()
            .messageId(id)
            .userId(user)
            .contentType("application/json")
            .deliveryMode(mustArrive ? PERSISTENT : TRANSIENT)
            .headers(headers);
    synchronized (sending) {
      try {
        Channel open = open();
        declare(open, exchange);
        if (lives != null) {
          properties.expiration(expiration(open, lives));
        }
        open.basicPublish(exchange, key, mustArrive, properties.build(), body);
        boolean taken = open.waitForConfirms(CONFIRM.toMillis());
        if (mustArrive && wasReturned(id, taken ? Duration.ZERO : LATE_RETURN)) {
          throw new BrokerException.Unroutable(
              "no queue takes what is sent to " + exchange + " for " + key);
        }
        if (!taken && mustArrive) {
          throw new BrokerException.Unavailable(
              "the broker refused a message to " + exchange, null);
        }
      } catch (BrokerException e) {
        throw e;
      } catch (TimeoutException e) {
        link.silent();
        throw new BrokerException.Unavailable(
            "the broker did not take a message to " + exchange + " in time", e);
      } catch (IOException | ShutdownSignalException e) {
        // A channel that is closed already was closed for what was sent before.
        if (!(e instanceof AlreadyClosedException) && Refusal.is(AMQP.ACCESS_REFUSED, e)) {
          throw new BrokerException.NotAllowed(
              "the broker does not allow it to the user " + user, e);
        }
        throw new BrokerException.Unavailable(
            "the broker did not take a message to " + exchange, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BrokerException.Unavailable("interrupted while sending", e);
      }
    }
  }

  /**
   * RabbitMQ counts from when it has the message; the embedded broker takes it for a time of day.
   */
  private static String expiration(Channel open, Duration lives) {
    long millis = Math.max(1, lives.toMillis());
    Object product = open.getConnection().getServerProperties().get("product");
    boolean counts = RABBITMQ.equals(String.valueOf(product));
    return String.valueOf(counts ? millis : System.currentTimeMillis() + millis);
  }

  private void declare(Channel open, String exchange) throws IOException {
    if (declaredOn != open) {
      declared.clear();
      declaredOn = open;
    }
    if (declares && !declared.contains(exchange)) {
      Topology.exchange(open, exchange);
      declared.add(exchange);
    }
  }

  private Channel open() throws BrokerException {
    link.await(CONNECTION);
    Channel open = channel;
    if (open == null) {
      throw new BrokerException.Unavailable("the connection to the broker was just lost", null);
    }
    return open;
  }
}
