package resguardo.agent.cache;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Placed;

/**
 * Finds content of the base by its digest, for files that were renamed or copied. It keeps the
 * beginning of each digest and where its line is in the cache, 16 bytes each; made only when it is
 * first asked. What it does not know is sent again, so it may be full.
 */
public final class ContentIndex implements AutoCloseable {
  private static final int FIRST_SLOTS = 1 << 12;

  /** 16 MiB of memory, for half as many files and chunks. */
  private static final int MOST_SLOTS = 1 << 20;

  private static final int HEX = 16;
  private static final int DIGITS = 16;

  private final @Nullable Path cache;
  private long[] keys = {};
  private long[] places = {};
  private int used;
  private @Nullable RandomAccessFile lines;

  /**
   * @param cache of the base; absent: there is none, and nothing is found
   */
  public ContentIndex(@Nullable Path cache) {
    this.cache = cache;
  }

  /** A file of the base with this content, that is not cut into chunks. */
  public Optional<Placed> file(Sha256 digest) throws IOException {
    for (int slot = slot(digest); slot >= 0; slot = next(slot, digest)) {
      Placed placed = line(places[slot]);
      if (digest.equals(placed.entry().digest()) && placed.place().chunks().isEmpty()) {
        return Optional.of(placed);
      }
    }
    return Optional.empty();
  }

  /** A chunk of the base with this content; absent when there is none. */
  public @Nullable Chunk chunk(Sha256 digest) throws IOException {
    for (int slot = slot(digest); slot >= 0; slot = next(slot, digest)) {
      for (Chunk chunk : line(places[slot]).place().chunks()) {
        if (chunk.digest().equals(digest)) {
          return chunk;
        }
      }
    }
    return null;
  }

  private static long key(Sha256 digest) {
    return Long.parseUnsignedLong(digest.hex().substring(0, DIGITS), HEX);
  }

  /** The first slot that may be of this digest; -1: none is. */
  private int slot(Sha256 digest) throws IOException {
    load();
    return keys.length == 0 ? -1 : probe(slotOf(key(digest)), key(digest));
  }

  private int next(int slot, Sha256 digest) {
    return probe((slot + 1) & (keys.length - 1), key(digest));
  }

  private int slotOf(long key) {
    return (int) (key >>> 20) & (keys.length - 1);
  }

  private int probe(int from, long key) {
    int slot = from;
    while (places[slot] != 0) {
      if (keys[slot] == key) {
        return slot;
      }
      slot = (slot + 1) & (keys.length - 1);
    }
    return -1;
  }

  private Placed line(long at) throws IOException {
    RandomAccessFile file = lines;
    if (file == null) {
      throw new IllegalStateException("not loaded");
    }
    file.seek(at);
    byte[] line = new byte[file.readInt()];
    file.seek(at + Integer.BYTES + Short.BYTES + file.readUnsignedShort() + Long.BYTES);
    file.readFully(line);
    return CachedLine.placed(line);
  }

  private void load() throws IOException {
    if (lines != null || cache == null) {
      return;
    }
    lines = new RandomAccessFile(cache.toFile(), "r");
    keys = new long[FIRST_SLOTS];
    places = new long[FIRST_SLOTS];
    try (LineCacheReader reader = new LineCacheReader(cache)) {
      long at = Integer.BYTES; // after the number of the format
      for (Optional<CachedLine> line = reader.peek(); line.isPresent(); line = reader.peek()) {
        CachedLine cached = line.get();
        add(cached.placed(), at);
        at += Integer.BYTES + Short.BYTES + cached.name().length() + Long.BYTES;
        at += cached.line().length;
        reader.advance();
      }
    }
  }

  private void add(Placed placed, long at) {
    Sha256 digest = placed.entry().digest();
    if (digest == null || placed.entry().stored() == 0 || placed.place().isNone()) {
      return;
    }
    if (placed.place().chunks().isEmpty()) {
      put(key(digest), at);
    } else {
      placed.place().chunks().forEach(chunk -> put(key(chunk.digest()), at));
    }
  }

  private void put(long key, long at) {
    if (used >= keys.length / 2) {
      if (keys.length >= MOST_SLOTS) {
        return;
      }
      grow();
    }
    int slot = slotOf(key);
    while (places[slot] != 0) {
      slot = (slot + 1) & (keys.length - 1);
    }
    keys[slot] = key;
    places[slot] = at;
    used++;
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldPlaces = places;
    keys = new long[oldKeys.length * 2];
    places = new long[keys.length];
    used = 0;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldPlaces[i] != 0) {
        put(oldKeys[i], oldPlaces[i]);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (lines != null) {
      lines.close();
    }
  }
}
