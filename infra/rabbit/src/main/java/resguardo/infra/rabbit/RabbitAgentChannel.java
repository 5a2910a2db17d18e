package resguardo.infra.rabbit;

import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.NodeName;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/** Orders on a queue for each node. */
final class RabbitAgentChannel implements AgentChannel {
  /** Orders and credits are small, and each is acked as it is handed over. */
  private static final int PREFETCH = 100;

  private static final Logger LOG = LoggerFactory.getLogger(RabbitAgentChannel.class);

  private final RabbitLink consumers;
  private final RabbitPublisher publisher;

  RabbitAgentChannel(RabbitLink consumers, RabbitPublisher publisher) {
    this.consumers = consumers;
    this.publisher = publisher;
  }

  @Override
  public void prepare(NodeName node) throws BrokerException {
    consumers.run("make the queue of " + node, channel -> Topology.agent(channel, node));
  }

  @Override
  public void send(NodeName node, AgentOrder order) throws BrokerException {
    publisher.publish(Topology.AGENTS, node.value(), Map.of(), Json.write(order), true);
  }

  @Override
  public Subscription consume(NodeName node, Consumer<AgentOrder> handler) {
    return new RabbitConsumption(
        consumers,
        channel -> Topology.agent(channel, node),
        PREFETCH,
        message -> hand(message, handler));
  }

  private static void hand(RabbitConsumption.Message message, Consumer<AgentOrder> handler) {
    message.ack();
    try {
      handler.accept(Json.read(message.body(), AgentOrder.class, Json.MESSAGE_BYTES));
    } catch (MalformedMessageException e) {
      LOG.warn("dropped what is no order: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("an order was not carried out", e);
    }
  }
}
