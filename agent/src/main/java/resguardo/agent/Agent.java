package resguardo.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import resguardo.agent.cache.CacheFolder;
import resguardo.agent.hook.Hooks;
import resguardo.archive.MemberDeflater;
import resguardo.core.BackupOptions;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
import resguardo.core.port.TraceContext;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.Pace;
import resguardo.infra.runtime.ActivityLog;

/**
 * Takes the orders of a node: send (see {@link SendFlow}), restore (see {@link RestoreFlow}), go
 * on, stop, end. Of one registration at most one set is being sent: an order for it that comes
 * meanwhile takes the place of the earlier, whose asker is gone.
 */
public final class Agent implements AutoCloseable {
  /** Whoever waits for its turn is told so as often, before the asker takes this agent for gone. */
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(5);

  /** A receiver that gives no credit for so long is gone; it would have cancelled otherwise. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** A worker that waits gives credit at the first word. */
  private static final Duration ASKED = Duration.ofSeconds(10);

  private static final Duration FINISH = Duration.ofSeconds(45);

  /** What was cut off has commands to run after it; then the process ends all the same. */
  private static final Duration LAST_HOOKS = Duration.ofSeconds(12);

  private final AllowList allow;
  private final Hooks hooks;
  private final Restores restores;
  private final CacheFolder caches;
  private final MemberDeflater deflater;
  private final ReplyChannel replies;
  private final ActivityLog activity;
  private final Platform platform;
  private final Runnable onStop;
  private final Places places;
  private final ExecutorService compressors;
  private final LongLines longLines = new LongLines(Runtime.getRuntime().maxMemory());
  private final Lock lock;
  private final Map<ReplyId, ChunkSender> senders = new HashMap<>();
  private final Map<ReplyId, Inbox<AgentOrder.BaseLines>> bases = new HashMap<>();
  private final Map<RegistrationKey, ReplyId> current = new HashMap<>();
  private final Map<RegistrationKey, AtomicReference<@Nullable UnfinishedFile>> unfinished =
      new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer;
  private final Subscription orders;

  /**
   * Begins to take orders.
   *
   * @param restoreTo where restores may write
   * @param hooks what is run before and after
   * @param caches what is remembered between rounds
   * @param deflater makes the archives' members
   * @param onStop called when the coordinator says that this process is to end
   */
  public Agent(
      NodeName node,
      AllowList allow,
      RestoreTargets restoreTo,
      Hooks hooks,
      CacheFolder caches,
      MemberDeflater deflater,
      AgentChannel channel,
      ReplyChannel replies,
      ActivityLog activity,
      Platform platform,
      Runnable onStop) {
    this.allow = allow;
    this.hooks = hooks;
    this.caches = caches;
    this.deflater = deflater;
    this.replies = replies;
    this.activity = activity;
    this.platform = platform;
    this.places = new Places(platform);
    this.compressors = platform.pool("compresses", Runtime.getRuntime().availableProcessors());
    this.lock = platform.newLock();
    this.timer = platform.timer("signs of life", 1);
    this.onStop = onStop;
    this.restores = new Restores(node, restoreTo, replies, activity, platform);
    this.orders = channel.consume(node, this::take, restores::take);
    timer.scheduleAtFixedRate(
        this::signsOfLife, SIGN_OF_LIFE.toMillis(), SIGN_OF_LIFE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void signsOfLife() {
    places.look();
    restores.signsOfLife();
  }

  private static void say(ChunkSender sender, StreamMessage message) {
    try {
      sender.message(message);
    } catch (IOException e) {
      sender.cancel(String.valueOf(e.getMessage())); // its turn, when it comes, is short
    }
  }

  private void take(AgentOrder order) {
    if (order instanceof AgentOrder.ScanAndSend send) {
      begin(send);
    } else if (order instanceof AgentOrder.Restore restore) {
      restores.begin(restore);
    } else if (order instanceof AgentOrder.BaseLines lines) {
      Inbox<AgentOrder.BaseLines> inbox = inbox(lines.stream());
      if (inbox != null) {
        inbox.add(lines);
      }
    } else if (order instanceof AgentOrder.Credit credit) {
      ChunkSender sender = sender(credit.stream());
      if (sender != null) {
        sender.grant(credit.upTo());
      }
    } else if (order instanceof AgentOrder.Cancel cancel) {
      ChunkSender sender = sender(cancel.stream());
      if (sender != null) {
        sender.cancel(cancel.why());
      }
      restores.cancel(cancel.stream(), cancel.why());
    } else if (order instanceof AgentOrder.Stop) {
      onStop.run(); // one that came too late would not have come
    }
  }

  private @Nullable ChunkSender sender(ReplyId stream) {
    lock.lock();
    try {
      return senders.get(stream);
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Inbox<AgentOrder.BaseLines> inbox(ReplyId stream) {
    lock.lock();
    try {
      return bases.get(stream);
    } finally {
      lock.unlock();
    }
  }

  /** An order, from when it comes until it is carried out, or will not be. */
  private final class Sending implements Places.Turn {
    private final AgentOrder.ScanAndSend order;
    private final boolean late;
    private final Whereabouts whereabouts;
    private final ChunkSender sender;
    private final Inbox<AgentOrder.BaseLines> base = new Inbox<>(platform);
    private final @Nullable TraceContext trace = TraceContext.current().orElse(null);

    Sending(AgentOrder.ScanAndSend order) {
      this.order = order;
      // By the clock of this node, which may be wrong.
      this.late = platform.clock().instant().isAfter(order.deadline());
      this.whereabouts = new Whereabouts(platform::nanoTime);
      this.sender =
          new ChunkSender(this::send, order.credit(), PATIENCE, pace(order), platform)
              .takingTurns(whereabouts);
    }

    private void send(Reply.Chunk chunk) throws BrokerException {
      whereabouts.rest();
      try {
        replies.send(order.replyTo(), chunk);
      } finally {
        whereabouts.next();
      }
    }

    @Override
    public RegistrationKey key() {
      return order.job().registration();
    }

    @Override
    public Whereabouts whereabouts() {
      return whereabouts;
    }

    @Override
    public void run() {
      carryOut(this);
    }

    @Override
    public void waits() {
      say(sender, new StreamMessage.Progress(0, 0));
    }

    @Override
    public void refuse(StreamMessage.Failed.Kind kind, String why) {
      activity.tell(order.job(), "not begun: " + why);
      say(sender, new StreamMessage.Failed(kind, why));
      forget(order);
    }

    @Override
    public void drop() {
      forget(order);
    }

    @Override
    public void hangs(String why) {
      whereabouts.hangs();
      activity.tell(order.job(), "hangs: " + why);
      hooks.hangs(order.job());
      say(sender, new StreamMessage.Failed(StreamMessage.Failed.Kind.BROKEN, why));
      sender.cancel(why);
    }
  }

  private void begin(AgentOrder.ScanAndSend order) {
    Sending sending = new Sending(order);
    lock.lock();
    try {
      ReplyId earlier = current.put(order.job().registration(), order.replyTo());
      ChunkSender replaced = earlier == null ? null : senders.get(earlier);
      if (replaced != null) {
        replaced.cancel("another attempt took its place");
      }
      senders.put(order.replyTo(), sending.sender);
      bases.put(order.replyTo(), sending.base);
      say(sending.sender, new StreamMessage.Accepted());
    } finally {
      lock.unlock();
    }
    places.add(sending);
  }

  private @Nullable Pace pace(AgentOrder.ScanAndSend order) {
    Long bandwidth = BackupOptions.orNone(order.options()).bandwidth();
    return bandwidth == null ? null : new Pace(bandwidth, platform::nanoTime);
  }

  private void carryOut(Sending sending) {
    AgentOrder.ScanAndSend order = sending.order;
    ChunkSender sender = sending.sender;
    try (TraceContext.Scope there = TraceContext.enter(sending.trace)) {
      if (sending.late && !sender.awaitGrant(ASKED)) {
        activity.tell(order.job(), "dropped an order that came too late");
        return;
      }
      new SendFlow(
              allow,
              hooks,
              caches,
              deflater,
              platform,
              order,
              sending.base,
              sender,
              sending.whereabouts,
              compressors,
              longLines,
              unfinished.computeIfAbsent(
                  order.job().registration(), key -> new AtomicReference<>()),
              activity)
          .run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // Whoever asked would wait for a word until it takes this agent for gone.
      activity.tell(order.job(), "failed: " + e);
      say(sender, new StreamMessage.Failed(StreamMessage.Failed.Kind.BROKEN, String.valueOf(e)));
      sender.cancel(String.valueOf(e.getMessage()));
    } finally {
      forget(order);
    }
  }

  private void forget(AgentOrder.ScanAndSend order) {
    lock.lock();
    try {
      senders.remove(order.replyTo());
      bases.remove(order.replyTo());
      current.remove(order.job().registration(), order.replyTo());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes no more orders; what is being sent is finished, for up to 45 seconds, and cut then (what
   * hangs at once, though it may go on hanging until the process is gone), and so is what is still
   * being restored when there is nothing to be sent any more. Credits are taken until the end, so
   * that it can be finished.
   */
  @Override
  public void close() {
    places.end();
    restores.end();
    try {
      if (!places.awaitEnd(FINISH)) {
        places.cut();
        boolean unused = places.awaitEnd(LAST_HOOKS);
      }
      restores.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    places.cut();
    orders.close();
    hooks.end(activity);
    timer.shutdownNow();
    compressors.shutdownNow();
  }
}
