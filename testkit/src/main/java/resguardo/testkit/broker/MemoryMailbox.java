package resguardo.testkit.broker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;

/** What comes to one reply id. */
final class MemoryMailbox implements ReplyChannel.Mailbox {
  private final MemoryBroker broker;
  private final MemoryConnection by;
  private final ReplyId id;
  private final int capacity;
  private final Lock lock;
  private final Condition changed;
  private final Queue<ReplyChannel.Received> unread = new ArrayDeque<>();
  private boolean overflowed;
  private boolean connectionLost;

  MemoryMailbox(MemoryBroker broker, MemoryConnection by, ReplyId id, int capacity) {
    this.broker = broker;
    this.by = by;
    this.id = id;
    this.capacity = capacity;
    this.lock = by.platform().newLock();
    this.changed = lock.newCondition();
  }

  MemoryConnection by() {
    return by;
  }

  void put(ReplyChannel.Received message) {
    lock.lock();
    try {
      if (!overflowed && unread.size() < capacity && isSentBy(message)) {
        unread.add(message);
      } else {
        overflowed = true;
        unread.removeIf(kept -> !(kept.message() instanceof Reply.Said));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Agents send pieces of streams, and nothing else. */
  private static boolean isSentBy(ReplyChannel.Received message) {
    return message.from().role() != Role.AGENT || message.message() instanceof Reply.Chunk;
  }

  /** What comes from now on until it is read again is gone, and so is what was not read yet. */
  void lost() {
    lock.lock();
    try {
      connectionLost = true;
      unread.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<ReplyChannel.Received> receive(Duration atMost)
      throws BrokerException, InterruptedException {
    by.before("replies.receive", null);
    lock.lock();
    try {
      long left = atMost.toNanos();
      while (unread.isEmpty() && !connectionLost && !overflowed && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (connectionLost) {
        connectionLost = false;
        throw new BrokerException.Unavailable("the connection was lost", null);
      }
      return Optional.ofNullable(unread.poll());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean overflowed() {
    lock.lock();
    try {
      return overflowed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    broker.close(id);
  }
}
