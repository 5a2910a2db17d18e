package resguardo.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Date;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** A lock among threads of which one runs at a time; whoever waits for it passes the baton. */
final class SimulatedLock implements Lock {
  private final Baton baton;
  private final Deque<Baton.Task> waiting = new ArrayDeque<>();
  private Baton.@Nullable Task owner;
  private int holds;

  SimulatedLock(Baton baton) {
    this.baton = baton;
  }

  @Override
  public void lock() {
    Baton.Task me = baton.current();
    me.process().dieIfDead();
    if (owner == null || owner == me) {
      owner = me;
      holds++;
      return;
    }
    waiting.add(me);
    while (owner != me) {
      baton.block(Baton.FOR_EVER, false); // whoever unlocks makes this one the owner
    }
  }

  @Override
  public void unlock() {
    if (owner != baton.current()) {
      return; // of a process that was killed while it waited for it
    }
    if (--holds == 0) {
      handOver();
    }
  }

  private void handOver() {
    Baton.Task next = waiting.poll();
    owner = next;
    holds = next == null ? 0 : 1;
    if (next != null) {
      baton.wake(next);
    }
  }

  @Override
  public boolean tryLock() {
    Baton.Task me = baton.current();
    if (owner != null && owner != me) {
      return false;
    }
    lock();
    return true;
  }

  @Override
  public void lockInterruptibly() {
    throw new UnsupportedOperationException("nobody asks for it yet");
  }

  @Override
  public boolean tryLock(long time, TimeUnit unit) {
    throw new UnsupportedOperationException("nobody asks for it yet");
  }

  @Override
  public Condition newCondition() {
    return new SimulatedCondition();
  }

  private final class SimulatedCondition implements Condition {
    private final List<Baton.Task> sleepers = new ArrayList<>();

    @Override
    public long awaitNanos(long nanos) throws InterruptedException {
      Baton.Task me = baton.current();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      long end = baton.now() + nanos;
      int held = holds;
      holds = 0;
      handOver();
      sleepers.add(me);
      baton.block(end, true);
      sleepers.remove(me);
      lock();
      holds = held;
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return end - baton.now();
    }

    @Override
    public void signalAll() {
      sleepers.forEach(baton::wake);
    }

    @Override
    public void signal() {
      signalAll(); // whoever waits looks again, as with any condition
    }

    @Override
    public void await() {
      throw new UnsupportedOperationException("nobody asks for it yet");
    }

    @Override
    public void awaitUninterruptibly() {
      throw new UnsupportedOperationException("nobody asks for it yet");
    }

    @Override
    public boolean await(long time, TimeUnit unit) throws InterruptedException {
      return awaitNanos(unit.toNanos(time)) > 0;
    }

    @Override
    public boolean awaitUntil(Date deadline) {
      throw new UnsupportedOperationException("nobody asks for it yet");
    }
  }
}
