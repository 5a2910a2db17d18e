package resguardo.infra.rabbit;

import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Texts;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Delivery;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Json;

/** A message in hand. */
final class RabbitDelivery<T> implements Delivery<T> {
  /** The header in which a sender says of itself where it is. */
  static final String FROM = "resguardo-from";

  /** Counted by quorum queues: how often it was handed out before. */
  static final String COUNT = "x-delivery-count";

  /** Why a dead letter was given up. */
  static final String REASON = "resguardo-reason";

  /** The queue that it came from. */
  static final String QUEUE = "resguardo-queue";

  /** When it was given up. */
  static final String DIED = "resguardo-died";

  /** All that is said of a dead letter. */
  static final List<String> DEAD_HEADERS = List.of(QUEUE, REASON, DIED);

  /** Still one more than any message may have, so that what was too large stays it. */
  private static final int LARGEST = Json.MESSAGE_BYTES + 1;

  private static final Logger LOG = LoggerFactory.getLogger(RabbitDelivery.class);

  private final RabbitConsumption.Message message;
  private final T value;
  private final RabbitPublisher publisher;
  private final String queue;
  private State state = State.IN_HAND;

  private enum State {
    IN_HAND,
    RELEASED,
    ENDED
  }

  RabbitDelivery(
      RabbitConsumption.Message message, T value, RabbitPublisher publisher, String queue) {
    this.message = message;
    this.value = value;
    this.publisher = publisher;
    this.queue = queue;
  }

  @Override
  public T message() {
    return value;
  }

  @Override
  public Sender sender() {
    Map<String, Object> headers = message.properties().getHeaders();
    Object from = headers == null ? null : headers.get(FROM);
    return new Sender(
        message.properties().getUserId(),
        RoutingKey.parse(message.envelope().getRoutingKey()).map(RoutingKey::from).orElse(null),
        from == null ? null : Texts.shown(from.toString()));
  }

  @Override
  public int deliveries() {
    Map<String, Object> headers = message.properties().getHeaders();
    Object count = headers == null ? null : headers.get(COUNT);
    if (count instanceof Number number) {
      return number.intValue() + 1;
    }
    return message.envelope().isRedeliver() ? 2 : 1;
  }

  @Override
  public void ack() {
    end(message::ack, () -> {});
  }

  @Override
  public void handBack() {
    end(message::handBack, () -> {});
  }

  @Override
  public void dead(String reason) {
    end(() -> bury(message, publisher, queue, reason), () -> keepIfPossible(reason));
  }

  private void end(Runnable inHand, Runnable released) {
    State before = end();
    try {
      if (before == State.IN_HAND) {
        inHand.run();
      } else if (before == State.RELEASED) {
        released.run();
      }
    } finally {
      message.end(); // whatever went wrong, others are to come in its place
    }
  }

  private synchronized State end() {
    State before = state;
    state = State.ENDED;
    return before;
  }

  @Override
  public synchronized void release() {
    if (state == State.IN_HAND) {
      state = State.RELEASED;
      message.release();
    }
  }

  private void keepIfPossible(String reason) {
    try {
      keep(message, publisher, queue, reason);
    } catch (BrokerException e) {
      LOG.warn("what was of {} is not among the dead letters: {}", queue, e.getMessage());
    }
  }

  /**
   * Puts a message to the dead letters and acks it then; if that fails, it is handed back. Of one
   * that is larger than any of ours only the beginning is kept, which is as little a message as the
   * whole is: whoever looks at the dead letters has each of them in memory.
   */
  static void bury(
      RabbitConsumption.Message message, RabbitPublisher publisher, String queue, String reason) {
    boolean kept = false;
    try {
      keep(message, publisher, queue, reason);
      kept = true;
    } catch (BrokerException e) {
      LOG.warn(
          "a message could not be put to the dead letters and goes back to {}: {}",
          queue,
          e.getMessage());
    } finally {
      if (kept) {
        message.ack();
      } else {
        message.handBack();
      }
    }
  }

  private static void keep(
      RabbitConsumption.Message message, RabbitPublisher publisher, String queue, String reason)
      throws BrokerException {
    Map<String, Object> headers =
        Map.of(
            REASON, reason,
            QUEUE, queue,
            DIED, Clock.systemUTC().instant().toString());
    byte[] body = message.body();
    byte[] kept = body.length > LARGEST ? Arrays.copyOf(body, LARGEST) : body;
    publisher.publish(Topology.DEAD, "", headers, kept, true);
  }
}
