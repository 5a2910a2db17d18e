package resguardo.coordinator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.port.EventChannel;

/**
 * Which nodes send so many events, or so large ones, that no agent of ours does: somebody else has
 * their password. What is dropped at the broker is not seen here, but of a flood enough comes
 * through to see whose it is.
 *
 * <p>And whether some node sends what ends the connections of whoever hears it: of which nobody
 * here can see whose it is.
 */
final class Floods implements EventChannel.Traffic {
  /** So much is told by its count of one while of this length. */
  static final Duration WHILE = Duration.ofSeconds(10);

  /** An agent says that it lives each five seconds: a hundred times as much, in {@link #WHILE}. */
  static final int MOST_EVENTS = 200;

  /** Likewise in bytes: what it says of itself has some hundred. */
  static final long MOST_BYTES = 1L << 20;

  /** A flood is spoken of for so long after it was seen last, so that whoever looks finds it. */
  static final Duration SPOKEN_OF = Duration.ofMinutes(2);

  private final LongSupplier nanos;
  private final Map<NodeName, Stream> streams = new HashMap<>();
  private long poisonedAt;
  private int poisonings;
  private boolean poisonTold;

  /**
   * A flood.
   *
   * @param events that came in the last while in which they were too many
   * @param bytes of them
   */
  record Flood(NodeName node, long events, long bytes) {
    /** In words for a person. */
    String text() {
      return String.format(
          Locale.ROOT,
          "%s floods the broker: %d events and %.1f MiB in %d s",
          node,
          events,
          bytes / (double) (1 << 20),
          WHILE.toSeconds());
    }
  }

  /** What comes from one node. */
  private static final class Stream {
    private long began;
    private long events;
    private long bytes;
    private boolean told;
    private long floodedAt;
    private @Nullable Flood flood;
  }

  /**
   * @param nanos a clock that only goes forward
   */
  Floods(LongSupplier nanos) {
    this.nanos = nanos;
  }

  @Override
  public synchronized void came(Peer from, int bytes) {
    if (from.role() != Role.AGENT) {
      return;
    }
    NodeName node = new NodeName(from.instance());
    long now = nanos.getAsLong();
    Stream stream =
        streams.computeIfAbsent(
            node,
            any -> {
              Stream fresh = new Stream();
              fresh.began = now;
              return fresh;
            });
    if (now - stream.began > WHILE.toNanos()) {
      stream.began = now;
      stream.events = 0;
      stream.bytes = 0;
    }
    stream.events++;
    stream.bytes += bytes;
    if (stream.events > MOST_EVENTS || stream.bytes > MOST_BYTES) {
      stream.floodedAt = now;
      stream.flood = new Flood(node, stream.events, stream.bytes);
    }
  }

  @Override
  public synchronized void poisoned() {
    poisonings = poisonings() + 1;
    poisonedAt = nanos.getAsLong();
  }

  /**
   * How often a message of a node ended the connection by which nodes are heard; 0 when it did not
   * of late.
   */
  synchronized int poisonings() {
    if (poisonings > 0 && nanos.getAsLong() - poisonedAt > SPOKEN_OF.toNanos()) {
      poisonings = 0;
      poisonTold = false;
    }
    return poisonings;
  }

  /** Whether it did, and nobody was told of it yet: true once, and again when it begins anew. */
  synchronized boolean untoldPoison() {
    boolean fresh = poisonings() > 0 && !poisonTold;
    poisonTold |= fresh;
    return fresh;
  }

  /** Whether signs of life may be missing that were sent. */
  synchronized boolean crowdOut() {
    return poisonings() > 0 || !now().isEmpty();
  }

  /** Those that were seen of late, by node. */
  synchronized List<Flood> now() {
    long now = nanos.getAsLong();
    List<Flood> floods = new ArrayList<>();
    for (Stream stream : streams.values()) {
      if (stream.flood != null && now - stream.floodedAt > SPOKEN_OF.toNanos()) {
        stream.flood = null;
        stream.told = false;
      }
      if (stream.flood != null) {
        floods.add(stream.flood);
      }
    }
    streams.values().removeIf(one -> one.flood == null && now - one.began > SPOKEN_OF.toNanos());
    floods.sort(Comparator.comparing(Flood::node));
    return floods;
  }

  /** Those that nobody was told of yet; each comes once, and again when it begins anew. */
  synchronized List<Flood> untold() {
    return now().stream()
        .filter(
            flood -> {
              Stream stream = streams.get(flood.node());
              boolean fresh = stream != null && !stream.told;
              if (stream != null) {
                stream.told = true;
              }
              return fresh;
            })
        .toList();
  }
}
