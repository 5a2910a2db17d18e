package resguardo.coordinator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.port.ActivityChannel;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.BrokerException;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.ControlChannel;
import resguardo.core.port.Delivery;
import resguardo.core.port.EventChannel;
import resguardo.core.port.JobQueue;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Sender;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.ActivityLine;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Control;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.QueryJob;
import resguardo.infra.runtime.ActivityLog;
import resguardo.testkit.broker.NoDeadLetters;
import resguardo.testkit.store.MemoryArchiveStore;

/** A broker with nobody at it but one coordinator; it can be told to fail to send answers. */
final class QuietBroker implements CommandChannel, ReplyChannel, Subscription {
  /** Who sends all commands. */
  static final Sender SOMEBODY = new Sender("somebody", null, "root@host");

  final List<Reply> answers = new ArrayList<>();
  final List<Event> events = new CopyOnWriteArrayList<>();
  final Deque<BrokerException> failures = new ArrayDeque<>();
  private Consumer<Delivery<Command>> coordinator = delivery -> {};

  /**
   * How a command that was handed out ended: {@code acked}, {@code handed back} or {@code dead}.
   */
  List<String> handOut(Command command) {
    List<String> ends = new ArrayList<>();
    coordinator.accept(
        new Delivery<>() {
          @Override
          public Command message() {
            return command;
          }

          @Override
          public Sender sender() {
            return SOMEBODY;
          }

          @Override
          public int deliveries() {
            return 1;
          }

          @Override
          public void ack() {
            ends.add("acked");
          }

          @Override
          public void handBack() {
            ends.add("handed back");
          }

          @Override
          public void release() {
            throw new AssertionError("a command is done in little time");
          }

          @Override
          public void dead(String reason) {
            ends.add("dead");
          }
        });
    return ends;
  }

  /** All that a coordinator works with, over this broker and an empty store. */
  CoordinatorContext context(Peer self) {
    return context(self, new Agents(this));
  }

  /** The same, with agents of another kind. */
  CoordinatorContext context(Peer self, AgentChannel agents) {
    Platform platform = Platform.ofJvm();
    return new CoordinatorContext(
        self,
        platform,
        new MemoryArchiveStore(),
        new Jobs(this),
        new NoDeadLetters(),
        this,
        agents,
        this,
        new Events(this, events),
        new Controls(this),
        new ActivityLog(self, platform, new Activity(this)));
  }

  @Override
  public void send(Command command) {}

  @Override
  public Subscription consume(
      long rank,
      Consumer<Delivery<Command>> handler,
      Consumer<CommandChannel.Malformed> malformed) {
    coordinator = handler;
    return this;
  }

  @Override
  public void send(ReplyId to, Reply message) throws BrokerException {
    if (!failures.isEmpty()) {
      throw failures.remove();
    }
    answers.add(message);
  }

  @Override
  public Mailbox open(ReplyId id, int capacity) {
    throw new UnsupportedOperationException("a coordinator receives no replies");
  }

  @Override
  public void pause() {}

  @Override
  public void close() {}

  private record Jobs(Subscription none) implements JobQueue {
    @Override
    public void publish(FetchJob job) {}

    @Override
    public void publish(QueryJob job) {}

    @Override
    public Subscription consumeFetches(int slots, Consumer<Delivery<FetchJob>> handler) {
      return none;
    }

    @Override
    public Subscription consumeQueries(int slots, Consumer<Delivery<QueryJob>> handler) {
      return none;
    }

    @Override
    public long waitingFetches() {
      return 0;
    }

    @Override
    public long deadLetters() {
      return 0;
    }
  }

  /** Agents that take nothing. */
  static class Agents implements AgentChannel {
    private final Subscription none;

    Agents(Subscription none) {
      this.none = none;
    }

    @Override
    public void prepare(NodeName node) {}

    @Override
    public boolean isTaken(NodeName node) throws BrokerException {
      return false;
    }

    @Override
    public void send(NodeName node, AgentOrder order) {}

    @Override
    public void send(NodeName node, ReplyId stream, Reply.Chunk chunk) {}

    @Override
    public Subscription consume(
        NodeName node, Consumer<AgentOrder> orders, BiConsumer<ReplyId, Reply.Chunk> chunks) {
      return none;
    }
  }

  private record Events(Subscription none, List<Event> told) implements EventChannel {
    @Override
    public void publish(Event message) {
      told.add(message);
    }

    @Override
    public Subscription subscribe(Consumer<Event> handler) {
      return none;
    }
  }

  private record Controls(Subscription none) implements ControlChannel {
    @Override
    public void publish(Control message) {}

    @Override
    public Subscription subscribe(Consumer<Control> handler) {
      return none;
    }
  }

  private record Activity(Subscription none) implements ActivityChannel {
    @Override
    public void publish(ActivityLine message) {}

    @Override
    public Subscription subscribe(Consumer<ActivityLine> handler) {
      return none;
    }
  }
}
