package resguardo.infra.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.ChunkReceiver;

/**
 * Answers and streams: a queue for each mailbox. Whoever knows the id of one can fill that, and
 * none of those of others beside it. A worker's have a connection each as well: nodes know their
 * ids, and can end it (see {@link Poison}).
 */
final class RabbitReplyChannel implements ReplyChannel, RabbitLink.User {
  /**
   * Messages that are under way to a mailbox: each is acked as it is put into it. As many as the
   * window of a stream, which would not have more under way; the broker has them in memory, beside
   * those that wait, however large they are.
   */
  private static final int PREFETCH = ChunkReceiver.WINDOW;

  private static final Duration CONNECTION = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(RabbitReplyChannel.class);

  private final RabbitLink consumers;
  private final NodeLinks links;
  private final RabbitStreamPublisher publisher;
  private final Peer self;
  private final boolean declares;
  private final Seldom drops = new Seldom();
  private final Set<RabbitMailbox> mailboxes = ConcurrentHashMap.newKeySet();

  /**
   * @param declares whether it may: see {@link RabbitPublisher}
   */
  RabbitReplyChannel(
      RabbitLink consumers,
      NodeLinks links,
      RabbitStreamPublisher publisher,
      Peer self,
      boolean declares) {
    this.links = links;
    this.declares = declares;
    this.consumers = consumers;
    this.publisher = publisher;
    this.self = self;
    consumers.use(this);
  }

  @Override
  public void connected(Connection connection) {}

  /** What was under way may be lost. */
  @Override
  public void disconnected() {
    mailboxes.forEach(RabbitMailbox::interrupted);
  }

  @Override
  public Mailbox open(ReplyId id, int capacity) throws BrokerException {
    consumers.await(CONNECTION);
    return self.role() == Role.WORKER ? openAlone(id, capacity) : openBesideOthers(id, capacity);
  }

  /** It is not there again after a break: whoever reads it begins anew. */
  private Mailbox openAlone(ReplyId id, int capacity) throws BrokerException {
    RabbitLink link = links.ofStream();
    ProcessQueue queue = ProcessQueue.ofConnection("replies", self);
    RabbitMailbox mailbox = new RabbitMailbox(capacity);
    mailbox.onClose(
        () -> {
          mailboxes.remove(mailbox);
          links.close(link);
        });
    mailboxes.add(mailbox);
    link.use(new Once(link, mailbox));
    RabbitConsumption consumption =
        new RabbitConsumption(
            link,
            channel -> bound(channel, queue, id),
            PREFETCH,
            message -> hand(message, id, mailbox));
    return consuming(consumption, mailbox);
  }

  /** What becomes of a mailbox whose connection is for nothing else. */
  private final class Once implements RabbitLink.User {
    private final RabbitLink link;
    private final RabbitMailbox mailbox;

    Once(RabbitLink link, RabbitMailbox mailbox) {
      this.link = link;
      this.mailbox = mailbox;
    }

    @Override
    public void connected(Connection connection) {}

    @Override
    public void poisoned() {
      mailbox.unreadable();
    }

    @Override
    public void disconnected() {
      mailbox.interrupted();
      links.close(link);
    }
  }

  private Mailbox openBesideOthers(ReplyId id, int capacity) throws BrokerException {
    ProcessQueue queue = ProcessQueue.another("replies", self, consumers.cluster());
    RabbitMailbox mailbox = new RabbitMailbox(capacity);
    mailboxes.add(mailbox);
    RabbitConsumption consumption =
        new RabbitConsumption(
            consumers,
            channel -> bound(channel, queue, id),
            PREFETCH,
            message -> hand(message, id, mailbox));
    mailbox.onClose(() -> close(mailbox, consumption, queue));
    return consuming(consumption, mailbox);
  }

  private static Mailbox consuming(RabbitConsumption consumption, RabbitMailbox mailbox)
      throws BrokerException {
    if (!consumption.isConsuming()) {
      mailbox.close();
      throw new BrokerException.Unavailable("the broker was just lost", null);
    }
    return mailbox;
  }

  private String bound(Channel channel, ProcessQueue queue, ReplyId id) throws IOException {
    if (declares) {
      Topology.replies(channel);
    }
    String name = queue.begin(channel);
    channel.queueBind(name, Topology.REPLIES, "*.*." + id);
    return name;
  }

  private void close(RabbitMailbox mailbox, RabbitConsumption consumption, ProcessQueue queue) {
    mailboxes.remove(mailbox);
    consumption.close();
    try {
      consumers.run("remove a queue of replies", channel -> channel.queueDelete(queue.name()));
    } catch (BrokerException e) {
      LOG.debug("a queue of replies stays until it goes by itself", e);
    }
  }

  private void hand(RabbitConsumption.Message message, ReplyId id, RabbitMailbox mailbox) {
    message.ack();
    if (mailbox.overflowed()) {
      return; // whoever reads breaks off: no more is looked at, however much comes until then
    }
    Optional<RoutingKey> key =
        RoutingKey.parse(message.envelope().getRoutingKey())
            .filter(parsed -> parsed.word().equals(id.value()));
    if (key.isEmpty() || message.wasGivenAnotherKey()) {
      LOG.debug("dropped what came for nobody: {}", message.envelope().getRoutingKey());
      return;
    }
    Peer from = key.get().from();
    try {
      Reply reply = ReplyCodec.read(from.role(), message.properties(), message.body());
      mailbox.put(new Received(from, reply));
    } catch (MalformedMessageException e) {
      if (from.role() == Role.AGENT) {
        mailbox.unreadable(); // its node was asked, and is not in the hands of an agent of ours
      }
      drops.happens(
          more -> LOG.warn("dropped a reply of {} that is none: {}{}", from, e.getMessage(), more));
    }
  }

  @Override
  public void send(ReplyId to, Reply message) throws BrokerException {
    RoutingKey key = new RoutingKey(self, to.value());
    publisher.send(key, to, ReplyCodec.properties(message), ReplyCodec.body(message));
  }
}
