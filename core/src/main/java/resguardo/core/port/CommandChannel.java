package resguardo.core.port;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.ReplyId;
import resguardo.core.protocol.Command;

/** What operators ask of the coordinator. */
public interface CommandChannel {
  /**
   * Sends a command, durable and confirmed: a coordinator will see it, at once or when it is
   * started.
   *
   * @throws BrokerException.Unroutable when the coordinators' queue is gone
   */
  void send(Command command) throws BrokerException;

  /**
   * Takes commands, one after the other.
   *
   * @param rank of several that take them, the one of the highest gets all; the others get what it
   *     cannot take now. 0 or more
   * @param handler what it throws hands the command back
   * @param malformed told of each message that is no command, which the adapter then puts to the
   *     dead letters
   */
  Subscription consume(
      long rank, Consumer<Delivery<Command>> handler, Consumer<Malformed> malformed);

  /**
   * A message that could not be read.
   *
   * @param reason one sentence for a person
   * @param replyTo where its sender waits, if that much could be read
   */
  record Malformed(String reason, @Nullable ReplyId replyTo) {}
}
