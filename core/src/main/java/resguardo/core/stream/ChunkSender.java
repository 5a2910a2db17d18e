package resguardo.core.stream;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import resguardo.core.ReplyId;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.StreamMessage;

/**
 * The sending end of one stream. One thread sends; credits and a cancellation come from any other.
 * Data waits for credit; messages do not, so that a sign of life gets through to a receiver that is
 * slow.
 */
public final class ChunkSender {
  private final Wire wire;
  private final Duration patience;
  private final @Nullable Pace pace;
  private final Platform platform;
  private final Lock lock;
  private final Condition changed;
  private long sequence;
  private long dataSent;
  private long credit;
  private boolean granted;
  private @Nullable String cancelled;

  /** What the chunks go over. */
  public interface Wire {
    /** As {@link ReplyChannel#send}. */
    void send(Reply.Chunk chunk) throws BrokerException;
  }

  /**
   * @param credit how many data chunks may be sent before the first {@link #grant}
   * @param patience how long data waits for credit before the receiver is taken for gone
   */
  public ChunkSender(
      ReplyChannel channel, ReplyId to, long credit, Duration patience, Platform platform) {
    this(channel, to, credit, patience, null, platform);
  }

  /**
   * One that does not send as fast as it can.
   *
   * @param pace of the data; absent: as fast as credit allows
   */
  public ChunkSender(
      ReplyChannel channel,
      ReplyId to,
      long credit,
      Duration patience,
      @Nullable Pace pace,
      Platform platform) {
    this(chunk -> channel.send(to, chunk), credit, patience, pace, platform);
  }

  /** One over another wire than a reply channel. */
  public ChunkSender(
      Wire wire, long credit, Duration patience, @Nullable Pace pace, Platform platform) {
    this.wire = wire;
    this.credit = credit;
    this.patience = patience;
    this.pace = pace;
    this.platform = platform;
    this.lock = platform.newLock();
    this.changed = lock.newCondition();
  }

  /** As many of these bytes as are to be sent at once. */
  int chunk(int bytes) {
    return pace == null ? bytes : pace.chunk(bytes);
  }

  /**
   * Data may be sent up to this many chunks in all; less than was granted before changes nothing.
   *
   * @param upTo counted from the beginning of the stream
   */
  public void grant(long upTo) {
    lock.lock();
    try {
      credit = Math.max(credit, upTo);
      granted = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the first {@link #grant}, whatever it grants: it shows that a receiver is there.
   *
   * @return false when none came in this time, or it was cancelled
   */
  public boolean awaitGrant(Duration atMost) throws InterruptedException {
    lock.lock();
    try {
      long left = atMost.toNanos();
      while (!granted && cancelled == null && left > 0) {
        left = changed.awaitNanos(left);
      }
      return granted && cancelled == null;
    } finally {
      lock.unlock();
    }
  }

  /** Nobody reads it any more: what waits for credit, and every later call, throws. */
  public void cancel(String why) {
    lock.lock();
    try {
      cancelled = why;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends data, waiting for credit and, where there is a pace, for its turn.
   *
   * @param payload belongs to the stream from now on
   * @throws StreamBrokenException when it was cancelled, or no credit came in time
   * @throws BrokerException when it could not be sent; the stream cannot be taken up again
   */
  public void send(ChunkKind kind, byte[] payload)
      throws StreamBrokenException, BrokerException, InterruptedException {
    if (!kind.needsCredit()) {
      throw new IllegalArgumentException("a message is sent by message()");
    }
    lock.lock();
    try {
      awaitCredit();
      if (pace != null) {
        awaitTurn(pace);
        pace.went(payload.length);
      }
      dataSent++;
      wire.send(Chunks.of(sequence++, kind, payload));
    } finally {
      lock.unlock();
    }
  }

  private void awaitCredit() throws StreamBrokenException, InterruptedException {
    long left = patience.toNanos();
    while (cancelled == null && dataSent >= credit) {
      if (left <= 0) {
        throw new StreamBrokenException(
            StreamBrokenException.Kind.SILENT, "no credit within " + patience.toSeconds() + " s");
      }
      left = changed.awaitNanos(left);
    }
    refuseCancelled();
  }

  private void awaitTurn(Pace pace) throws StreamBrokenException, InterruptedException {
    for (long left = pace.left(); cancelled == null && left > 0; left = pace.left()) {
      long unused = changed.awaitNanos(left);
    }
    refuseCancelled();
  }

  private void refuseCancelled() throws StreamBrokenException {
    if (cancelled != null) {
      throw new StreamBrokenException(StreamBrokenException.Kind.CANCELLED, cancelled);
    }
  }

  /**
   * Sends a message, without credit.
   *
   * @throws StreamBrokenException when it was cancelled
   * @throws BrokerException as {@link #send}
   */
  public void message(StreamMessage message) throws StreamBrokenException, BrokerException {
    lock.lock();
    try {
      refuseCancelled();
      wire.send(Chunks.of(sequence++, ChunkKind.MESSAGE, Json.write(message)));
    } finally {
      lock.unlock();
    }
  }
}
