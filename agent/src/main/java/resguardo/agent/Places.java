package resguardo.agent;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.port.Platform;
import resguardo.core.protocol.StreamMessage.Failed.Kind;

/**
 * Where an agent reads sets: so many at once, each on a thread, and of a registration one at a
 * time. A call of the system may never return, as for a file whose server is gone, or that another
 * program serves; no thread can be taken out of it. Such a thread gives up its place, so that other
 * sets go on, and whatever comes for its registration is refused until the call has returned.
 */
final class Places {
  /**
   * Sets being sent at once: one reads the disk while another waits for the network, and memory
   * stays small.
   */
  static final int AT_ONCE = 2;

  /** Threads that may be stuck without a place: each holds what it has read. */
  static final int MOST_STUCK = 16;

  /** Less than a worker waits for a sign of life: so that it can still be told what hangs. */
  static final Duration ANSWER = Duration.ofSeconds(20);

  /**
   * Whoever waits for longer does not wait for its turn, of which there are enough for what is
   * ordered at once: its worker is to have its hands free.
   */
  static final Duration TURN = Duration.ofMinutes(15);

  /** What waits for a place, and then has a thread. Its methods are called by any thread. */
  interface Turn {
    RegistrationKey key();

    Whereabouts whereabouts();

    /** It is its turn. */
    void run();

    /** It waits, and that goes on. */
    void waits();

    /** It does not get its turn. */
    void refuse(Kind kind, String why);

    /** Another of its registration has taken its place before it was its turn. */
    void drop();

    /** It does not go on, for what it is in does not return. */
    void hangs(String why);
  }

  private record Waiting(Turn turn, long since) {}

  private record Refused(Turn turn, Kind kind, String why) {}

  private final Platform platform;
  private final Lock lock;
  private final Condition ended;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Map<RegistrationKey, Turn> busy = new LinkedHashMap<>();
  private final Set<Turn> placed = new LinkedHashSet<>();
  private final Set<Turn> told = new LinkedHashSet<>();
  private final Set<ExecutorService> threads = new LinkedHashSet<>();
  private final Deque<ExecutorService> idle = new ArrayDeque<>();
  private boolean closed;

  Places(Platform platform) {
    this.platform = platform;
    this.lock = platform.newLock();
    this.ended = lock.newCondition();
  }

  /** Has it wait for its turn, in the place of what waits of the same registration. */
  void add(Turn turn) {
    List<Turn> dropped = new ArrayList<>();
    boolean refused;
    lock.lock();
    try {
      refused = closed;
      if (!closed) {
        for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
          Turn other = all.next().turn();
          if (other.key().equals(turn.key())) {
            all.remove();
            dropped.add(other);
          }
        }
        waiting.add(new Waiting(turn, platform.nanoTime()));
      }
    } finally {
      lock.unlock();
    }
    dropped.forEach(Turn::drop);
    if (refused) {
      turn.refuse(Kind.STOPPING, "the agent ends");
    } else {
      settle();
    }
  }

  /** To be called every few seconds: looks for what hangs, and has what waits say so. */
  void look() {
    settle();
    List<Waiting> still;
    lock.lock();
    try {
      still = List.copyOf(waiting);
    } finally {
      lock.unlock();
    }
    still.forEach(one -> one.turn().waits());
  }

  /** Whoever it is told to may call this, or take locks: all is told when this one is given up. */
  private void settle() {
    Map<Turn, String> hanging = new LinkedHashMap<>();
    List<Refused> refused = new ArrayList<>();
    lock.lock();
    try {
      for (Turn turn : List.copyOf(busy.values())) {
        RawPath name = turn.whereabouts().unanswered(ANSWER);
        if (name == null) {
          continue;
        }
        if (stuck() < MOST_STUCK) {
          placed.remove(turn);
        }
        if (told.add(turn)) {
          hanging.put(turn, "/" + name + " does not answer");
        }
      }
      for (Waiting one : List.copyOf(waiting)) {
        Refused no = refusal(one);
        if (no != null) {
          waiting.remove(one);
          refused.add(no);
        }
      }
      begin();
      ended.signalAll();
    } finally {
      lock.unlock();
    }
    hanging.forEach(Turn::hangs);
    refused.forEach(no -> no.turn().refuse(no.kind(), no.why()));
  }

  private int stuck() {
    return busy.size() - placed.size();
  }

  /** Why it is not to wait any more; absent: it is. */
  private @Nullable Refused refusal(Waiting one) {
    Turn turn = one.turn();
    Turn earlier = busy.get(turn.key());
    RawPath name = earlier == null ? null : earlier.whereabouts().unanswered(ANSWER);
    if (name != null) {
      return new Refused(
          turn, Kind.BROKEN, "an earlier attempt still reads /" + name + ", which does not answer");
    }
    if (placed.size() == AT_ONCE && placed.stream().allMatch(Places::hangs)) {
      return new Refused(
          turn,
          Kind.BROKEN,
          "all of this agent's threads read what does not answer, such as "
              + placed.iterator().next().key().path());
    }
    return platform.nanoTime() - one.since() < TURN.toNanos()
        ? null
        : new Refused(
            turn,
            Kind.STOPPING,
            "this agent had no place for it for " + TURN.toMinutes() + " minutes");
  }

  private static boolean hangs(Turn turn) {
    return turn.whereabouts().unanswered(ANSWER) != null;
  }

  private void begin() {
    for (Iterator<Waiting> all = waiting.iterator(); all.hasNext() && placed.size() < AT_ONCE; ) {
      Turn turn = all.next().turn();
      if (!busy.containsKey(turn.key())) {
        all.remove();
        busy.put(turn.key(), turn);
        placed.add(turn);
        ExecutorService thread = thread();
        thread.execute(() -> run(turn, thread));
      }
    }
  }

  /** One that has nothing to do; what is stuck has its own. */
  private ExecutorService thread() {
    ExecutorService free = idle.poll();
    if (free == null) {
      free = platform.pool("sends", 1);
      threads.add(free);
    }
    return free;
  }

  private void run(Turn turn, ExecutorService thread) {
    try {
      turn.whereabouts().begin();
      turn.run();
    } finally {
      turn.whereabouts().leaves();
      ends(turn, thread);
      settle();
    }
  }

  private void ends(Turn turn, ExecutorService thread) {
    lock.lock();
    try {
      busy.remove(turn.key());
      placed.remove(turn);
      told.remove(turn);
      if (threads.size() > AT_ONCE) {
        threads.remove(thread);
        thread.shutdown();
      } else {
        idle.add(thread);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more; what waits has its turn all the same. */
  void end() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until nothing is done any more, nor waits for its turn, but what hangs.
   *
   * @return false: it took too long
   */
  boolean awaitEnd(Duration atMost) throws InterruptedException {
    long end = platform.nanoTime() + atMost.toNanos();
    lock.lock();
    try {
      while (!waiting.isEmpty() || !busy.values().stream().allMatch(Places::hangs)) {
        long left = end - platform.nanoTime();
        if (left <= 0) {
          return false;
        }
        // What hangs does not tell: so it is looked again.
        long unused = ended.awaitNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Has whatever is done end, as far as it can; what waits is refused. */
  void cut() {
    List<Waiting> left;
    lock.lock();
    try {
      closed = true;
      left = List.copyOf(waiting);
      waiting.clear();
      threads.forEach(ExecutorService::shutdownNow);
    } finally {
      lock.unlock();
    }
    left.forEach(one -> one.turn().refuse(Kind.STOPPING, "the agent ends"));
  }
}
