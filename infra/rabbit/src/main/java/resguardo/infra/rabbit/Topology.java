package resguardo.infra.rabbit;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import resguardo.core.NodeName;
import resguardo.core.Role;

/**
 * The names of everything at the broker, and how each is declared. Declaring what is there already
 * does nothing, so whoever uses a thing declares it. Limits (times to live, lengths) are set by a
 * policy at the broker, not here.
 */
final class Topology {
  static final String COMMANDS = "resguardo.commands";
  static final String JOBS = "resguardo.jobs";
  static final String AGENTS = "resguardo.agents";
  static final String REPLIES = "resguardo.replies";
  static final String EVENTS = "resguardo.events";
  static final String LOGS = "resguardo.logs";
  static final String CONTROL = "resguardo.control";
  static final String DEAD = "resguardo.dead";

  static final String COMMAND_QUEUE = "coordinator.commands";
  static final String FETCH_QUEUE = "jobs.fetch";
  static final String QUERY_QUEUE = "jobs.restore";
  static final String DEAD_QUEUE = "dead.letters";

  private static final String ALL = "#";

  /** Replicated, and counts how often a message was handed out. */
  private static final Map<String, Object> QUORUM = Map.of("x-queue-type", "quorum");

  /**
   * A queue of one process outlives it by so much: long enough for a broken connection, short
   * enough to leave no litter.
   */
  private static final Map<String, Object> OF_A_PROCESS = Map.of("x-expires", 60_000);

  private Topology() {}

  /**
   * Declares what a publisher to an exchange needs: the exchange, and the queues that all share.
   */
  static void exchange(Channel channel, String name) throws IOException {
    switch (name) {
      case COMMANDS -> commands(channel);
      case JOBS -> jobs(channel);
      case DEAD -> dead(channel);
      case AGENTS -> agents(channel);
      case EVENTS -> events(channel);
      case LOGS -> logs(channel);
      case CONTROL -> control(channel);
      case REPLIES -> replies(channel);
      default -> throw new IllegalArgumentException("no exchange of ours: " + name);
    }
  }

  /** Declares all that processes use together. */
  static boolean all(Channel channel) throws IOException {
    for (String name : List.of(COMMANDS, JOBS, DEAD, AGENTS, EVENTS, LOGS, CONTROL, REPLIES)) {
      exchange(channel, name);
    }
    return true;
  }

  static void commands(Channel channel) throws IOException {
    channel.exchangeDeclare(COMMANDS, BuiltinExchangeType.TOPIC, true);
    channel.queueDeclare(COMMAND_QUEUE, true, false, false, QUORUM);
    channel.queueBind(COMMAND_QUEUE, COMMANDS, ALL);
  }

  static void jobs(Channel channel) throws IOException {
    channel.exchangeDeclare(JOBS, BuiltinExchangeType.DIRECT, true);
    for (String queue : new String[] {FETCH_QUEUE, QUERY_QUEUE}) {
      channel.queueDeclare(queue, true, false, false, QUORUM);
      channel.queueBind(queue, JOBS, queue);
    }
  }

  /**
   * The dead letters, declared by all who may have some, before they have: a quorum queue that a
   * broker was killed right after the making of stays without a leader in RabbitMQ 3.10.
   */
  static void dead(Channel channel) throws IOException {
    channel.exchangeDeclare(DEAD, BuiltinExchangeType.FANOUT, true);
    channel.queueDeclare(DEAD_QUEUE, true, false, false, QUORUM);
    channel.queueBind(DEAD_QUEUE, DEAD, "");
  }

  static void agents(Channel channel) throws IOException {
    channel.exchangeDeclare(AGENTS, BuiltinExchangeType.DIRECT, true);
  }

  /** The name of the queue of a node. */
  static String agentQueue(NodeName node) {
    return "agent." + node;
  }

  /**
   * The queue of a node, made where there is none. One that is there is used as it is: of which
   * kind it is cannot be changed.
   *
   * @param cluster whether it is made so that it is there while a node of the broker is down. On a
   *     broker of one node such a queue would be slower, and no safer: see {@link #dead}
   */
  static String agent(Channel channel, NodeName node, boolean cluster, boolean declares)
      throws IOException {
    if (declares) {
      agents(channel);
    }
    String queue = agentQueue(node);
    if (!Refusal.found(channel, own -> own.queueDeclarePassive(queue))) {
      channel.queueDeclare(queue, true, false, false, cluster ? QUORUM : Map.of());
    }
    channel.queueBind(queue, AGENTS, node.value());
    return queue;
  }

  /** Whether somebody consumes the queue of a node. */
  static boolean isConsumed(Connection broker, NodeName node) throws IOException {
    AtomicInteger consumers = new AtomicInteger();
    String queue = agentQueue(node);
    return Refusal.found(
            broker, own -> consumers.set(own.queueDeclarePassive(queue).getConsumerCount()))
        && consumers.get() > 0;
  }

  static void replies(Channel channel) throws IOException {
    channel.exchangeDeclare(REPLIES, BuiltinExchangeType.TOPIC, true);
  }

  static void events(Channel channel) throws IOException {
    channel.exchangeDeclare(EVENTS, BuiltinExchangeType.TOPIC, true);
  }

  static void logs(Channel channel) throws IOException {
    channel.exchangeDeclare(LOGS, BuiltinExchangeType.TOPIC, true);
  }

  static void control(Channel channel) throws IOException {
    channel.exchangeDeclare(CONTROL, BuiltinExchangeType.FANOUT, true);
  }

  /** A queue of one process: see {@link ProcessQueue}. */
  static String ofProcess(Channel channel, String queue) throws IOException {
    channel.queueDeclare(queue, true, false, false, OF_A_PROCESS);
    return queue;
  }

  /** A queue of one connection, which nobody else may use: likewise. */
  static String ofConnection(Channel channel, String queue) throws IOException {
    channel.queueDeclare(queue, false, true, false, OF_A_PROCESS);
    return queue;
  }

  /** Binds a queue to all that processes of these roles send to an exchange. */
  static void bind(Channel channel, String queue, String exchange, Collection<Role> roles)
      throws IOException {
    for (Role role : roles) {
      channel.queueBind(queue, exchange, role.word() + "." + ALL);
    }
  }

  /** Binds a queue to all that is sent to an exchange. */
  static void bindAll(Channel channel, String queue, String exchange) throws IOException {
    channel.queueBind(queue, exchange, ALL);
  }
}
