package resguardo.core.version;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.Sha256;
import resguardo.core.stream.LineBuffer;

/**
 * The chunks of one file while they become known, one after the other or not: a file may have a
 * hundred thousand, and each takes a third of what it would as an object. For one thread.
 */
public final class ChunkRows {
  private static final byte[] NONE = {};
  private static final int DIGEST = 32;

  /** Of a chunk, in bytes. The number of its archive is first, 0 where it is not known yet. */
  static final int ROW = Integer.BYTES + Long.BYTES + 2 * Integer.BYTES + DIGEST;

  private byte[] rows = NONE;
  private int size;

  /** One more; absent: {@link #set} says it later. */
  public void add(@Nullable Chunk chunk) {
    int needed = Math.multiplyExact(ROW, size + 1);
    if (needed > rows.length) {
      rows = Arrays.copyOf(rows, LineBuffer.grown(rows.length, needed));
    }
    size++;
    if (chunk != null) {
      set(size - 1, chunk);
    }
  }

  /** All of these. */
  public void addAll(List<Chunk> chunks) {
    chunks.forEach(this::add);
  }

  /** What one is that was added before. */
  public void set(int index, Chunk chunk) {
    ByteBuffer row = ByteBuffer.wrap(rows, index * ROW, ROW);
    row.putInt(chunk.archive()).putLong(chunk.offset());
    row.putInt(chunk.length()).putInt(chunk.raw());
    row.put(HexFormat.of().parseHex(chunk.digest().hex()));
  }

  /** The one that these bytes say, from this offset on. */
  static Chunk chunk(byte[] rows, int at) {
    ByteBuffer row = ByteBuffer.wrap(rows, at, ROW);
    int archive = row.getInt();
    long offset = row.getLong();
    int length = row.getInt();
    int raw = row.getInt();
    byte[] digest = new byte[DIGEST];
    row.get(digest);
    return new Chunk(archive, offset, length, raw, Sha256.ofDigest(digest));
  }

  /** How many were added. */
  public int size() {
    return size;
  }

  /** All of them, which are known by now, as a list that cannot be changed. */
  public List<Chunk> toList() {
    return size == 0 ? List.of() : new ChunkTable(Arrays.copyOf(rows, size * ROW));
  }
}
