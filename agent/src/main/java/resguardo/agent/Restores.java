package resguardo.agent;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
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
 * a time, so that memory stays small. One that writes to what does not answer, as where a server is
 * gone, keeps its thread, and the others go on with another.
 */
final class Restores {
  /** What is cut off is told to its worker within this time. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  /**
   * Nothing is written that takes longer. Not less: what is slow is better waited for than begun
   * anew by an operator.
   */
  static final Duration ANSWER = Duration.ofMinutes(5);

  /** Restores that may hang: each holds a thread, and what has come for it. */
  static final int MOST_STUCK = 4;

  private final NodeName node;
  private final RestoreTargets targets;
  private final ReplyChannel replies;
  private final ActivityLog activity;
  private final Platform platform;
  private final Set<RestoreFlow> stuck = ConcurrentHashMap.newKeySet();
  private ExecutorService thread;
  private @Nullable RestoreFlow onThread;
  private boolean ends;
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
    this.thread = platform.pool("restores", 1);
  }

  /** Takes an order. */
  void begin(AgentOrder.Restore order) {
    RestoreFlow flow = new RestoreFlow(node, targets, order, replies, activity, platform);
    flows.put(order.stream(), flow);
    flow.say(new StreamMessage.Accepted());
    String hangs = hangs(flow);
    if (hangs != null) {
      refuse(order.stream(), flow, StreamMessage.Failed.Kind.BROKEN, hangs);
      return;
    }
    TraceContext trace = TraceContext.current().orElse(null);
    try {
      execute(() -> carryOut(order.stream(), flow, trace));
    } catch (RejectedExecutionException ending) {
      refuse(order.stream(), flow, StreamMessage.Failed.Kind.STOPPING, "the agent ends");
    }
  }

  private void refuse(
      ReplyId stream, RestoreFlow flow, StreamMessage.Failed.Kind kind, String why) {
    flows.remove(stream);
    flow.refuse(kind, why);
  }

  private synchronized void execute(Runnable work) {
    thread.execute(work);
  }

  /** Why another is not to be begun; absent: it is. */
  private @Nullable String hangs(RestoreFlow next) {
    if (stuck.stream().anyMatch(other -> other.folder().equals(next.folder()))) {
      return "an earlier restore still writes to " + next.folder() + ", which does not answer";
    }
    return stuck.size() < MOST_STUCK
        ? null
        : MOST_STUCK + " restores write to what does not answer, and no more are begun";
  }

  private void carryOut(ReplyId stream, RestoreFlow flow, @Nullable TraceContext trace) {
    try (TraceContext.Scope there = TraceContext.enter(trace);
        Tracing.Step step = platform.tracing().begin("restore").with("resguardo.node", node)) {
      begins(flow);
      flow.run();
    } finally {
      ended(stream, flow);
    }
  }

  private synchronized void begins(RestoreFlow flow) {
    onThread = flow;
  }

  private synchronized void ended(ReplyId stream, RestoreFlow flow) {
    flows.remove(stream);
    stuck.remove(flow);
    onThread = onThread == flow ? null : onThread;
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
    flows.forEach(
        (stream, flow) -> {
          if (flow.hangs(ANSWER)) {
            leave(stream, flow);
          } else {
            flow.sign();
          }
        });
  }

  /** It keeps its thread, which nobody can take it out of; those that wait get another. */
  private void leave(ReplyId stream, RestoreFlow flow) {
    synchronized (this) {
      if (onThread != flow) {
        return; // it has just ended
      }
      onThread = null;
      flows.remove(stream);
      stuck.add(flow);
      List<Runnable> rest = thread.shutdownNow();
      thread = platform.pool("restores", 1);
      rest.forEach(thread::execute);
      if (ends) {
        thread.shutdown();
      }
    }
    flow.giveUp(
        flow.folder()
            + " does not answer: nothing was written for "
            + ANSWER.toMinutes()
            + " minutes");
  }

  /** Takes no more. */
  synchronized void end() {
    ends = true;
    thread.shutdown();
  }

  /** Cuts off what is still being restored. */
  void close() throws InterruptedException {
    end();
    flows.values().forEach(flow -> flow.cancel("the agent ends"));
    ExecutorService last = last();
    if (!last.awaitTermination(LAST_WORDS.toSeconds(), TimeUnit.SECONDS)) {
      last.shutdownNow();
    }
  }

  private synchronized ExecutorService last() {
    return thread;
  }
}
