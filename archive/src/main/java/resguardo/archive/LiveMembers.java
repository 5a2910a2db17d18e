package resguardo.archive;

import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;

/**
 * Which members of its archives a version needs for its content. A member that only has headers
 * does not count: they can be made again from the entries.
 *
 * <p>Memory is 8 bytes a member, and up to twice that while they are gathered. When there are more
 * than {@link #MOST}, the archive with the most is not followed any further: it is taken for one
 * that is too large to be moved.
 */
public final class LiveMembers {
  /**
   * So many in all archives, in 8 MiB of memory: the content of 256 GiB of small files, at 256 KiB
   * a member, or of 1 TiB of large ones.
   */
  public static final int MOST = 1024 * 1024;

  private final int most;
  private final Map<Integer, MemberSet> archives = new TreeMap<>();
  private final Set<Integer> tooLarge = new HashSet<>();
  private long room;

  /** None yet. */
  public LiveMembers() {
    this(MOST);
  }

  /** None yet, and never more than so many. */
  LiveMembers(int most) {
    this.most = most;
  }

  /** Adds those that the content of this entry lies in. */
  public void add(Placed placed) {
    if (placed.entry().type() != Entry.Type.FILE || placed.entry().stored() == 0) {
      return;
    }
    Place place = placed.place();
    if (!place.chunks().isEmpty()) {
      for (Chunk chunk : place.chunks()) {
        add(chunk.archive(), chunk.offset(), chunk.length());
      }
      return;
    }
    Piece content = place.content() == null ? place.block() : place.content();
    if (content != null) {
      add(content.archive(), content.offset(), content.length());
    }
  }

  private void add(int archive, long offset, int length) {
    if (tooLarge.contains(archive)) {
      return;
    }
    if (offset > MemberSet.LARGEST_OFFSET) {
      giveUp(archive);
      return;
    }
    MemberSet members = archives.computeIfAbsent(archive, number -> new MemberSet());
    room -= members.room();
    members.add(offset, length);
    room += members.room();
    if (room > most) {
      makeRoom();
    }
  }

  /** Some may only have been counted twice; but sorting again and again for a little is slow. */
  private void makeRoom() {
    room = archives.values().stream().mapToLong(MemberSet::count).sum();
    if (room > most / 2) {
      archives.entrySet().stream()
          .max(Comparator.comparingInt(archive -> archive.getValue().count()))
          .ifPresent(largest -> giveUp(largest.getKey()));
    }
  }

  private void giveUp(int archive) {
    tooLarge.add(archive);
    MemberSet members = archives.remove(archive);
    room -= members == null ? 0 : members.room();
  }

  /**
   * How many bytes of an archive are needed; empty when they are in too many members to be known.
   */
  public OptionalLong bytes(int archive) {
    if (tooLarge.contains(archive)) {
      return OptionalLong.empty();
    }
    MemberSet members = archives.get(archive);
    return OptionalLong.of(members == null ? 0 : members.bytes());
  }

  /** Whether members of an archive lie over each other, which is so in none that was written. */
  public boolean overlap() {
    return archives.values().stream().anyMatch(MemberSet::overlaps);
  }

  /** Those of one archive; absent when none are needed, or too many to be known. */
  @Nullable MemberSet of(int archive) {
    return archives.get(archive);
  }
}
