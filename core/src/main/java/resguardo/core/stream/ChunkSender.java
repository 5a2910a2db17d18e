package resguardo.core.stream;

import java.io.IOException;
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
  private Turns turns = Turns.NONE;

  /**
   * Whoever makes the data has a place to work at that others wait for: it is given up while the
   * receiver is waited for.
   */
  public interface Turns {
    /** There is room for all. */
    Turns NONE =
        new Turns() {
          @Override
          public void rest() {}

          @Override
          public void next() {}
        };

    /** Nothing is done now but waiting. */
    void rest();

    /**
     * Work is about to go on; returns when it is its turn.
     *
     * @throws IOException when it is not to go on any more
     */
    void next() throws IOException, InterruptedException;
  }

  /** More than any receiver lets come ahead. */
  private static final int MOST_AHEAD = 4 * ChunkReceiver.WINDOW;

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

  /**
   * Has data wait for credit without keeping a place that others wait for; to be called before the
   * first is sent. Returns this.
   */
  public ChunkSender takingTurns(Turns of) {
    turns = of;
    return this;
  }

  /** As many of these bytes as are to be sent at once. */
  int chunk(int bytes) {
    return pace == null ? bytes : pace.chunk(bytes);
  }

  /**
   * Data may be sent up to this many chunks in all; less than was granted before changes nothing,
   * nor does it how much more is granted than any receiver keeps: it would lie in the broker.
   *
   * @param upTo counted from the beginning of the stream
   */
  public void grant(long upTo) {
    lock.lock();
    try {
      credit = Math.max(credit, Math.min(upTo, dataSent + MOST_AHEAD));
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
   * @throws IOException as {@link Turns#next}
   */
  public void send(ChunkKind kind, byte[] payload) throws IOException, InterruptedException {
    if (!kind.needsCredit()) {
      throw new IllegalArgumentException("a message is sent by message()");
    }
    if (mustWait()) {
      turns.rest();
      lock.lock();
      try {
        awaitCredit();
      } finally {
        lock.unlock();
      }
    }
    turns.next();
    lock.lock();
    try {
      awaitCredit(); // is there: it only grows, and one thread sends
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

  private boolean mustWait() {
    lock.lock();
    try {
      return cancelled == null && dataSent >= credit;
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
      said(message);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends the last word of a stream that was cancelled at this end, so that its receiver need not
   * find out by itself.
   *
   * @throws BrokerException as {@link #send}
   */
  public void lastWord(StreamMessage message) throws BrokerException {
    lock.lock();
    try {
      said(message);
    } finally {
      lock.unlock();
    }
  }

  private void said(StreamMessage message) throws BrokerException {
    wire.send(Chunks.of(sequence++, ChunkKind.MESSAGE, Json.write(message)));
  }
}
