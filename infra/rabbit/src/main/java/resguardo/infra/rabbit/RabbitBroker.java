package resguardo.infra.rabbit;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import resguardo.core.Peer;
import resguardo.core.port.ActivityChannel;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.BrokerException;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.ControlChannel;
import resguardo.core.port.DeadLetterQueue;
import resguardo.core.port.EventChannel;
import resguardo.core.port.JobQueue;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.ActivityLine;
import resguardo.core.protocol.Control;
import resguardo.core.protocol.Event;

/**
 * A process's way to the broker: the ports, over two connections. One publishes and one consumes,
 * because a broker that is short of memory or disk stops reading from connections that publish,
 * acks included. What nodes send comes over others: see {@link NodeLinks}.
 *
 * <p>It connects in the background, and again whenever it has to: nobody waits for it to be made.
 */
public final class RabbitBroker implements AutoCloseable {
  private final RabbitLink publishing;
  private final RabbitLink consuming;
  private final NodeLinks nodes;
  private final JobQueue jobs;
  private final DeadLetterQueue dead;
  private final RabbitCommandChannel commands;
  private final RabbitAgentChannel agents;
  private final ReplyChannel replies;
  private final RabbitTopic<Event> events;
  private final RabbitTopic<ActivityLine> activity;
  private final RabbitTopic<Control> control;

  /**
   * @param uris of one broker, or several of the nodes of a cluster: then queues of nodes are made
   *     so that they are there while any one of them is down
   * @param self who this process is. One that logs in as the user of a node, an operator or workers
   *     declares nothing that others use too: it may not, and waits for what others declare
   */
  public RabbitBroker(List<BrokerUri> uris, Peer self) {
    publishing = new RabbitLink(uris, self + " publishes");
    consuming = new RabbitLink(uris, self + " consumes");
    nodes = new NodeLinks(uris, self);
    String user = uris.get(0).user();
    boolean leaves = RoleUser.parse(user).map(role -> !role.declares()).orElse(false);
    boolean declares =
        NodeUser.parse(user).isEmpty() && OperatorUser.parse(user).isEmpty() && !leaves;
    RabbitPublisher publisher = new RabbitPublisher(publishing, user, declares);
    jobs = new RabbitJobQueue(consuming, publisher, declares);
    dead = new RabbitDeadLetters(consuming, publisher);
    commands = new RabbitCommandChannel(consuming, publisher, self);
    RabbitStreamPublisher streams = new RabbitStreamPublisher(publishing, declares);
    agents = new RabbitAgentChannel(consuming, publisher, streams, declares, leaves);
    replies = new RabbitReplyChannel(consuming, nodes, streams, self, declares);
    events =
        new RabbitTopic<>(
            new RabbitTopic.Kind<>(
                Topology.EVENTS,
                "events",
                Event.class,
                e -> word(e),
                Event::by,
                Event::mayBeTold,
                true),
            consuming,
            nodes,
            publisher,
            self,
            declares);
    activity =
        new RabbitTopic<>(
            new RabbitTopic.Kind<>(
                Topology.LOGS,
                "logs",
                ActivityLine.class,
                l -> "line",
                ActivityLine::by,
                ActivityLine::mayBeTold,
                true),
            consuming,
            nodes,
            publisher,
            self,
            declares);
    control =
        new RabbitTopic<>(
            new RabbitTopic.Kind<>(
                Topology.CONTROL,
                "control",
                Control.class,
                c -> word(c),
                Control::by,
                c -> true, // whoever obeys looks whose it is
                false),
            consuming,
            nodes,
            publisher,
            self,
            declares);
  }

  /** A message's name in routing keys: that of its record, beginning small. */
  private static String word(Object message) {
    String name = message.getClass().getSimpleName();
    return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
  }

  /**
   * Waits until both connections are there; those for what nodes send are waited for where they are
   * used.
   *
   * @throws BrokerException.Unavailable when they are not in this time, with the last reason
   */
  public void await(Duration atMost) throws BrokerException.Unavailable {
    publishing.await(atMost);
    consuming.await(atMost);
  }

  /**
   * Why it cannot be used now, in words for a person; empty: it can. That nodes are not heard is
   * none: a node can have it so, and all else goes on.
   */
  public Optional<String> trouble() {
    return publishing.trouble().or(agents::trouble).or(consuming::trouble);
  }

  /**
   * That another process takes the orders that this one would, in words for a person; empty: none
   * does, as far as is known.
   */
  public Optional<String> rival() {
    return agents.trouble();
  }

  /**
   * Declares all that processes use together, for those that may not.
   *
   * @throws BrokerException.Unavailable when the broker cannot be reached or refuses
   */
  public void declareAll() throws BrokerException {
    consuming.run("declare all", Topology::all);
  }

  /** The jobs that wait for workers. */
  public JobQueue jobs() {
    return jobs;
  }

  /** What was given up. */
  public DeadLetterQueue dead() {
    return dead;
  }

  /** What operators ask. */
  public CommandChannel commands() {
    return commands;
  }

  /**
   * What operators ask, for one who has no process of this broker: it is on record that this
   * process said so.
   *
   * @param whom fit to be shown
   */
  public CommandChannel commands(String whom) {
    return commands.inNameOf(whom);
  }

  /** What agents are told. */
  public AgentChannel agents() {
    return agents;
  }

  /** The way back. */
  public ReplyChannel replies() {
    return replies;
  }

  /** What happened. */
  public EventChannel events() {
    return new EventChannel() {
      @Override
      public void publish(Event message) throws BrokerException {
        events.publish(message);
      }

      @Override
      public Subscription subscribe(Consumer<Event> handler) {
        return events.subscribe(handler);
      }

      @Override
      public Subscription subscribe(Consumer<Event> handler, Traffic traffic) {
        return events.subscribe(handler, traffic);
      }
    };
  }

  /** What everybody does, line by line. */
  public ActivityChannel activity() {
    return new ActivityChannel() {
      @Override
      public void publish(ActivityLine message) throws BrokerException {
        activity.publish(message);
      }

      @Override
      public Subscription subscribe(Consumer<ActivityLine> handler) {
        return activity.subscribe(handler);
      }
    };
  }

  /** What all are told at once. */
  public ControlChannel control() {
    return new ControlChannel() {
      @Override
      public void publish(Control message) throws BrokerException {
        control.publish(message);
      }

      @Override
      public Subscription subscribe(Consumer<Control> handler) {
        return control.subscribe(handler);
      }
    };
  }

  @Override
  public void close() {
    nodes.close();
    consuming.close();
    publishing.close();
  }
}
