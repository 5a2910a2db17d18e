package resguardo.agent;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.ReplyId;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.TraceContext;
import resguardo.core.port.Tracing;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.StreamMessage;
import resguardo.infra.runtime.ActivityLog;

/**
 * The restores of a node. They have a thread of their own, so that none waits for a backup; one at
 * a time, so that memory stays small.
 */
final class Restores {
  /** What is cut off is told to its worker within this time. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final NodeName node;
  private final RestoreTargets targets;
  private final ReplyChannel replies;
  private final ActivityLog activity;
  private final Platform platform;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Map<ReplyId, RestoreFlow> flows = new ConcurrentHashMap<>();

  Restores(
      NodeName node,
      RestoreTargets targets,
      ReplyChannel replies,
      ActivityLog activity,
      Platform platform) {
    this.node = node;
    this.targets = targets;
    this.replies = replies;
    this.activity = activity;
    this.platform = platform;
  }

  /** Takes an order. */
  void begin(AgentOrder.Restore order) {
    RestoreFlow flow = new RestoreFlow(node, targets, order, replies, activity, platform);
    flows.put(order.stream(), flow);
    flow.say(new StreamMessage.Accepted());
    TraceContext trace = TraceContext.current().orElse(null);
    try {
      thread.execute(() -> carryOut(order.stream(), flow, trace));
    } catch (RejectedExecutionException ending) {
      flows.remove(order.stream());
      flow.say(new StreamMessage.Failed(StreamMessage.Failed.Kind.STOPPING, "the agent ends"));
    }
  }

  private void carryOut(ReplyId stream, RestoreFlow flow, @Nullable TraceContext trace) {
    try (TraceContext.Scope there = TraceContext.enter(trace);
        Tracing.Step step = platform.tracing().begin("restore").with("resguardo.node", node)) {
      flow.run();
    } finally {
      flows.remove(stream);
    }
  }

  /** Takes a piece of an archive; one of no restore is left over from one that has ended. */
  void take(ReplyId stream, Reply.Chunk chunk) {
    RestoreFlow flow = flows.get(stream);
    if (flow != null) {
      flow.inbox().put(chunk);
    }
  }

  /** Ends a restore, if it is one. */
  void cancel(ReplyId stream, String why) {
    RestoreFlow flow = flows.get(stream);
    if (flow != null) {
      flow.cancel(why);
    }
  }

  /** Tells of each, also of those that wait their turn, how far it is. */
  void signsOfLife() {
    flows.values().forEach(RestoreFlow::sign);
  }

  /** Takes no more. */
  void end() {
    thread.shutdown();
  }

  /** Cuts off what is still being restored. */
  void close() throws InterruptedException {
    thread.shutdown();
    flows.values().forEach(flow -> flow.cancel("the agent ends"));
    if (!thread.awaitTermination(LAST_WORDS.toSeconds(), TimeUnit.SECONDS)) {
      thread.shutdownNow();
    }
  }
}
