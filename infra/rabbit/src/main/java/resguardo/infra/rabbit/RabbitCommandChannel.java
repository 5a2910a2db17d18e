package resguardo.infra.rabbit;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Texts;
import resguardo.core.port.BrokerException;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.Delivery;
import resguardo.core.port.Origin;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/** Commands on the coordinator's queue. */
final class RabbitCommandChannel implements CommandChannel {
  /** One that has come so often and was never handled keeps others from being handled. */
  private static final int DELIVERIES = 5;

  /** Whose keys the broker lets come to commands, and who could do it all without one. */
  private static final Set<Role> SENDERS = Set.of(Role.ADMIN, Role.COORDINATOR);

  private static final long SAID_EACH_NANOS = TimeUnit.MINUTES.toNanos(10);

  private static final Logger LOG = LoggerFactory.getLogger(RabbitCommandChannel.class);

  private final RabbitLink consumers;
  private final RabbitPublisher publisher;
  private final Peer self;
  private final String from;
  private long passedOver; // by the one thread that takes commands
  private long saidSo;

  RabbitCommandChannel(RabbitLink consumers, RabbitPublisher publisher, Peer self) {
    this(consumers, publisher, self, Origin.here());
  }

  private RabbitCommandChannel(
      RabbitLink consumers, RabbitPublisher publisher, Peer self, String from) {
    this.consumers = consumers;
    this.publisher = publisher;
    this.self = self;
    this.from = from;
  }

  /** The same, for somebody who has no process here. */
  RabbitCommandChannel inNameOf(String whom) {
    return new RabbitCommandChannel(consumers, publisher, self, Origin.of(whom));
  }

  @Override
  public void send(Command command) throws BrokerException {
    String key = new RoutingKey(self, command.word()).toString();
    Map<String, Object> headers = Map.of(RabbitDelivery.FROM, from);
    publisher.publish(Topology.COMMANDS, key, headers, Json.write(command), true);
  }

  @Override
  public Subscription consume(
      long rank, Consumer<Delivery<Command>> handler, Consumer<Malformed> malformed) {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    RabbitConsumption consumption =
        new RabbitConsumption(
            consumers,
            channel -> {
              Topology.commands(channel);
              Topology.dead(channel); // before it is needed: see there
              return Topology.COMMAND_QUEUE;
            },
            1,
            (int) Math.min(rank, Integer.MAX_VALUE),
            message -> {
              try {
                thread.execute(() -> handle(message, handler, malformed));
              } catch (RejectedExecutionException closing) {
                message.handBack();
              }
            });
    return new PooledSubscription(consumption, thread);
  }

  private void handle(
      RabbitConsumption.Message message,
      Consumer<Delivery<Command>> handler,
      Consumer<Malformed> malformed) {
    Optional<RoutingKey> sent = RoutingKey.parse(message.envelope().getRoutingKey());
    if (message.wasGivenAnotherKey()
        || message.isUnsound() // its headers may say so, for all that is known
        || sent.filter(key -> !SENDERS.contains(key.from().role())).isPresent()) {
      passOver(message);
      return;
    }
    Command command;
    try {
      command = Json.read(message.body(), Command.class, Json.MESSAGE_BYTES);
    } catch (MalformedMessageException e) {
      if (sent.filter(key -> key.from().role() == Role.COORDINATOR).isPresent()) {
        passOver(message); // what a coordinator tells
        return;
      }
      refuse(message, malformed, "not a command: " + e.getMessage());
      return;
    }
    if (sent.filter(key -> !key.word().equals(command.word())).isPresent()) {
      // The broker looked whether its sender may send what the key says, not what it is.
      refuse(message, malformed, "a command " + command.word() + " that came as " + sent.get());
      return;
    }
    Delivery<Command> delivery =
        new RabbitDelivery<>(message, command, publisher, Topology.COMMAND_QUEUE);
    try {
      handler.accept(delivery);
    } catch (RuntimeException | Error e) { // whatever it is, the command must not stay in hand
      if (delivery.deliveries() < DELIVERIES) {
        LOG.error("a command was not handled and is handed back", e);
        delivery.handBack();
      } else {
        LOG.error("a command was not handled, and is not tried again", e);
        refuse(message, malformed, "a command " + command.word() + " that nobody can handle: " + e);
      }
    }
  }

  /**
   * Nobody sent it as a command: what others are told is led here by an operator, who may bind it,
   * or has come out of a queue that gave it another key. The broker has not looked whether its
   * sender may send commands. Nothing is told of it, and it is no dead letter: each line about it
   * would be led here too, without end.
   */
  private void passOver(RabbitConsumption.Message message) {
    message.ack();
    long now = System.nanoTime();
    passedOver++;
    if (passedOver == 1 || now - saidSo > SAID_EACH_NANOS) {
      saidSo = now;
      LOG.warn(
          "messages that are no commands are led to their queue, {} by now; the last came as {}."
              + " Somebody has bound {} to what others are told: admin operator revoke undoes it",
          passedOver,
          Texts.shown(message.envelope().getRoutingKey()),
          Topology.COMMANDS);
    }
  }

  private void refuse(
      RabbitConsumption.Message message, Consumer<Malformed> malformed, String reason) {
    RabbitDelivery.bury(message, publisher, Topology.COMMAND_QUEUE, reason);
    malformed.accept(new Malformed(reason, replyTo(message.body())));
  }

  private static @Nullable ReplyId replyTo(byte[] body) {
    if (body.length > Json.MESSAGE_BYTES) {
      return null;
    }
    try {
      return Json.textOf(body, "replyTo").map(ReplyId::new).orElse(null);
    } catch (IllegalArgumentException noReplyId) {
      return null;
    }
  }
}
