package resguardo.infra.rabbit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel.Mailbox;
import resguardo.core.port.ReplyChannel.Received;
import resguardo.core.stream.ChunkReceiver;

/** What came to one reply id and was not received yet. */
final class RabbitMailbox implements Mailbox {
  private final int capacity;
  private Runnable onClose = () -> {};
  private final Queue<Received> messages = new ArrayDeque<>();
  private long bytes;
  private boolean overflowed;
  private boolean interrupted;

  RabbitMailbox(int capacity) {
    this.capacity = capacity;
  }

  /** What is to be done when it is closed; to be said before anybody else has it. */
  void onClose(Runnable what) {
    onClose = what;
  }

  synchronized void put(Received message) {
    if (overflowed) {
      return;
    }
    long more = bytes + bytes(message);
    if (messages.size() >= capacity || more > (long) capacity * ChunkReceiver.CHUNK_BYTES) {
      breakOff();
    } else {
      messages.add(message);
      bytes = more;
      notifyAll();
    }
  }

  /** A node may send chunks of any length that the broker takes. */
  private static long bytes(@Nullable Received message) {
    return message != null && message.message() instanceof Reply.Chunk chunk
        ? chunk.payload().length
        : 0;
  }

  /**
   * A stream with a gap is of no use, and nobody may come to read it for a long time: what is kept
   * of it goes. An answer stays, as a coordinator may say it twice.
   */
  private void breakOff() {
    overflowed = true;
    messages.removeIf(kept -> !(kept.message() instanceof Reply.Said));
    bytes = 0;
    notifyAll();
  }

  /** What came is no reply, or ended the connection: whoever reads has to break off. */
  synchronized void unreadable() {
    breakOff();
  }

  synchronized void interrupted() {
    interrupted = !overflowed; // what was broken off stays it
    notifyAll();
  }

  @Override
  public synchronized Optional<Received> receive(Duration atMost)
      throws BrokerException, InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (messages.isEmpty() && !interrupted && !overflowed) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return Optional.empty();
      }
      wait(left);
    }
    if (interrupted) {
      interrupted = false;
      throw new BrokerException.Unavailable(
          "the connection was lost: what was under way may be missing", null);
    }
    Received next = messages.poll();
    bytes -= bytes(next);
    return Optional.ofNullable(next);
  }

  @Override
  public synchronized boolean overflowed() {
    return overflowed;
  }

  @Override
  public void close() {
    onClose.run();
  }
}
