package resguardo.agent;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import resguardo.agent.cache.CacheFolder;
import resguardo.agent.hook.Hooks;
import resguardo.archive.MemberDeflater;
import resguardo.core.BackupOptions;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.Subscription;
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
  private final Clock clock;
  private final Runnable onStop;
  private final ExecutorService flows = Executors.newFixedThreadPool(AT_ONCE);
  private final ExecutorService compressors =
      Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
  private final Map<ReplyId, ChunkSender> senders = new HashMap<>();
  private final Map<ReplyId, BlockingQueue<AgentOrder.BaseLines>> bases = new HashMap<>();
  private final Map<RegistrationKey, ReplyId> current = new HashMap<>();
  private final Map<RegistrationKey, AtomicReference<@Nullable UnfinishedFile>> unfinished =
      new ConcurrentHashMap<>();
  private final Set<ChunkSender> waiting = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
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
      Clock clock,
      Runnable onStop) {
    this.allow = allow;
    this.hooks = hooks;
    this.caches = caches;
    this.deflater = deflater;
    this.replies = replies;
    this.activity = activity;
    this.clock = clock;
    this.onStop = onStop;
    this.restores = new Restores(node, restoreTo, replies, activity, clock);
    this.orders = channel.consume(node, this::take, restores::take);
    timer.scheduleAtFixedRate(
        this::signsOfLife, SIGN_OF_LIFE.toMillis(), SIGN_OF_LIFE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void signsOfLife() {
    waiting.forEach(sender -> say(sender, new StreamMessage.Progress(0, 0)));
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
      BlockingQueue<AgentOrder.BaseLines> inbox = inbox(lines.stream());
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
    } else if (order instanceof AgentOrder.Stop stop && clock.instant().isBefore(stop.deadline())) {
      onStop.run();
    }
  }

  private synchronized @Nullable ChunkSender sender(ReplyId stream) {
    return senders.get(stream);
  }

  private synchronized @Nullable BlockingQueue<AgentOrder.BaseLines> inbox(ReplyId stream) {
    return bases.get(stream);
  }

  private synchronized void begin(AgentOrder.ScanAndSend order) {
    if (clock.instant().isAfter(order.deadline())) {
      activity.tell(order.job(), "dropped an order that came too late");
      return;
    }
    ReplyId earlier = current.put(order.job().registration(), order.replyTo());
    ChunkSender replaced = earlier == null ? null : senders.get(earlier);
    if (replaced != null) {
      replaced.cancel("another attempt took its place");
    }
    ChunkSender sender =
        new ChunkSender(replies, order.replyTo(), order.credit(), PATIENCE, pace(order));
    senders.put(order.replyTo(), sender);
    BlockingQueue<AgentOrder.BaseLines> base = new LinkedBlockingQueue<>();
    bases.put(order.replyTo(), base);
    say(sender, new StreamMessage.Accepted());
    waiting.add(sender);
    try {
      flows.execute(() -> carryOut(order, sender, base));
    } catch (RejectedExecutionException ending) {
      waiting.remove(sender);
      say(sender, new StreamMessage.Failed(StreamMessage.Failed.Kind.STOPPING, "the agent ends"));
      forget(order);
    }
  }

  private static @Nullable Pace pace(AgentOrder.ScanAndSend order) {
    Long bandwidth = BackupOptions.orNone(order.options()).bandwidth();
    return bandwidth == null ? null : new Pace(bandwidth, System::nanoTime);
  }

  private void carryOut(
      AgentOrder.ScanAndSend order, ChunkSender sender, BlockingQueue<AgentOrder.BaseLines> base) {
    waiting.remove(sender);
    try {
      new SendFlow(
              allow,
              hooks,
              caches,
              deflater,
              clock,
              order,
              base,
              sender,
              compressors,
              unfinished.computeIfAbsent(
                  order.job().registration(), key -> new AtomicReference<>()),
              activity)
          .run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      activity.tell(order.job(), "failed: " + e);
      sender.cancel(String.valueOf(e.getMessage()));
    } finally {
      forget(order);
    }
  }

  private synchronized void forget(AgentOrder.ScanAndSend order) {
    senders.remove(order.replyTo());
    bases.remove(order.replyTo());
    current.remove(order.job().registration(), order.replyTo());
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
