package resguardo.archive;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import resguardo.core.version.Chunk;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;

/**
 * One archive of what a version needs of several, which it then needs no more. Members are moved as
 * they are, never inflated, in the order in which the entries want them. It is an ordinary tar: a
 * block holds whole entries, and chunks get a header and padding of their own. For one thread.
 *
 * <p>Memory is 8 bytes for each member that is moved, beside those of {@link LiveMembers}.
 */
public final class MergedArchive {
  private static final long NOT_YET = -1;

  private final MemberDeflater deflater;
  private final int number;
  private final Target target;
  private final Set<Integer> retired;
  private final LiveMembers live;
  private final Map<Integer, long[]> offsets = new HashMap<>();
  private long written;

  /** Takes the archive's bytes, in order. */
  public interface Target {
    /** A member that is new. */
    void write(byte[] member) throws IOException;

    /** A member of another archive. */
    void copy(Piece member) throws IOException;
  }

  /**
   * @param deflater for the headers of chunks
   * @param number of the archive that is made
   * @param retired archives that are not to be needed any more; of the same codec as the deflater
   * @param live what the entries need, all of them
   */
  public MergedArchive(
      MemberDeflater deflater, int number, Set<Integer> retired, LiveMembers live, Target target) {
    this.deflater = deflater;
    this.number = number;
    this.retired = Set.copyOf(retired);
    this.live = live;
    this.target = target;
    for (int archive : retired) {
      MemberSet members = live.of(archive);
      long[] places = new long[members == null ? 0 : members.count()];
      Arrays.fill(places, NOT_YET);
      offsets.put(archive, places);
    }
  }

  /**
   * The next entry, with the place where it lies from now on.
   *
   * @throws IOException when its members cannot be moved
   */
  public Placed moved(Placed placed) throws IOException {
    Place place = placed.place();
    if (place.pieces().noneMatch(piece -> retired.contains(piece.archive()))) {
      return placed;
    }
    return new Placed(
        placed.entry(),
        new Place(moved(place.block()), moved(place.content()), moved(place.chunks())));
  }

  /** Absent too where only a header was: it is made anew from its entry. */
  private @Nullable Piece moved(@Nullable Piece piece) throws IOException {
    if (piece == null || !retired.contains(piece.archive())) {
      return piece;
    }
    int index = index(piece.archive(), piece.offset());
    if (index < 0) {
      return null;
    }
    long[] places = places(piece.archive());
    if (places[index] == NOT_YET) {
      places[index] = copied(piece);
    }
    return new Piece(number, places[index], piece.length(), piece.raw(), piece.start());
  }

  private int index(int archive, long offset) {
    MemberSet members = live.of(archive);
    return members == null ? -1 : members.index(offset);
  }

  private long[] places(int archive) {
    return offsets.getOrDefault(archive, new long[0]);
  }

  private long copied(Piece member) throws IOException {
    long at = written;
    target.copy(member);
    written += member.length();
    return at;
  }

  private List<Chunk> moved(List<Chunk> chunks) throws IOException {
    List<Chunk> fresh = notYetThere(chunks);
    if (!fresh.isEmpty()) {
      addEntry(fresh);
    }
    List<Chunk> moved = new ArrayList<>(chunks.size());
    for (Chunk chunk : chunks) {
      moved.add(retired.contains(chunk.archive()) ? there(chunk) : chunk);
    }
    return moved;
  }

  private Chunk there(Chunk chunk) throws IOException {
    long at = places(chunk.archive())[known(chunk)];
    return new Chunk(number, at, chunk.length(), chunk.raw(), chunk.digest());
  }

  private int known(Chunk chunk) throws IOException {
    int index = index(chunk.archive(), chunk.offset());
    if (index < 0) {
      throw new IOException("a chunk that was not there when the members were counted");
    }
    return index;
  }

  /** Those that are still to be moved, each once. */
  private List<Chunk> notYetThere(List<Chunk> chunks) throws IOException {
    List<Chunk> fresh = new ArrayList<>();
    Set<Piece> seen = new HashSet<>();
    for (Chunk chunk : chunks) {
      if (retired.contains(chunk.archive())
          && places(chunk.archive())[known(chunk)] == NOT_YET
          && seen.add(chunk.piece())) {
        fresh.add(chunk);
      }
    }
    return fresh;
  }

  /** One tar entry for all of them: so they lie side by side, as those of a whole archive do. */
  private void addEntry(List<Chunk> fresh) throws IOException {
    long size = fresh.stream().mapToLong(Chunk::raw).sum();
    write(TarHeaders.of(ArchiveWriter.chunkEntry(fresh.get(0).digest(), size)));
    for (Chunk chunk : fresh) {
      places(chunk.archive())[known(chunk)] = copied(chunk.piece());
    }
    int padding = TarHeaders.padding(size);
    if (padding > 0) {
      write(new byte[padding]);
    }
  }

  private void write(byte[] block) throws IOException {
    byte[] member = deflater.member(block, block.length);
    target.write(member);
    written += member.length;
  }

  /**
   * Ends the archive.
   *
   * @return its size; 0 when nothing had to be moved: then there is none
   */
  public long finish() throws IOException {
    if (written > 0) {
      write(new byte[ArchiveWriter.END]);
    }
    return written;
  }
}
