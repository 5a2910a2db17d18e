package resguardo.infra.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.MalformedMessageException;

/**
 * Answers and streams: one queue for a process, bound for each of its mailboxes, shared out by the
 * reply id.
 */
final class RabbitReplyChannel implements ReplyChannel, RabbitLink.User {
  /**
   * Messages that are under way to the mailboxes: each is acked as it is put into one. 32 MiB of
   * chunks at the most.
   */
  private static final int PREFETCH = 64;

  private static final Logger LOG = LoggerFactory.getLogger(RabbitReplyChannel.class);

  private final RabbitLink consumers;
  private final RabbitStreamPublisher publisher;
  private final Peer self;
  private final ProcessQueue queue;
  private final boolean declares;
  private final Map<ReplyId, RabbitMailbox> mailboxes = new ConcurrentHashMap<>();
  private @Nullable RabbitConsumption consumption;

  /**
   * @param declares whether it may: see {@link RabbitPublisher}
   */
  RabbitReplyChannel(
      RabbitLink consumers, RabbitStreamPublisher publisher, Peer self, boolean declares) {
    this.declares = declares;
    this.consumers = consumers;
    this.publisher = publisher;
    this.self = self;
    this.queue = ProcessQueue.only("replies", self, consumers.cluster());
    consumers.use(this);
  }

  @Override
  public void connected(Connection connection) {}

  /** What was under way may be lost. */
  @Override
  public void disconnected() {
    mailboxes.values().forEach(RabbitMailbox::interrupted);
  }

  @Override
  public Mailbox open(ReplyId id, int capacity) throws BrokerException {
    consumeIfNotYet();
    RabbitMailbox mailbox = new RabbitMailbox(capacity, () -> forget(id));
    mailboxes.put(id, mailbox);
    try {
      consumers.run("bind a reply", channel -> bind(channel, queue(channel), id));
    } catch (BrokerException e) {
      mailboxes.remove(id);
      throw e;
    }
    return mailbox;
  }

  /** A process that never asks anything, such as an agent, has no queue. */
  private synchronized void consumeIfNotYet() {
    if (consumption == null) {
      consumption = new RabbitConsumption(consumers, this::boundQueue, PREFETCH, this::hand);
    }
  }

  private String boundQueue(Channel channel) throws IOException {
    declareExchange(channel);
    String name = queue.begin(channel);
    for (ReplyId id : mailboxes.keySet()) {
      bind(channel, name, id);
    }
    return name;
  }

  private String queue(Channel channel) throws IOException {
    declareExchange(channel);
    return queue.declare(channel);
  }

  private void declareExchange(Channel channel) throws IOException {
    if (declares) {
      Topology.replies(channel);
    }
  }

  private static boolean bind(Channel channel, String name, ReplyId id) throws IOException {
    channel.queueBind(name, Topology.REPLIES, "*.*." + id);
    return true;
  }

  private void forget(ReplyId id) {
    mailboxes.remove(id);
    try {
      consumers.run(
          "unbind a reply",
          channel -> channel.queueUnbind(queue(channel), Topology.REPLIES, "*.*." + id));
    } catch (BrokerException e) {
      LOG.debug("a binding stays until its queue goes", e);
    }
  }

  private void hand(RabbitConsumption.Message message) {
    message.ack();
    Optional<RoutingKey> key = RoutingKey.parse(message.envelope().getRoutingKey());
    RabbitMailbox mailbox = key.isEmpty() ? null : mailboxes.get(new ReplyId(key.get().word()));
    if (key.isEmpty() || mailbox == null || message.wasGivenAnotherKey()) {
      LOG.debug("dropped what came for nobody: {}", message.envelope().getRoutingKey());
      return;
    }
    try {
      mailbox.put(
          new Received(key.get().from(), ReplyCodec.read(message.properties(), message.body())));
    } catch (MalformedMessageException e) {
      LOG.warn("dropped a reply of {} that cannot be read: {}", key.get().from(), e.getMessage());
    }
  }

  @Override
  public void send(ReplyId to, Reply message) throws BrokerException {
    RoutingKey key = new RoutingKey(self, to.value());
    publisher.send(key, to, ReplyCodec.properties(message), ReplyCodec.body(message));
  }
}
