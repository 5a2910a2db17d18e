package resguardo.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * All threads of a simulation, of which one runs at a time, and the time of it, which goes on only
 * when all of them wait. Whoever waits passes the baton to the one whose time comes first; of
 * several of the same time the seed chooses. So the same seed gives the same run.
 *
 * <p>But for {@link #run} all is called by the one that has the baton.
 */
final class Baton {
  /** Waits until it is woken. */
  static final long FOR_EVER = Long.MAX_VALUE;

  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "simulated");
            thread.setDaemon(true);
            return thread;
          });

  private final Random random;
  private final TreeSet<Task> waiting =
      new TreeSet<>(
          Comparator.<Task>comparingLong(task -> task.wakeAt)
              .thenComparingLong(task -> task.draw)
              .thenComparingLong(task -> task.id));
  private final List<Task> all = new ArrayList<>();
  private final Semaphore over = new Semaphore(0);
  private long now;
  private long tasks;
  private long switches;
  private boolean ending;
  private @Nullable Task current;

  /** A thread of the simulation. */
  static final class Task {
    private final long id;
    private final SimulatedProcess process;
    private final String name;
    private final Semaphore turn = new Semaphore(0);
    private long wakeAt;
    private long draw;
    private boolean interruptible;
    private boolean done;
    private @Nullable Thread thread;

    Task(long id, SimulatedProcess process, String name) {
      this.id = id;
      this.process = process;
      this.name = name;
    }

    SimulatedProcess process() {
      return process;
    }

    long id() {
      return id;
    }

    @Override
    public String toString() {
      return process + "/" + name + "#" + id;
    }
  }

  Baton(Random random) {
    this.random = random;
  }

  /** Since the beginning of the simulation, in nanoseconds. */
  long now() {
    return now;
  }

  /** How often the baton was passed. */
  long switches() {
    return switches;
  }

  /** Whether the simulation is over, and whoever still runs is to end. */
  boolean isEnding() {
    return ending;
  }

  /** The one that has the baton. */
  Task current() {
    Task task = current;
    if (task == null) {
      throw new IllegalStateException("nobody has the baton");
    }
    return task;
  }

  /** Another thread, which runs when its turn comes. */
  Task start(SimulatedProcess process, String name, Runnable work) {
    Task task = new Task(tasks++, process, name);
    all.add(task);
    queue(task, now);
    THREADS.execute(() -> live(task, work));
    return task;
  }

  private void live(Task task, Runnable work) {
    task.turn.acquireUninterruptibly();
    task.thread = Thread.currentThread();
    try {
      if (!task.process.isDead() && !ending) {
        work.run();
      }
    } catch (SimulatedCrash killed) {
      // as it should
    } catch (Throwable e) {
      if (!task.process.isDead() && !ending) {
        task.process.wentWrong(task + " went wrong", e);
      }
    }
    boolean interrupted = Thread.interrupted(); // the thread is used again
    task.done = true;
    task.thread = interrupted ? null : task.thread;
    if (ending) {
      over.release();
    } else {
      pass(null);
    }
  }

  private void queue(Task task, long at) {
    task.wakeAt = at;
    task.draw = random.nextInt();
    waiting.add(task);
  }

  /** Waits, however long others run. */
  void sleep(long nanos) {
    block(now + Math.max(0, nanos), false);
  }

  /**
   * Waits until it is woken, or until this time.
   *
   * @param interruptible whether an interruption wakes it; the caller looks whether it was one
   */
  void block(long until, boolean interruptible) {
    Task me = current();
    me.process.dieIfDead();
    me.interruptible = interruptible;
    queue(me, until);
    pass(me);
    me.interruptible = false;
    me.process.dieIfDead();
  }

  /** Lets one go on that waits; one that does not is not touched. */
  void wake(Task task) {
    if (waiting.remove(task)) {
      queue(task, now);
    }
  }

  /** As {@link Thread#interrupt}. */
  void interrupt(Task task) {
    Thread thread = task.thread;
    if (task.done || thread == null) {
      return;
    }
    thread.interrupt();
    if (task.interruptible) {
      wake(task);
    }
  }

  /** Lets all threads of a process go on, to find that they are dead. */
  void wakeAll(SimulatedProcess process) {
    for (Task task : List.copyOf(all)) {
      if (task.process == process) {
        wake(task);
      }
    }
  }

  private void pass(@Nullable Task me) {
    Task next = next();
    current = next;
    if (next == me) {
      return;
    }
    switches++;
    next.turn.release();
    if (me != null) {
      me.turn.acquireUninterruptibly();
    }
  }

  private Task next() {
    while (true) {
      Task first = waiting.pollFirst();
      if (first == null || first.wakeAt == FOR_EVER) {
        throw new IllegalStateException("everybody waits for ever");
      }
      now = Math.max(now, first.wakeAt);
      long paused = first.process.pausedUntil();
      if (paused <= now) {
        return first;
      }
      queue(first, paused);
    }
  }

  /**
   * Runs until somebody says that it is over.
   *
   * @param first who begins
   */
  void run(Task first) {
    waiting.remove(first);
    current = first;
    first.turn.release();
    over.acquireUninterruptibly();
    // One after the other finds that it is dead, and ends.
    for (int i = 0; i < all.size(); i++) {
      Task task = all.get(i);
      if (!task.done) {
        current = task;
        task.turn.release();
        over.acquireUninterruptibly();
      }
    }
  }

  /** It is over: called by the one that has the baton, which ends by this. */
  SimulatedCrash end() {
    ending = true;
    return new SimulatedCrash();
  }
}
