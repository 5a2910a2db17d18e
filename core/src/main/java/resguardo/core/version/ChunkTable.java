package resguardo.core.version;

import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * The chunks of one file, of which there may be a hundred thousand, held by several who send such
 * files at once: each takes a third of what it would as an object. Cannot be changed.
 */
final class ChunkTable extends AbstractList<Chunk> implements RandomAccess {
  /** Fewer take little either way. */
  static final int MANY = 1000;

  private final byte[] rows;

  /**
   * @param rows as {@link ChunkRows} has them; belong to this from now on
   */
  ChunkTable(byte[] rows) {
    this.rows = rows;
  }

  /** These, as a list that cannot be changed. */
  static List<Chunk> copyOf(List<Chunk> chunks) {
    if (chunks instanceof ChunkTable table) {
      return table;
    } else if (chunks.size() < MANY) {
      return List.copyOf(chunks);
    }
    ChunkRows rows = new ChunkRows();
    rows.addAll(chunks);
    return rows.toList();
  }

  @Override
  public Chunk get(int index) {
    return ChunkRows.chunk(rows, Objects.checkIndex(index, size()) * ChunkRows.ROW);
  }

  @Override
  public int size() {
    return rows.length / ChunkRows.ROW;
  }
}
