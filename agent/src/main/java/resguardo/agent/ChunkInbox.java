package resguardo.agent;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;

/**
 * Pieces of one stream that have come over the agent's queue and were not received yet. Who knows
 * the stream's id is whom the agent obeys: so all are taken for the same worker's.
 */
final class ChunkInbox implements ReplyChannel.Mailbox {
  static final Peer SENDER = new Peer(Role.WORKER, "any");

  private final int capacity;
  private final Queue<Reply.Chunk> chunks = new ArrayDeque<>();
  private boolean overflowed;
  private @Nullable String cancelled;

  /**
   * @param capacity how many may lie unread; what comes beyond is dropped and told
   */
  ChunkInbox(int capacity) {
    this.capacity = capacity;
  }

  synchronized void put(Reply.Chunk chunk) {
    if (chunks.size() >= capacity) {
      overflowed = true;
    } else {
      chunks.add(chunk);
    }
    notifyAll();
  }

  /** Nothing comes any more: whoever waits is told why. */
  synchronized void cancel(String why) {
    cancelled = why;
    notifyAll();
  }

  @Override
  public synchronized Optional<ReplyChannel.Received> receive(Duration atMost)
      throws BrokerException, InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (chunks.isEmpty() && cancelled == null) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return Optional.empty();
      }
      wait(left);
    }
    if (cancelled != null) {
      throw new BrokerException.Unavailable(cancelled, null);
    }
    return Optional.of(new ReplyChannel.Received(SENDER, chunks.remove()));
  }

  @Override
  public synchronized boolean overflowed() {
    return overflowed;
  }

  @Override
  public synchronized void close() {
    chunks.clear();
  }
}
