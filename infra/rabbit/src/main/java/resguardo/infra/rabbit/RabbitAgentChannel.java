package resguardo.infra.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.NodeName;
import resguardo.core.ReplyId;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Reply;
import resguardo.core.port.Subscription;
import resguardo.core.port.TraceContext;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/**
 * Orders on a queue for each node, and pieces of streams between them, which are no JSON: their
 * type says what they are, and their correlation id of which stream.
 */
final class RabbitAgentChannel implements AgentChannel {
  /** Orders and credits are small, and each is acked as it is handed over. */
  private static final int PREFETCH = 100;

  private static final Duration CONNECTION = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(RabbitAgentChannel.class);

  private final RabbitLink consumers;
  private final RabbitPublisher publisher;
  private final RabbitStreamPublisher streams;
  private final boolean declares;
  private final boolean leavesThem;
  private final Set<Claim> claims = ConcurrentHashMap.newKeySet();

  /**
   * @param declares whether it may: see {@link RabbitPublisher}
   * @param leavesThem whether others make the queues of nodes for it, so that it need not try to
   */
  RabbitAgentChannel(
      RabbitLink consumers,
      RabbitPublisher publisher,
      RabbitStreamPublisher streams,
      boolean declares,
      boolean leavesThem) {
    this.declares = declares;
    this.leavesThem = leavesThem;
    this.consumers = consumers;
    this.publisher = publisher;
    this.streams = streams;
  }

  @Override
  public void prepare(NodeName node) throws BrokerException {
    if (leavesThem) {
      return; // to try, and be refused, would cost each job a channel, and hide real faults
    }
    consumers.run(
        "make the queue of " + node,
        channel -> Topology.agent(channel, node, consumers.cluster(), declares));
  }

  @Override
  public boolean isTaken(NodeName node) throws BrokerException {
    try {
      return Topology.isConsumed(consumers.await(CONNECTION), node);
    } catch (IOException | ShutdownSignalException e) {
      throw new BrokerException.Unavailable(
          "the broker did not say who takes the orders of " + node, e);
    }
  }

  @Override
  public void send(NodeName node, AgentOrder order) throws BrokerException {
    Instant until = order.until();
    Duration lives = until == null ? null : Duration.between(Instant.now(), until);
    publisher.publish(
        Topology.AGENTS, node.value(), TraceHeader.headers(), Json.write(order), true, lives);
  }

  @Override
  public void send(NodeName node, ReplyId stream, Reply.Chunk chunk) throws BrokerException {
    streams.sendToAgent(node, stream, ReplyCodec.properties(chunk), ReplyCodec.body(chunk));
  }

  @Override
  public Subscription consume(
      NodeName node, Consumer<AgentOrder> orders, BiConsumer<ReplyId, Reply.Chunk> chunks) {
    Claim claim = new Claim(node);
    claims.add(claim);
    return new RabbitConsumption(
        consumers,
        channel ->
            declares
                ? Topology.agent(channel, node, consumers.cluster(), true)
                : Topology.agentQueue(node), // made for it
        PREFETCH,
        message -> hand(message, orders, chunks),
        claim);
  }

  /** Why the orders of a node that are to be taken are not, in words for a person; empty: none. */
  Optional<String> trouble() {
    return claims.stream().flatMap(claim -> claim.trouble().stream()).findAny();
  }

  private static void hand(
      RabbitConsumption.Message message,
      Consumer<AgentOrder> orders,
      BiConsumer<ReplyId, Reply.Chunk> chunks) {
    message.ack();
    try (TraceContext.Scope trace = TraceContext.enter(TraceHeader.of(message.properties()))) {
      if (ReplyCodec.isChunk(message.properties())) {
        chunks.accept(stream(message.properties()), chunk(message));
      } else {
        orders.accept(Json.read(message.body(), AgentOrder.class, Json.MESSAGE_BYTES));
      }
    } catch (MalformedMessageException e) {
      LOG.warn("dropped what is no order: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("an order was not carried out", e);
    }
  }

  private static ReplyId stream(AMQP.BasicProperties properties) throws MalformedMessageException {
    try {
      return new ReplyId(String.valueOf(properties.getCorrelationId()));
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("a chunk of no stream");
    }
  }

  private static Reply.Chunk chunk(RabbitConsumption.Message message)
      throws MalformedMessageException {
    return (Reply.Chunk) ReplyCodec.read(message.properties(), message.body());
  }
}
