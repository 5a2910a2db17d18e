package resguardo.testkit.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
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

/** The ports of one process at a broker in memory. */
public final class MemoryConnection {
  private final MemoryBroker broker;
  private final Peer self;
  private final Platform platform;
  private volatile boolean down;

  MemoryConnection(MemoryBroker broker, Peer self, Platform platform) {
    this.broker = broker;
    this.self = self;
    this.platform = platform;
  }

  private record OfStream(ReplyId stream, Reply.Chunk chunk) {}

  Peer self() {
    return self;
  }

  Platform platform() {
    return platform;
  }

  boolean isDown() {
    return down;
  }

  /** The connection is lost: what was in hand comes back, and nothing can be sent. */
  public void cut() {
    down = true;
    broker.lost(this, false);
  }

  /** The connection is there again, and what was consumed is consumed again. */
  public void mend() {
    down = false;
    broker.isBack();
  }

  /** The process is gone. */
  public void end() {
    down = true;
    broker.lost(this, true);
  }

  void before(String call, @Nullable Object message) throws BrokerException {
    broker.interference().before(self, call, message);
    if (down) {
      throw new BrokerException.Unavailable("there is no connection", null);
    }
  }

  void after(String call) throws BrokerException {
    broker.interference().after(self, call);
  }

  private Sender sender() {
    return new Sender("memory", self, System.getProperty("user.name") + "@localhost");
  }

  /** All ports but the jobs. */
  public BrokerPorts ports() {
    return new BrokerPorts(
        self,
        new Commands(),
        new Agents(),
        new Replies(),
        new Events(),
        new Lines(),
        new Controls());
  }

  /** The jobs. */
  public JobQueue jobs() {
    return new Jobs();
  }

  private final class Jobs implements JobQueue {
    @Override
    public void publish(FetchJob job) throws BrokerException {
      before("jobs.publish", job);
      broker.fetches().add(job, sender());
      after("jobs.publish");
    }

    @Override
    public void publish(QueryJob job) throws BrokerException {
      before("queries.publish", job);
      broker.queries().add(job, sender());
      after("queries.publish");
    }

    @Override
    public Subscription consumeFetches(int slots, Consumer<Delivery<FetchJob>> handler) {
      return broker.fetches().consume(MemoryConnection.this, 0, slots, "fetches", handler);
    }

    @Override
    public Subscription consumeQueries(int slots, Consumer<Delivery<QueryJob>> handler) {
      return broker.queries().consume(MemoryConnection.this, 0, slots, "queries", handler);
    }

    @Override
    public long waitingFetches() throws BrokerException {
      before("jobs.waiting", null);
      return broker.fetches().waiting();
    }

    @Override
    public long deadLetters() throws BrokerException {
      before("jobs.dead", null);
      return broker.fetches().dead() + broker.queries().dead() + broker.commands().dead();
    }
  }

  private final class Commands implements CommandChannel {
    @Override
    public void send(Command command) throws BrokerException {
      before("commands.send", command);
      broker.commands().add(command, sender());
      after("commands.send");
    }

    @Override
    public Subscription consume(
        long rank, Consumer<Delivery<Command>> handler, Consumer<Malformed> malformed) {
      return broker
          .commands()
          .consume(
              MemoryConnection.this,
              rank,
              1,
              "commands",
              delivery -> {
                if (isOfAnAgent(delivery.sender())) {
                  delivery.ack();
                } else {
                  handler.accept(delivery);
                }
              });
    }

    private boolean isOfAnAgent(Sender sender) {
      return sender.peer() != null && sender.peer().role() == Role.AGENT;
    }
  }

  private final class Agents implements AgentChannel {
    @Override
    public void prepare(NodeName node) throws BrokerException {
      if (self.role() == Role.WORKER) {
        return; // as one with a user of its own, which may not make it
      }
      before("agents.prepare", node);
      broker.agent(node).make();
      after("agents.prepare");
    }

    @Override
    public boolean isTaken(NodeName node) throws BrokerException {
      before("agents.isTaken", null);
      MemoryAgentQueue queue = broker.agentIfThere(node);
      return queue != null && queue.isTaken();
    }

    @Override
    public void send(NodeName node, AgentOrder order) throws BrokerException {
      Instant until = order.until();
      put(
          node,
          order,
          until == null
              ? null
              : platform.nanoTime()
                  + Duration.between(platform.clock().instant(), until).toNanos());
    }

    @Override
    public void send(NodeName node, ReplyId stream, Reply.Chunk chunk) throws BrokerException {
      put(node, new OfStream(stream, chunk), null);
    }

    private void put(NodeName node, Object message, @Nullable Long until) throws BrokerException {
      before("agents.send", message);
      MemoryAgentQueue queue = broker.agentIfThere(node);
      if (queue == null) {
        throw new BrokerException.Unroutable("node " + node + " has no queue");
      }
      queue.add(message, until);
      after("agents.send");
    }

    /** As one with a user of its own, which waits until somebody else makes the queue. */
    @Override
    public Subscription consume(
        NodeName node, Consumer<AgentOrder> orders, BiConsumer<ReplyId, Reply.Chunk> chunks) {
      return broker
          .agent(node)
          .consume(
              MemoryConnection.this,
              message -> {
                if (message instanceof AgentOrder order) {
                  orders.accept(order);
                } else if (message instanceof OfStream piece) {
                  chunks.accept(piece.stream(), piece.chunk());
                }
              });
    }
  }

  private final class Replies implements ReplyChannel {
    @Override
    public Mailbox open(ReplyId id, int capacity) throws BrokerException {
      before("replies.open", null);
      MemoryMailbox mailbox = new MemoryMailbox(broker, MemoryConnection.this, id, capacity);
      broker.open(id, mailbox);
      return mailbox;
    }

    @Override
    public void send(ReplyId to, Reply message) throws BrokerException {
      before("replies.send", new Interference.Addressed(to, message));
      int copies = broker.interference().copies(self, message);
      MemoryMailbox mailbox = broker.mailbox(to);
      if (mailbox == null) {
        throw new BrokerException.Unroutable("nobody takes what is sent to " + to);
      }
      for (int i = 0; i < copies && !mailbox.by().isDown(); i++) {
        mailbox.put(new Received(self, message));
      }
      after("replies.send");
    }
  }

  private final class Events implements EventChannel {
    @Override
    public void publish(Event message) throws BrokerException {
      broker.events().publish(MemoryConnection.this, "events.publish", message);
    }

    @Override
    public Subscription subscribe(Consumer<Event> handler) {
      return broker.events().subscribe(MemoryConnection.this, "events", handler);
    }
  }

  private final class Lines implements ActivityChannel {
    @Override
    public void publish(ActivityLine message) throws BrokerException {
      broker.activity().publish(MemoryConnection.this, "activity.publish", message);
    }

    @Override
    public Subscription subscribe(Consumer<ActivityLine> handler) {
      return broker.activity().subscribe(MemoryConnection.this, "activity", handler);
    }
  }

  private final class Controls implements ControlChannel {
    @Override
    public void publish(Control message) throws BrokerException {
      broker.control().publish(MemoryConnection.this, "control.publish", message);
    }

    @Override
    public Subscription subscribe(Consumer<Control> handler) {
      return broker.control().subscribe(MemoryConnection.this, "control", handler);
    }
  }
}
