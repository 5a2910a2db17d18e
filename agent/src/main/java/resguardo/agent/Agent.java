package resguardo.agent;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
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
import resguardo.core.port.Platform;
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
  /**
   * Sets being sent at once: one reads the disk while another waits for the network, and memory
   * stays small.
   */
  private static final int AT_ONCE = 2;

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
  private final ExecutorService flows;
  private final ExecutorService compressors;
  private final LongLines longLines = new LongLines(Runtime.getRuntime().maxMemory());
  private final Lock lock;
  private final Map<ReplyId, ChunkSender> senders = new HashMap<>();
  private final Map<ReplyId, Inbox<AgentOrder.BaseLines>> bases = new HashMap<>();
  private final Map<RegistrationKey, ReplyId> current = new HashMap<>();
  private final Map<RegistrationKey, AtomicReference<@Nullable UnfinishedFile>> unfinished =
      new ConcurrentHashMap<>();
  private final Set<ChunkSender> waiting = new LinkedHashSet<>();
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
    this.flows = platform.pool("sends", AT_ONCE);
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
    waiting().forEach(sender -> say(sender, new StreamMessage.Progress(0, 0)));
    restores.signsOfLife();
  }

  private List<ChunkSender> waiting() {
    lock.lock();
    try {
      return List.copyOf(waiting);
    } finally {
      lock.unlock();
    }
  }

  private void noLongerWaits(ChunkSender sender) {
    lock.lock();
    try {
      waiting.remove(sender);
    } finally {
      lock.unlock();
    }
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

  private void begin(AgentOrder.ScanAndSend order) {
    lock.lock();
    try {
      // By the clock of this node, which may be wrong.
      boolean late = platform.clock().instant().isAfter(order.deadline());
      ReplyId earlier = current.put(order.job().registration(), order.replyTo());
      ChunkSender replaced = earlier == null ? null : senders.get(earlier);
      if (replaced != null) {
        replaced.cancel("another attempt took its place");
      }
      ChunkSender sender =
          new ChunkSender(
              replies, order.replyTo(), order.credit(), PATIENCE, pace(order), platform);
      senders.put(order.replyTo(), sender);
      Inbox<AgentOrder.BaseLines> base = new Inbox<>(platform);
      bases.put(order.replyTo(), base);
      say(sender, new StreamMessage.Accepted());
      waiting.add(sender);
      TraceContext trace = TraceContext.current().orElse(null);
      try {
        flows.execute(() -> carryOut(order, late, sender, base, trace));
      } catch (RejectedExecutionException ending) {
        noLongerWaits(sender);
        say(sender, new StreamMessage.Failed(StreamMessage.Failed.Kind.STOPPING, "the agent ends"));
        forget(order);
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Pace pace(AgentOrder.ScanAndSend order) {
    Long bandwidth = BackupOptions.orNone(order.options()).bandwidth();
    return bandwidth == null ? null : new Pace(bandwidth, platform::nanoTime);
  }

  private void carryOut(
      AgentOrder.ScanAndSend order,
      boolean late,
      ChunkSender sender,
      Inbox<AgentOrder.BaseLines> base,
      @Nullable TraceContext trace) {
    noLongerWaits(sender);
    try (TraceContext.Scope there = TraceContext.enter(trace)) {
      if (late && !sender.awaitGrant(ASKED)) {
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
              base,
              sender,
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
   * Takes no more orders; what is being sent is finished, for up to 45 seconds, and cut then, and
   * so is what is still being restored when there is nothing to be sent any more. Credits are taken
   * until the end, so that it can be finished.
   */
  @Override
  public void close() {
    flows.shutdown();
    restores.end();
    try {
      if (!flows.awaitTermination(FINISH.toSeconds(), TimeUnit.SECONDS)) {
        flows.shutdownNow();
        flows.awaitTermination(LAST_HOOKS.toSeconds(), TimeUnit.SECONDS);
      }
      restores.close();
    } catch (InterruptedException e) {
      flows.shutdownNow();
      Thread.currentThread().interrupt();
    }
    orders.close();
    hooks.end(activity);
    timer.shutdownNow();
    compressors.shutdownNow();
  }
}
