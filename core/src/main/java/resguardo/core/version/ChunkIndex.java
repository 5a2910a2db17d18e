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
      int place = begin(chunks.get(i).digest());
      while (places[place] != 0) {
        place = next(place);
      }
      places[place] = i + 1;
    }
  }

  /** One with this content; absent: there is none. */
  public @Nullable Chunk find(Sha256 digest) {
    for (int place = begin(digest); places[place] != 0; place = next(place)) {
      Chunk chunk = chunks.get(places[place] - 1);
      if (chunk.digest().equals(digest)) {
        return chunk;
      }
    }
    return null;
  }

  private int begin(Sha256 digest) {
    return spread(digest.hashCode()) & places.length - 1;
  }

  private static int spread(int hash) {
    return hash ^ hash >>> 16;
  }

  private int next(int place) {
    return place + 1 & places.length - 1;
  }
}
