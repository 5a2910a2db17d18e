package resguardo.infra.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Return;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.ReplyId;
import resguardo.core.port.BrokerException;

/**
 * Sends what is checked end to end: without waiting for the broker's word, and not kept over its
 * restart. Whoever nobody takes from is found by what comes back, and told at the next call.
 */
final class RabbitStreamPublisher implements RabbitLink.User {
  private static final Duration CONNECTION = Duration.ofSeconds(5);

  /** Ids are random and used once; more streams than this do not end at the same time. */
  private static final int REMEMBERED = 1000;

  private final RabbitLink link;
  private final boolean declares;
  private final Set<ReplyId> nobodyThere =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<ReplyId, Boolean> eldest) {
                  return size() > REMEMBERED;
                }
              }));
  private @Nullable Channel channel;

  /**
   * @param declares whether it may: see {@link RabbitPublisher}
   */
  RabbitStreamPublisher(RabbitLink link, boolean declares) {
    this.link = link;
    this.declares = declares;
    link.use(this);
  }

  @Override
  public void connected(Connection connection) throws IOException {
    Channel fresh = connection.createChannel();
    if (declares) {
      Topology.replies(fresh);
      Topology.agents(fresh);
    }
    fresh.addReturnListener(this::returned);
    fresh.addShutdownListener(why -> connection.abort());
    setChannel(fresh);
  }

  @Override
  public void disconnected() {
    setChannel(null);
  }

  private synchronized void setChannel(@Nullable Channel fresh) {
    channel = fresh;
  }

  private void returned(Return message) {
    if (message.getExchange().equals(Topology.AGENTS)) {
      nobodyThere.add(new ReplyId(message.getProperties().getCorrelationId())); // as it was sent
    } else {
      RoutingKey.parse(message.getRoutingKey())
          .ifPresent(key -> nobodyThere.add(new ReplyId(key.word())));
    }
  }

  void send(RoutingKey key, ReplyId to, AMQP.BasicProperties properties, byte[] body)
      throws BrokerException {
    publish(Topology.REPLIES, key.toString(), to, properties, body);
  }

  void sendToAgent(NodeName node, ReplyId stream, AMQP.BasicProperties properties, byte[] body)
      throws BrokerException {
    AMQP.BasicProperties ofStream = properties.builder().correlationId(stream.value()).build();
    publish(Topology.AGENTS, node.value(), stream, ofStream, body);
  }

  private void publish(
      String exchange, String key, ReplyId to, AMQP.BasicProperties properties, byte[] body)
      throws BrokerException {
    if (nobodyThere.contains(to)) {
      throw new BrokerException.Unroutable("nobody takes what is sent to " + to + " any more");
    }
    link.await(CONNECTION);
    synchronized (this) {
      if (channel == null) {
        throw new BrokerException.Unavailable("the connection to the broker was just lost", null);
      }
      try {
        channel.basicPublish(exchange, key, true, properties, body);
      } catch (IOException | ShutdownSignalException e) {
        throw new BrokerException.Unavailable("the broker was lost while sending", e);
      }
    }
  }
}
