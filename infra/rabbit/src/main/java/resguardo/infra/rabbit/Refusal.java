package resguardo.infra.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * With what number a broker refused something. A refusal ends the channel that it was asked on, so
 * what may be refused is asked on a channel of its own.
 */
final class Refusal {
  /** What may be refused. */
  interface Question {
    void ask(Channel channel) throws IOException;
  }

  private Refusal() {}

  /**
   * What the broker said when it refused something with this number, be it that it ended the
   * channel or, as Qpid Broker-J does, the connection; empty: the failure is no such refusal.
   */
  static Optional<String> text(int number, Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ShutdownSignalException ended) {
        if (ended.getReason() instanceof AMQP.Channel.Close close) {
          return said(number, close.getReplyCode(), close.getReplyText());
        }
        if (ended.getReason() instanceof AMQP.Connection.Close close) {
          return said(number, close.getReplyCode(), close.getReplyText());
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> said(int number, int code, String text) {
    return code == number ? Optional.of(text) : Optional.empty();
  }

  /** Whether a failure is the broker's refusal of this number, such as {@link AMQP#NOT_FOUND}. */
  static boolean is(int number, Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ShutdownSignalException ended
          && ended.getReason() instanceof AMQP.Channel.Close close) {
        return close.getReplyCode() == number;
      }
    }
    return false;
  }

  /**
   * Asks, on another channel of the same connection.
   *
   * @return whether it was done; false: there is no such thing, or not while a node of the broker
   *     is down
   * @throws IOException when it failed otherwise
   */
  static boolean found(Channel beside, Question question) throws IOException {
    return found(beside.getConnection(), question);
  }

  /** The same, of a connection. */
  static boolean found(Connection broker, Question question) throws IOException {
    Channel own = broker.createChannel();
    if (own == null) {
      throw new IOException("the broker gives no more channels");
    }
    try {
      question.ask(own);
    } catch (IOException e) {
      if (is(AMQP.NOT_FOUND, e)) {
        return false;
      }
      throw e;
    }
    try {
      own.close();
    } catch (TimeoutException e) {
      throw new IOException("the broker does not answer", e);
    }
    return true;
  }
}
