package resguardo.infra.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.MalformedFrameException;
import com.rabbitmq.client.ShutdownSignalException;

/**
 * A message that ends the connection of whoever it comes to, and comes again over the next one.
 * RabbitMQ 4 takes messages by AMQP 1.0 from every user; what cannot be said in AMQP 0-9-1, such as
 * a property that is a UUID, or a type of content with more than 255 bytes, has it fail while it
 * hands the message out, and end the connection. No client can do anything about it; so what nodes
 * send comes over connections of its own ({@link NodeLinks}), by queues that go with them.
 */
final class Poison {
  private Poison() {}

  /** Whether a message may have ended a connection, after what is known of its end. */
  static boolean ended(Throwable why) {
    for (Throwable cause = why; cause != null; cause = cause.getCause()) {
      if (cause instanceof MalformedFrameException
          || cause instanceof ShutdownSignalException signal && isInternal(signal)) {
        return true;
      }
    }
    return false;
  }

  /** What somebody can do, after a reason for which the connection ended. */
  static String explained(Throwable why, String reason) {
    return ended(why)
        ? reason
            + " (a message that came can have done that, and no program of ours sends such: look in"
            + " rabbitmqctl list_connections user protocol for one that speaks AMQP 1.0)"
        : reason;
  }

  private static boolean isInternal(ShutdownSignalException signal) {
    return !signal.isInitiatedByApplication()
        && signal.getReason() instanceof AMQP.Connection.Close close
        && close.getReplyCode() == AMQP.INTERNAL_ERROR;
  }
}
