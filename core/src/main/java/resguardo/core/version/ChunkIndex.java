package resguardo.core.version;

import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.Sha256;

/**
 * The chunks of one file by their content, in some bytes for each: a map of a hundred thousand
 * would take several times what the file's line in the manifest is long. Cannot be changed.
 */
public final class ChunkIndex {
  private final List<Chunk> chunks;

  /** One more than the number of a chunk, or 0; what hashes alike lies behind. */
  private final int[] places;

  /** Of these; the list is not changed any more. */
  public ChunkIndex(List<Chunk> chunks) {
    this.chunks = chunks;
    this.places = new int[Integer.highestOneBit(Math.max(1, chunks.size())) * 4];
    for (int i = 0; i < chunks.size(); i++) {
      places[place(chunks.get(i).digest())] = i + 1; // of equal ones, as of zeros, the last
    }
  }

  /** One with this content; absent: there is none. */
  public @Nullable Chunk find(Sha256 digest) {
    int found = places[place(digest)];
    return found == 0 ? null : chunks.get(found - 1);
  }

  /** Where a chunk with this content is, or would be. */
  private int place(Sha256 digest) {
    int hash = digest.hashCode();
    int place = (hash ^ hash >>> 16) & places.length - 1;
    while (places[place] != 0 && !chunks.get(places[place] - 1).digest().equals(digest)) {
      place = place + 1 & places.length - 1;
    }
    return place;
  }
}
