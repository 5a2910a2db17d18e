package resguardo.agent;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.RawPath;
import resguardo.core.ReplyId;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.port.ActivityChannel;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.ActivityLine;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.RestoreTarget;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkSender;
import resguardo.core.version.Totals;
import resguardo.infra.runtime.ActivityLog;

/**
 * The restores of an agent, and who gives it orders in a worker's place: no broker between them.
 */
final class Restoring implements AutoCloseable {
  private static final NodeName NODE = new NodeName("beta");
  private static final int CHUNK = 512 * 1024;
  private static final int PATIENCE_SECONDS = 60;

  private final BlockingQueue<StreamMessage> words = new LinkedBlockingQueue<>();
  private final Map<ReplyId, Sending> sendings = new ConcurrentHashMap<>();
  private final List<String> activity = new CopyOnWriteArrayList<>();
  private final ActivityLog log = new ActivityLog(Peer.agent(NODE), Platform.ofJvm(), new Lines());
  private final Restores restores;
  private volatile boolean gone;
  private RawPath what = RawPath.parse("");

  /** An archive on its way. */
  final class Sending {
    private final ReplyId stream = ReplyId.random();
    private final ChunkSender sender =
        new ChunkSender(this::put, 0, Duration.ofSeconds(PATIENCE_SECONDS), null, Platform.ofJvm());
    private Consumer<Reply.Chunk> wire = chunk -> restores.take(stream, chunk);

    private void put(Reply.Chunk chunk) {
      wire.accept(chunk);
    }

    ReplyId stream() {
      return stream;
    }

    /** From now on what is sent goes through other hands. */
    void through(Consumer<Reply.Chunk> other) {
      wire = other;
    }

    void take(Reply.Chunk chunk) {
      restores.take(stream, chunk);
    }

    /** Sends a part, as far as there is credit. */
    void send(byte[] archive, int from, int to) throws Exception {
      for (int at = from; at < to; at += CHUNK) {
        byte[] chunk = Arrays.copyOfRange(archive, at, Math.min(to, at + CHUNK));
        sender.send(ChunkKind.ARCHIVE, chunk);
      }
    }

    void say(StreamMessage message) throws Exception {
      sender.message(message);
    }

    void finish(byte[] archive) throws Exception {
      say(
          new StreamMessage.Finished(
              archive.length,
              Sha256.of(archive),
              new Totals(1, 1, 1, 0, Sha256.of(archive)),
              null));
    }
  }

  Restoring(Path... allowed) {
    this(Platform.ofJvm(), allowed);
  }

  Restoring(Platform platform, Path... allowed) {
    restores = new Restores(NODE, new RestoreTargets(List.of(allowed)), new Words(), log, platform);
  }

  Restores restores() {
    return restores;
  }

  /** Nobody takes its words any more. */
  void leave() {
    gone = true;
  }

  private final class Words implements ReplyChannel {
    @Override
    public Mailbox open(ReplyId id, int capacity) {
      throw new UnsupportedOperationException("an agent asks nothing");
    }

    @Override
    public void send(ReplyId to, Reply message) throws BrokerException {
      if (gone) {
        throw new BrokerException.Unroutable("nobody there");
      }
      try {
        byte[] payload = ((Reply.Chunk) message).payload();
        StreamMessage word = Json.read(payload, StreamMessage.class, Json.MESSAGE_BYTES);
        if (word instanceof StreamMessage.Credit credit) {
          Objects.requireNonNull(sendings.get(to)).sender.grant(credit.upTo());
        }
        words.add(word);
      } catch (MalformedMessageException e) {
        throw new AssertionError(e);
      }
    }
  }

  private final class Lines implements ActivityChannel {
    @Override
    public void publish(ActivityLine line) {
      activity.add(line.what());
    }

    @Override
    public Subscription subscribe(Consumer<ActivityLine> lines) {
      throw new UnsupportedOperationException("nobody listens here");
    }
  }

  /** What the archives that come are to be of. */
  Restoring of(RawPath path) {
    what = path;
    return this;
  }

  /** Gives an order. */
  Sending order(Path to, boolean overwrite) {
    return order(to, overwrite, PATIENCE_SECONDS);
  }

  /** Gives one that is to be begun within these seconds. */
  Sending order(Path to, boolean overwrite, int seconds) {
    Sending sending = new Sending();
    ReplyId replyTo = ReplyId.random();
    sendings.put(replyTo, sending);
    restores.begin(
        new AgentOrder.Restore(
            sending.stream(),
            replyTo,
            "version 7",
            what,
            new RestoreTarget(NODE, SourcePath.parse(to.toString()), overwrite),
            Clock.systemUTC().instant().plusSeconds(seconds)));
    return sending;
  }

  /** The next word of this kind. */
  <T extends StreamMessage> T next(Class<T> kind) throws InterruptedException {
    while (true) {
      StreamMessage next = words.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (kind.isInstance(Objects.requireNonNull(next, "the agent is silent"))) {
        return kind.cast(next);
      }
    }
  }

  /** Whether anything was said that nobody has heard yet. */
  boolean isSilent() {
    return words.isEmpty();
  }

  /** What the agent told of its work. */
  List<String> activity() {
    return activity;
  }

  @Override
  public void close() throws InterruptedException {
    restores.close();
    log.close();
  }
}
