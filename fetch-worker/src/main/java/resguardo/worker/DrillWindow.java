package resguardo.worker;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.catalog.Proof;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;

/**
 * Which entries of a version a drill looks at: from a name on, until so much is read for them;
 * always one at least. A member of small files is read once for the entries that lie in it one
 * after another, and once more for each that comes back to it later, however little of it that is;
 * one of a large file for each chunk. An entry without content takes the time that its line takes.
 * To be asked for all entries, in their order.
 */
final class DrillWindow {
  /** As many as whoever reads them keeps. */
  private static final int MEMBERS = 4;

  /**
   * What it costs to ask a store for one member, however short it is, in bytes that could be read
   * instead. Nearly all that an agent makes are longer.
   */
  private static final int ONE_READ = 64 * 1024;

  private final Deque<Piece> members = new ArrayDeque<>();
  private final @Nullable RawPath after;
  private final long most;
  private boolean leftOut;
  private boolean cut;
  private long bytes;
  private @Nullable RawPath last;

  /**
   * @param after the last name before the window; absent: it begins with the first
   * @param most bytes that are read, but for the last of its entries
   */
  DrillWindow(@Nullable RawPath after, long most) {
    this.after = after;
    this.most = most;
  }

  /**
   * Whether this is in it.
   *
   * @param line bytes of its line in the manifest
   */
  boolean has(Placed placed, int line) {
    Entry entry = placed.entry();
    if (after != null && entry.name().compareTo(after) <= 0) {
      leftOut = true;
      return false;
    }
    if (cut || bytes >= most) {
      cut = true;
      return false;
    }
    last = entry.name();
    bytes += line;
    Place place = placed.place();
    Stream.of(Stream.ofNullable(place.block()), Stream.ofNullable(place.content()))
        .flatMap(pieces -> pieces)
        .forEach(this::read);
    for (Chunk chunk : place.chunks()) {
      bytes += cost(chunk.piece()); // nothing of it is kept
    }
    return true;
  }

  private void read(Piece member) {
    boolean known = members.removeIf(member::sameMember);
    members.addFirst(member);
    if (members.size() > MEMBERS) {
      members.removeLast();
    }
    bytes += known ? 0 : cost(member);
  }

  private static long cost(Piece member) {
    return Math.max(ONE_READ, Math.max(member.raw(), member.length()));
  }

  /** Whether nothing was in it. */
  boolean isEmpty() {
    return last == null;
  }

  /** How much of all it was. */
  Proof.Extent extent() {
    return leftOut || cut ? Proof.Extent.SAMPLE : Proof.Extent.WHOLE;
  }

  /** The last name in it; absent: the last of all is. */
  @Nullable RawPath upTo() {
    return cut ? last : null;
  }
}
