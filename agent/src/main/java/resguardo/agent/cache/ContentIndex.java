package resguardo.agent.cache;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.ref.SoftReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Placed;

/**
 * Finds content of the base by its digest, for files that were renamed or copied. It keeps the
 * beginning of each digest and where its line is in the cache, 16 bytes each; made only when it is
 * first asked. What it does not know is sent again, so it may be full. For one thread.
 */
public final class ContentIndex implements AutoCloseable {
  private static final int FEWEST_SLOTS = 1 << 12;
  private static final int MOST_SLOTS = 1 << 20;
  private static final int SLOT_BYTES = 2 * Long.BYTES;

  /** Of the memory there is: two sets are sent at once, and names take as much again. */
  private static final int SHARE = 8;

  /**
   * A slot for each of so many bytes of a cache: files and chunks take twice to five times as many.
   */
  private static final int BYTES_A_SLOT = 32;

  /** Slots that are looked at for one key: in a table that is not full hardly any takes as many. */
  private static final int MOST_PROBES = 64;

  private static final int HEX = 16;
  private static final int DIGITS = 16;

  private final @Nullable Path cache;
  private final long memory;
  private final Sign sign;
  private long[] keys = {};
  private long[] places = {};
  private int used;
  private @Nullable RandomAccessFile lines;

  /** Where the line lies that was read last. */
  private long lastAt;

  /** It may be of a very large file: then it goes before memory is short. */
  private SoftReference<Placed> last = new SoftReference<>(null);

  /** The chunk of it that was found last: usually the one behind it is asked for next. */
  private int lastChunk;

  /** Told of each line while the index is made, as that may take long. */
  public interface Sign {
    /**
     * It goes on.
     *
     * @throws IOException when nobody waits any more
     */
    void goesOn() throws IOException;
  }

  /**
   * @param cache of the base; absent: there is none, and nothing is found
   */
  public ContentIndex(@Nullable Path cache, Sign sign) {
    this(cache, share(Runtime.getRuntime().maxMemory()), sign);
  }

  /**
   * @param memory that it may take, in bytes
   */
  ContentIndex(@Nullable Path cache, long memory, Sign sign) {
    this.cache = cache;
    this.memory = memory;
    this.sign = sign;
  }

  /** How much of the memory of a process it may take, in bytes. */
  static long share(long ofMemory) {
    return ofMemory / SHARE;
  }

  /** How much it takes, in bytes. */
  long inMemory() {
    return (long) keys.length * SLOT_BYTES;
  }

  /** A file of the base with this content, that is not cut into chunks. */
  public Optional<Placed> file(Sha256 digest) throws IOException {
    int slot = slot(digest);
    if (slot >= 0) {
      Placed placed = line(places[slot]);
      if (digest.equals(placed.entry().digest()) && placed.place().chunks().isEmpty()) {
        return Optional.of(placed);
      }
    }
    return Optional.empty();
  }

  /** A chunk of the base with this content; absent when there is none. */
  public @Nullable Chunk chunk(Sha256 digest) throws IOException {
    int slot = slot(digest);
    if (slot < 0) {
      return null;
    }
    List<Chunk> chunks = line(places[slot]).place().chunks();
    for (int i = 0; i < chunks.size(); i++) {
      int at = (lastChunk + i) % chunks.size();
      if (chunks.get(at).digest().equals(digest)) {
        lastChunk = at + 1;
        return chunks.get(at);
      }
    }
    return null;
  }

  private static long key(Sha256 digest) {
    return Long.parseUnsignedLong(digest.hex().substring(0, DIGITS), HEX);
  }

  /** The slot that may be of this digest; -1: none is. */
  private int slot(Sha256 digest) throws IOException {
    load();
    if (keys.length == 0) {
      return -1;
    }
    int slot = probe(key(digest));
    return slot >= 0 && places[slot] != 0 ? slot : -1;
  }

  /** The slot that has this key, or where it would be put; -1: there is no room for it. */
  private int probe(long key) {
    int slot = (int) (key >>> 20);
    for (int i = 0; i < MOST_PROBES; i++, slot++) {
      slot &= keys.length - 1;
      if (places[slot] == 0 || keys[slot] == key) {
        return slot;
      }
    }
    return -1;
  }

  private Placed line(long at) throws IOException {
    Placed known = last.get();
    if (known != null && at == lastAt) {
      return known;
    }
    RandomAccessFile file = lines;
    if (file == null) {
      throw new IllegalStateException("not loaded");
    }
    file.seek(at);
    byte[] line = new byte[file.readInt()];
    file.seek(at + Integer.BYTES + Short.BYTES + file.readUnsignedShort() + Long.BYTES);
    file.readFully(line);
    Placed placed = CachedLine.placed(line);
    last = new SoftReference<>(placed);
    lastAt = at;
    lastChunk = 0;
    return placed;
  }

  private void load() throws IOException {
    if (lines != null || cache == null) {
      return;
    }
    lines = new RandomAccessFile(cache.toFile(), "r");
    // As many as it will need: a table that grows is there twice meanwhile.
    long most = Math.min(MOST_SLOTS, memory / SLOT_BYTES);
    long wanted = Math.max(FEWEST_SLOTS, Files.size(cache) / BYTES_A_SLOT);
    keys = new long[(int) Long.highestOneBit(Math.min(wanted, most))];
    places = new long[keys.length];
    try (LineCacheReader reader = new LineCacheReader(cache)) {
      long at = Integer.BYTES; // after the number of the format
      for (Optional<CachedLine> line = reader.peek(); line.isPresent(); line = reader.peek()) {
        CachedLine cached = line.get();
        add(cached.placed(), at);
        at += Integer.BYTES + Short.BYTES + cached.name().length() + Long.BYTES;
        at += cached.line().length;
        reader.advance();
        sign.goesOn();
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

  /** Of equal content the first is enough: all of a set may be equal. */
  private void put(long key, long at) {
    int slot = used >= keys.length / 4 * 3 ? -1 : probe(key);
    if (slot >= 0 && places[slot] == 0) {
      keys[slot] = key;
      places[slot] = at;
      used++;
    }
  }

  @Override
  public void close() throws IOException {
    if (lines != null) {
      lines.close();
    }
  }
}
