package resguardo.core.version;

import java.nio.ByteBuffer;
import java.util.AbstractList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import resguardo.core.Sha256;

/**
 * The chunks of one file, of which there may be a hundred thousand, held by several who send such
 * files at once: each takes a third of what it would as an object. Cannot be changed.
 */
final class ChunkTable extends AbstractList<Chunk> implements RandomAccess {
  /** Fewer take little either way. */
  static final int MANY = 1000;

  private static final int DIGEST = 32;
  private static final int ROW = Integer.BYTES + Long.BYTES + 2 * Integer.BYTES + DIGEST;

  private final byte[] rows;

  private ChunkTable(byte[] rows) {
    this.rows = rows;
  }

  /** These, as a list that cannot be changed. */
  static List<Chunk> copyOf(List<Chunk> chunks) {
    if (chunks.size() < MANY) {
      return List.copyOf(chunks);
    }
    return chunks instanceof ChunkTable table ? table : packed(chunks);
  }

  private static ChunkTable packed(List<Chunk> chunks) {
    ByteBuffer rows = ByteBuffer.allocate(Math.multiplyExact(ROW, chunks.size()));
    for (Chunk chunk : chunks) {
      rows.putInt(chunk.archive()).putLong(chunk.offset());
      rows.putInt(chunk.length()).putInt(chunk.raw());
      rows.put(HexFormat.of().parseHex(chunk.digest().hex()));
    }
    return new ChunkTable(rows.array());
  }

  @Override
  public Chunk get(int index) {
    int at = Objects.checkIndex(index, size()) * ROW;
    ByteBuffer row = ByteBuffer.wrap(rows, at, ROW);
    int archive = row.getInt();
    long offset = row.getLong();
    int length = row.getInt();
    int raw = row.getInt();
    byte[] digest = new byte[DIGEST];
    row.get(digest);
    return new Chunk(archive, offset, length, raw, Sha256.ofDigest(digest));
  }

  @Override
  public int size() {
    return rows.length / ROW;
  }
}
