package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.time.Duration;

/** Somebody who has the name and password of a user, and RabbitMQ's own client. */
record HostileClient(BrokerUri uri) {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final byte[] BODY = {'{', '}'};

  /** Something that is tried over a channel. */
  interface Attempt {
    void on(Channel channel) throws Exception;
  }

  Connection connect() throws Exception {
    return uri.factory().newConnection();
  }

  /** The broker refuses it, for want of a right and for no other reason. */
  void assertRefused(String what, Attempt attempt) throws Exception {
    assertRefused(what, attempt, "ACCESS_REFUSED");
  }

  void assertRefused(String what, Attempt attempt, String why) throws Exception {
    try (Connection connection = connect()) {
      assertThatThrownBy(() -> tried(connection, attempt))
          .as(what)
          .satisfies(e -> assertThat(reason(e)).contains(why));
    }
  }

  /** The broker does it. */
  void assertDone(Attempt attempt) throws Exception {
    try (Connection connection = connect()) {
      tried(connection, attempt);
    }
  }

  private static void tried(Connection connection, Attempt attempt) throws Exception {
    Channel channel = connection.createChannel();
    channel.confirmSelect();
    attempt.on(channel);
    channel.waitForConfirmsOrDie(PATIENCE.toMillis());
  }

  static String reason(Throwable e) {
    StringBuilder all = new StringBuilder();
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      all.append(cause.getMessage()).append('\n');
    }
    return all.toString();
  }

  static Attempt publish(String exchange, String key) {
    return channel -> channel.basicPublish(exchange, key, new AMQP.BasicProperties(), BODY);
  }
}
