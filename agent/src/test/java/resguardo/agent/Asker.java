package resguardo.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.agent.cache.CacheFolder;
import resguardo.agent.hook.Hooks;
import resguardo.archive.JdkDeflater;
import resguardo.archive.MemberDeflater;
import resguardo.core.BackupOptions;
import resguardo.core.FetchJob;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.SourcePath;
import resguardo.core.port.ActivityChannel;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.ActivityLine;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.infra.runtime.ActivityLog;

/** A whole agent, and who gives it orders in a worker's place: no broker is between them. */
final class Asker implements AutoCloseable {
  private static final NodeName NODE = new NodeName("alpha");
  private static final int CHUNK = 512 * 1024;
  private static final int PATIENCE_SECONDS = 60;

  private final BlockingQueue<StreamMessage> messages = new LinkedBlockingQueue<>();
  private final AtomicLong data = new AtomicLong();
  private final AtomicLong largest = new AtomicLong();
  private final List<String> activity = new CopyOnWriteArrayList<>();
  private final ActivityLog log;
  private final Agent agent;
  private @Nullable Consumer<AgentOrder> handler;
  private long slot;

  Asker(Path allowed, Path caches) throws IOException {
    this(allowed, caches, Hooks.NONE);
  }

  Asker(Path allowed, Path caches, Hooks hooks) throws IOException {
    this(allowed, caches, hooks, new JdkDeflater(1));
  }

  Asker(Path allowed, Path caches, Hooks hooks, MemberDeflater deflater) throws IOException {
    this(allowed, caches, hooks, deflater, Platform.of(Rounds.LATER));
  }

  Asker(Path allowed, Path caches, Hooks hooks, MemberDeflater deflater, Platform platform)
      throws IOException {
    log = new ActivityLog(Peer.agent(NODE), platform, new Activity());
    agent =
        new Agent(
            NODE,
            new AllowList(List.of(allowed)),
            new RestoreTargets(List.of()),
            hooks,
            new CacheFolder(caches, Clock.systemUTC()),
            deflater,
            new Orders(),
            new Replies(),
            log,
            platform,
            () -> {});
  }

  private static final class Nothing implements Subscription {
    @Override
    public void pause() {}

    @Override
    public void close() {}
  }

  private final class Orders implements AgentChannel {
    @Override
    public void prepare(NodeName node) {}

    @Override
    public boolean isTaken(NodeName node) {
      return handler != null;
    }

    @Override
    public void send(NodeName node, AgentOrder order) {
      Objects.requireNonNull(handler).accept(order);
    }

    @Override
    public void send(NodeName node, ReplyId stream, Reply.Chunk chunk) {
      throw new UnsupportedOperationException("nothing is restored here");
    }

    @Override
    public Subscription consume(
        NodeName node, Consumer<AgentOrder> orders, BiConsumer<ReplyId, Reply.Chunk> chunks) {
      handler = orders;
      return new Nothing();
    }
  }

  private final class Replies implements ReplyChannel {
    @Override
    public Mailbox open(ReplyId id, int capacity) {
      throw new UnsupportedOperationException("an agent asks nothing");
    }

    @Override
    public void send(ReplyId to, Reply message) {
      Reply.Chunk chunk = (Reply.Chunk) message;
      if (chunk.kind() != ChunkKind.MESSAGE) {
        data.addAndGet(chunk.payload().length);
        largest.accumulateAndGet(chunk.payload().length, Math::max);
        return;
      }
      try {
        messages.add(Json.read(chunk.payload(), StreamMessage.class, Json.MESSAGE_BYTES));
      } catch (MalformedMessageException e) {
        throw new AssertionError(e);
      }
    }
  }

  private final class Activity implements ActivityChannel {
    @Override
    public void publish(ActivityLine line) {
      activity.add(line.what());
    }

    @Override
    public Subscription subscribe(Consumer<ActivityLine> lines) {
      return new Nothing();
    }
  }

  /** Gives an order for a first version. */
  ReplyId ask(Path path, BackupOptions options) {
    return ask(path, options, Duration.ofSeconds(PATIENCE_SECONDS));
  }

  /**
   * Gives one with another deadline.
   *
   * @param left until it, by the clock of the agent; negative: it has passed
   */
  ReplyId ask(Path path, BackupOptions options, Duration left) {
    return ask(path, options, left, null);
  }

  /**
   * Gives one that takes no longer lines.
   *
   * @param longestLine in bytes; absent: it does not say
   */
  ReplyId ask(Path path, BackupOptions options, Duration left, @Nullable Integer longestLine) {
    RegistrationKey key = new RegistrationKey(NODE, SourcePath.parse(path.toString()));
    Instant due = Instant.EPOCH.plusSeconds(++slot);
    ReplyId reply = ReplyId.random();
    messages.clear();
    data.set(0);
    largest.set(0);
    tell(
        new AgentOrder.ScanAndSend(
            new FetchJob(JobId.of(key, 1, due), key, 1, due, 0, 1),
            reply,
            Long.MAX_VALUE,
            CHUNK,
            null,
            1,
            true,
            null,
            longestLine,
            options,
            Rounds.LATER.instant().plus(left)));
    return reply;
  }

  void tell(AgentOrder order) {
    Objects.requireNonNull(handler).accept(order);
  }

  /** The next word of this kind. */
  <T extends StreamMessage> T next(Class<T> kind) throws InterruptedException {
    while (true) {
      StreamMessage next = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (kind.isInstance(Objects.requireNonNull(next, "the agent is silent"))) {
        return kind.cast(next);
      }
    }
  }

  /** The last word of the agent. */
  StreamMessage last() throws InterruptedException {
    while (true) {
      StreamMessage next = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (Objects.requireNonNull(next, "the agent is silent").last()) {
        return next;
      }
    }
  }

  /** How many bytes of lines and archive were sent since the last order. */
  long data() {
    return data.get();
  }

  /** How many bytes the largest chunk had since the last order. */
  long largest() {
    return largest.get();
  }

  /** Where the agent tells of its work. */
  ActivityLog log() {
    return log;
  }

  /** What the agent told of its work. */
  List<String> activity() {
    return activity;
  }

  @Override
  public void close() {
    agent.close();
    log.close();
  }
}
