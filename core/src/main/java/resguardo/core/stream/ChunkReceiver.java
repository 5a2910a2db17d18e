package resguardo.core.stream;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;
import resguardo.core.Peer;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;

/**
 * The receiving end of one stream, for one thread. It gives the pieces in order, each once, and
 * only as they were sent; all else breaks the stream. Credit for more is given as pieces are taken,
 * so never more than the window lies in memory.
 */
public final class ChunkReceiver {
  /** The most that a data chunk is asked to hold, in bytes. */
  public static final int CHUNK_BYTES = 512 * 1024;

  /**
   * How many data chunks may be under way: 8 MiB a stream, enough to keep a loopback or a LAN busy.
   */
  public static final int WINDOW = 16;

  /** Messages that may lie unread beside the data: signs of life, an end. */
  private static final int ROOM_FOR_MESSAGES = 16;

  /**
   * A broker hands some out again after a fault. Each is a sign of life: whoever sends them for
   * ever is not waited for.
   */
  static final int MOST_REPEATED = 100;

  private final ReplyChannel.Mailbox mailbox;
  private final Peer sender;
  private final int window;
  private final LongConsumer credit;
  private long next;
  private long dataTaken;
  private long granted;
  private long repeated;

  /**
   * The checksum of the first chunk. A job that is done twice by one worker makes two streams of
   * one sender to one id: the second is known by its beginning, which names another id for credits.
   */
  private int first;

  /**
   * @param mailbox opened with {@link #capacity} of the window
   * @param sender who was asked; what anyone else sends breaks the stream
   * @param window how many data chunks may be under way; the sender has been told this as its first
   *     credit
   * @param credit takes the new total whenever the sender may send more
   */
  public ChunkReceiver(ReplyChannel.Mailbox mailbox, Peer sender, int window, LongConsumer credit) {
    this.mailbox = mailbox;
    this.sender = sender;
    this.window = window;
    this.credit = credit;
    this.granted = window;
  }

  /**
   * How many messages a mailbox for a stream with this window must hold, of {@link #CHUNK_BYTES} at
   * the most on average.
   */
  public static int capacity(int window) {
    return window + ROOM_FOR_MESSAGES;
  }

  /** A piece of the stream. */
  public sealed interface Piece {}

  /** Bytes of one of the kinds that need credit. The payload belongs to the receiver. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Data(ChunkKind kind, byte[] payload) implements Piece {}

  /** A message; after one that is {@link StreamMessage#last} nothing is to be received. */
  public record Said(StreamMessage message) implements Piece {}

  /**
   * The next piece.
   *
   * @param silence how long the sender may be silent
   * @throws StreamBrokenException when it will not come
   * @throws BrokerException when the connection was lost: pieces may be missing
   */
  public Piece receive(Duration silence)
      throws StreamBrokenException, BrokerException, InterruptedException {
    while (true) {
      Reply.Chunk chunk = nextChunk(silence);
      if (chunk.sequence() == 0 && next > 0 && chunk.crc32c() != first) {
        throw broken(StreamBrokenException.Kind.FOREIGN, "it was begun anew by " + sender);
      }
      if (chunk.sequence() < next) {
        repeated++; // it has been taken
        if (repeated > MOST_REPEATED) {
          throw broken(StreamBrokenException.Kind.MALFORMED, sender + " repeats itself");
        }
        continue;
      }
      if (chunk.sequence() > next) {
        throw broken(
            StreamBrokenException.Kind.LOST,
            "chunk " + next + " is missing; " + chunk.sequence() + " came");
      }
      if (next == 0) {
        first = chunk.crc32c();
      }
      next++;
      return chunk.kind() == ChunkKind.MESSAGE ? said(chunk) : data(chunk);
    }
  }

  private Reply.Chunk nextChunk(Duration silence)
      throws StreamBrokenException, BrokerException, InterruptedException {
    Optional<ReplyChannel.Received> received = mailbox.receive(silence);
    if (mailbox.overflowed()) {
      throw broken(
          StreamBrokenException.Kind.OVERFLOW,
          "more came than there was credit for, or what is no reply");
    }
    if (received.isEmpty()) {
      throw broken(
          StreamBrokenException.Kind.SILENT,
          sender + " was silent for " + silence.toSeconds() + " s");
    }
    if (!received.get().from().equals(sender)) {
      throw broken(
          StreamBrokenException.Kind.FOREIGN, "a chunk came from " + received.get().from());
    }
    if (!(received.get().message() instanceof Reply.Chunk chunk)) {
      throw broken(StreamBrokenException.Kind.MALFORMED, "something came that is no chunk");
    }
    if (!Chunks.intact(chunk)) {
      throw broken(
          StreamBrokenException.Kind.CORRUPT,
          "chunk " + chunk.sequence() + " has a wrong checksum");
    }
    return chunk;
  }

  private Piece said(Reply.Chunk chunk) throws StreamBrokenException {
    try {
      return new Said(Json.read(chunk.payload(), StreamMessage.class, Json.MESSAGE_BYTES));
    } catch (MalformedMessageException e) {
      throw broken(
          StreamBrokenException.Kind.MALFORMED, "a message that cannot be read: " + e.getMessage());
    }
  }

  private Piece data(Reply.Chunk chunk) {
    dataTaken++;
    // In halves of the window: one small message for several large ones, and the sender never
    // stands still for it.
    if (granted - dataTaken <= window / 2) {
      granted = dataTaken + window;
      credit.accept(granted);
    }
    return new Data(chunk.kind(), chunk.payload());
  }

  /** How many chunks came more than once and were dropped. */
  public long repeated() {
    return repeated;
  }

  private static StreamBrokenException broken(StreamBrokenException.Kind kind, String reason) {
    return new StreamBrokenException(kind, reason);
  }
}
