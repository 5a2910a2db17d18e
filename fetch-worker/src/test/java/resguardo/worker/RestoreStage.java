package resguardo.worker;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.SliceLimit;
import resguardo.core.port.ActivityChannel;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Delivery;
import resguardo.core.port.EventChannel;
import resguardo.core.port.JobQueue;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.ActivityLine;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkSender;
import resguardo.infra.runtime.ActivityLog;

/** An agent that is asked to restore and an operator who asked for it, without a broker. */
final class RestoreStage implements AutoCloseable {
  private static final Peer SELF = new Peer(Role.WORKER, "worker-1");

  /** What the agent does, with the words that it has for the worker. */
  interface Acting {
    void order(AgentOrder.Restore order, Words words) throws Exception;

    default void data(long chunks, Words words) throws Exception {}

    default void end(StreamMessage end, Words words) throws Exception {}
  }

  /** What the agent can say. */
  interface Words {
    void say(StreamMessage word) throws Exception;

    /** No word comes for as long as anyone would wait. */
    void fallSilent();
  }

  private final ActivityLog log = new ActivityLog(SELF, Platform.ofJvm(), new NoLines());
  private final Map<ReplyId, Box> boxes = new ConcurrentHashMap<>();
  private final List<StreamMessage> told = new CopyOnWriteArrayList<>();
  private final List<AgentOrder> orders = new CopyOnWriteArrayList<>();
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private final Acting agent;
  private Platform platform = Platform.ofJvm();
  private volatile boolean askerIsThere = true;
  private volatile boolean askerFloods;
  private long chunks;
  private @Nullable Words words;

  RestoreStage(Acting agent) {
    this.agent = agent;
  }

  /** With the time of this. Returns this. */
  RestoreStage on(Platform of) {
    platform = of;
    return this;
  }

  WorkerContext context(ArchiveStore store, Path spool) {
    return context(store, spool, null);
  }

  /**
   * @param longestLock of a worker that locks for no longer; absent: for any time
   */
  WorkerContext context(ArchiveStore store, Path spool, @Nullable Duration longestLock) {
    return new WorkerContext(
        SELF,
        platform,
        spool,
        store,
        new NoJobs(),
        new Agents(),
        new Replies(),
        new Events(),
        log,
        new SliceLimit(Long.MAX_VALUE, 600),
        Duration.ofHours(6),
        new SimpleMeterRegistry(),
        longestLock);
  }

  /** What whoever asked was told. */
  List<StreamMessage> told() {
    return told;
  }

  /** What was sent to whoever asked. */
  byte[] data() {
    return data.toByteArray();
  }

  /** What the agent was told. */
  List<AgentOrder> orders() {
    return orders;
  }

  List<Event> events() {
    return events;
  }

  /** What came to the agent. */
  byte[] archive() {
    return archive.toByteArray();
  }

  /** Whoever asked is gone. */
  void askerLeaves() {
    askerIsThere = false;
  }

  /** Whoever asked gives credit faster than it is read. */
  void askerFloods() {
    askerFloods = true;
  }

  private static final class Box implements ReplyChannel.Mailbox {
    private volatile boolean overflowed;
    private final BlockingQueue<Optional<ReplyChannel.Received>> waiting =
        new LinkedBlockingQueue<>();

    @Override
    public Optional<ReplyChannel.Received> receive(Duration atMost) throws InterruptedException {
      Optional<ReplyChannel.Received> next =
          overflowed ? null : waiting.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
      return next == null ? Optional.empty() : next;
    }

    @Override
    public boolean overflowed() {
      return overflowed;
    }

    @Override
    public void close() {
      // nothing comes after the test
    }
  }

  private final class Replies implements ReplyChannel {
    @Override
    public Mailbox open(ReplyId id, int capacity) {
      return boxes.computeIfAbsent(id, any -> new Box());
    }

    @Override
    public void send(ReplyId to, Reply message) throws BrokerException {
      if (!askerIsThere) {
        throw new BrokerException.Unroutable("nobody there");
      }
      Reply.Chunk chunk = (Reply.Chunk) message;
      if (chunk.kind() != ChunkKind.MESSAGE) {
        data.writeBytes(chunk.payload());
        return;
      }
      StreamMessage word = word(chunk);
      told.add(word);
      if (word instanceof StreamMessage.QueryOpened opened && askerFloods) {
        boxes.get(opened.creditTo()).overflowed = true;
      } else if (word instanceof StreamMessage.QueryOpened opened) {
        Received credit = new Received(new Peer(Role.ADMIN, "one"), new Reply.Credit(16));
        boxes.get(opened.creditTo()).waiting.add(Optional.of(credit));
      }
    }
  }

  private static StreamMessage word(Reply.Chunk chunk) {
    try {
      return Json.read(chunk.payload(), StreamMessage.class, Json.MESSAGE_BYTES);
    } catch (MalformedMessageException e) {
      throw new AssertionError(e);
    }
  }

  private final class Agents implements AgentChannel {
    @Override
    public void prepare(NodeName node) {}

    @Override
    public boolean isTaken(NodeName node) {
      return true;
    }

    @Override
    public void send(NodeName node, AgentOrder order) throws BrokerException {
      orders.add(order);
      if (order instanceof AgentOrder.Restore restore) {
        Words to = words(node, boxes.get(restore.replyTo()));
        words = to;
        act(() -> agent.order(restore, to));
      }
    }

    @Override
    public void send(NodeName node, ReplyId stream, Reply.Chunk chunk) throws BrokerException {
      if (chunk.kind() == ChunkKind.MESSAGE) {
        act(() -> agent.end(word(chunk), words));
        return;
      }
      archive.writeBytes(chunk.payload());
      act(() -> agent.data(++chunks, words));
    }

    @Override
    public Subscription consume(
        NodeName node, Consumer<AgentOrder> orders, BiConsumer<ReplyId, Reply.Chunk> chunks) {
      throw new UnsupportedOperationException("a worker takes no orders");
    }
  }

  private interface Act {
    void run() throws Exception;
  }

  private static void act(Act act) throws BrokerException {
    try {
      act.run();
    } catch (BrokerException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Words words(NodeName node, Box box) {
    ChunkSender sender =
        new ChunkSender(
            chunk ->
                box.waiting.add(Optional.of(new ReplyChannel.Received(Peer.agent(node), chunk))),
            0,
            Duration.ZERO,
            null,
            Platform.ofJvm());
    return new Words() {
      @Override
      public void say(StreamMessage word) throws Exception {
        sender.message(word);
      }

      @Override
      public void fallSilent() {
        box.waiting.add(Optional.empty());
      }
    };
  }

  private final class Events implements EventChannel {
    @Override
    public void publish(Event message) {
      events.add(message);
    }

    @Override
    public Subscription subscribe(Consumer<Event> handler) {
      throw new UnsupportedOperationException("a worker listens to none");
    }
  }

  private static final class NoLines implements ActivityChannel {
    @Override
    public void publish(ActivityLine line) {}

    @Override
    public Subscription subscribe(Consumer<ActivityLine> lines) {
      throw new UnsupportedOperationException("nobody listens here");
    }
  }

  private static final class NoJobs implements JobQueue {
    @Override
    public void publish(FetchJob job) {
      throw new UnsupportedOperationException("no job comes of a restore");
    }

    @Override
    public void publish(QueryJob job) {
      throw new UnsupportedOperationException("no job comes of a restore");
    }

    @Override
    public Subscription consumeFetches(int slots, Consumer<Delivery<FetchJob>> handler) {
      throw new UnsupportedOperationException("the test gives the job");
    }

    @Override
    public Subscription consumeQueries(int slots, Consumer<Delivery<QueryJob>> handler) {
      throw new UnsupportedOperationException("the test gives the job");
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

  @Override
  public void close() {
    log.close();
  }
}
