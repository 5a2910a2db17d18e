package resguardo.core.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import resguardo.core.RawPath;
import resguardo.core.Sha256;

class ChunkTableTest {
  private static List<Chunk> chunks(int many) {
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      Sha256 digest = Sha256.of(new byte[] {(byte) i, (byte) (i >> 8)});
      chunks.add(new Chunk(1 + i % 7, (1L << 40) + i * 1000L, 1 + i, 2 + i, digest));
    }
    return chunks;
  }

  private static Entry file() {
    return new Entry(
        RawPath.parse("srv/image"),
        Entry.Type.FILE,
        0644,
        0,
        0,
        null,
        null,
        0,
        0,
        1,
        Sha256.of(new byte[0]),
        null,
        null,
        null);
  }

  @Test
  void aTableIsAsTheListIs() {
    for (int many : new int[] {0, 1, ChunkTable.MANY - 1, ChunkTable.MANY, 3 * ChunkTable.MANY}) {
      List<Chunk> chunks = chunks(many);
      List<Chunk> copy = ChunkTable.copyOf(chunks);
      assertThat(copy instanceof ChunkTable).isEqualTo(many >= ChunkTable.MANY);
      assertThat(copy).isEqualTo(chunks).hasSameHashCodeAs(chunks);
      assertThat(chunks).isEqualTo(copy);
      assertThat(copy.stream().map(Chunk::piece)).hasSize(many);
      chunks.clear();
      assertThat(copy).hasSize(many);
    }
  }

  @Test
  void itCannotBeChangedNorAskedForWhatIsNotThere() {
    List<Chunk> table = ChunkTable.copyOf(chunks(ChunkTable.MANY));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> table.remove(0));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> table.get(ChunkTable.MANY));
    assertThat(ChunkTable.copyOf(table)).isSameAs(table);
  }

  @Test
  void aLineOfManyChunksIsWrittenAndReadAsBefore() throws Exception {
    List<Chunk> chunks = chunks(2 * ChunkTable.MANY);
    Placed placed = new Placed(file(), new Place(null, null, chunks));
    byte[] line = EntryCodec.write(placed);
    assertThat(EntryCodec.read(line)).isEqualTo(placed);
    assertThat(EntryCodec.write(EntryCodec.read(line))).isEqualTo(line);
    assertThat(new String(line, StandardCharsets.US_ASCII))
        .contains("\"k\":[[1,1099511627776,1,2,\"" + chunks.get(0).digest() + "\"],[2,");
  }

  @Test
  void whatBecomesKnownLaterIsInItsPlace() {
    List<Chunk> chunks = chunks(3000);
    ChunkRows rows = new ChunkRows();
    rows.addAll(chunks.subList(0, 10));
    for (int i = 10; i < chunks.size(); i++) {
      rows.add(i % 3 == 0 ? chunks.get(i) : null);
    }
    for (int i = chunks.size() - 1; i >= 10; i--) {
      rows.set(i, chunks.get(i));
    }
    assertThat(rows.size()).isEqualTo(3000);
    assertThat(rows.toList()).isEqualTo(chunks);
    assertThat(new ChunkRows().toList()).isEmpty();
  }

  @Test
  void aChunkIsFoundByItsContent() {
    for (int many : new int[] {0, 1, 2, 3, 4, 5, 1000, 5000}) {
      List<Chunk> chunks = chunks(many);
      ChunkIndex index = new ChunkIndex(chunks);
      for (Chunk chunk : chunks) {
        assertThat(index.find(chunk.digest())).isEqualTo(chunk);
      }
      assertThat(index.find(Sha256.of(new byte[] {1, 2, 3}))).isNull();
    }
  }

  @Test
  void ofEqualChunksOneIsFound() {
    Chunk one = chunks(1).get(0);
    assertThat(new ChunkIndex(Collections.nCopies(1000, one)).find(one.digest())).isEqualTo(one);
  }
}
