package resguardo.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Threads of a simulated process. What somebody waits for the result of is done by whoever asks for
 * it, at once: that it could be done beside changes nothing but the time it takes.
 */
final class SimulatedExecutor extends AbstractExecutorService implements ScheduledExecutorService {
  private final Baton baton;
  private final SimulatedProcess process;
  private final String name;
  private final int most;
  private final PriorityQueue<Planned> planned =
      new PriorityQueue<>(
          Comparator.<Planned>comparingLong(next -> next.at)
              .thenComparingLong(next -> next.number));
  private final List<Baton.Task> threads = new ArrayList<>();
  private final List<Baton.Task> idle = new ArrayList<>();
  private Baton.@Nullable Task watches;
  private long watchedUntil;
  private long count;
  private boolean shutdown;
  private boolean cut;

  SimulatedExecutor(Baton baton, SimulatedProcess process, String name, int most) {
    this.baton = baton;
    this.process = process;
    this.name = name;
    this.most = most;
  }

  private final class Planned implements ScheduledFuture<Object> {
    private final Runnable work;
    private final long every;
    private final boolean fixedRate;
    private final long number = count++;
    private long at;
    private boolean cancelled;

    /**
     * @param every 0: once
     */
    Planned(Runnable work, long at, long every, boolean fixedRate) {
      this.work = work;
      this.at = at;
      this.every = every;
      this.fixedRate = fixedRate;
    }

    void run() {
      work.run();
      if (every > 0 && !cancelled && !shutdown) {
        at = (fixedRate ? at : baton.now()) + every;
        planned.add(this);
      }
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(at - baton.now(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }

    @Override
    public boolean cancel(boolean interrupts) {
      cancelled = true;
      return planned.remove(this);
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public boolean isDone() {
      return cancelled;
    }

    @Override
    public Object get() {
      throw new UnsupportedOperationException("nobody asks for it yet");
    }

    @Override
    public Object get(long timeout, TimeUnit unit) {
      throw new UnsupportedOperationException("nobody asks for it yet");
    }
  }

  @Override
  public void execute(Runnable work) {
    if (shutdown) {
      throw new RejectedExecutionException(name + " has ended");
    }
    if (work instanceof FutureTask<?>) {
      work.run();
    } else {
      plan(new Planned(work, baton.now(), 0, false));
    }
  }

  private Planned plan(Planned next) {
    if (process.isDead()) {
      return next;
    }
    planned.add(next);
    if (!idle.isEmpty()) {
      wakeOne();
    } else if (threads.size() < most) {
      threads.add(baton.start(process, name, this::live));
    }
    return next;
  }

  /** The one that watches over the next time of all, if it is idle: it looks again. */
  private void wakeOne() {
    Baton.Task one = watches != null && idle.contains(watches) ? watches : idle.get(0);
    idle.remove(one);
    baton.wake(one);
  }

  private void live() {
    Baton.Task me = baton.current();
    try {
      while (!cut && !(planned.isEmpty() && shutdown)) {
        Planned next = planned.peek();
        if (next != null && next.at <= baton.now()) {
          planned.remove();
          if (!planned.isEmpty() && !idle.isEmpty()) {
            wakeOne();
          }
          next.run();
        } else {
          boolean nothingToWatch = next == null || (watches != null && watchedUntil <= next.at);
          idle(me, nothingToWatch ? Baton.FOR_EVER : next.at);
        }
      }
    } finally {
      idle.remove(me);
      threads.remove(me);
    }
  }

  private void idle(Baton.Task me, long until) {
    if (until != Baton.FOR_EVER) {
      watches = me;
      watchedUntil = until;
    }
    idle.add(me);
    try {
      baton.block(until, true);
    } finally {
      idle.remove(me);
      watches = watches == me ? null : watches;
    }
    boolean unused = Thread.interrupted(); // it looks again anyway
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
    return repeat(work, delay, 0, unit, false);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> work, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("nobody asks for it yet");
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable work, long first, long every, TimeUnit unit) {
    return repeat(work, first, every, unit, true);
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable work, long first, long every, TimeUnit unit) {
    return repeat(work, first, every, unit, false);
  }

  private ScheduledFuture<?> repeat(
      Runnable work, long first, long every, TimeUnit unit, boolean fixedRate) {
    if (shutdown) {
      throw new RejectedExecutionException(name + " has ended");
    }
    return plan(
        new Planned(work, baton.now() + unit.toNanos(first), unit.toNanos(every), fixedRate));
  }

  @Override
  public void shutdown() {
    shutdown = true;
    planned.removeIf(next -> next.every > 0);
    List.copyOf(idle).forEach(baton::wake);
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    cut = true;
    planned.clear();
    List.copyOf(threads).forEach(baton::interrupt);
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return shutdown && threads.isEmpty();
  }

  @Override
  public boolean awaitTermination(long time, TimeUnit unit) throws InterruptedException {
    long end = baton.now() + unit.toNanos(time);
    while (!isTerminated() && baton.now() < end) {
      process.sleep(java.time.Duration.ofMillis(1));
    }
    return isTerminated();
  }
}
