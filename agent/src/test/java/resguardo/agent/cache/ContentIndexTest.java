package resguardo.agent.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.testkit.versions.MadeEntries;

class ContentIndexTest {
  /** For 4096 slots. */
  private static final long LITTLE = 64 * 1024;

  private static final ContentIndex.Sign NONE = () -> {};

  @TempDir Path folder;

  private Path cache;

  @BeforeEach
  void name() {
    cache = folder.resolve("cache");
  }

  private static Sha256 digest(String of) {
    return Sha256.of(of.getBytes(StandardCharsets.UTF_8));
  }

  private static Placed file(int number, String content) {
    Entry entry = MadeEntries.file("f%06d".formatted(number), 7).read(digest(content), null);
    return new Placed(entry, new Place(null, new Piece(1, number * 40L, 40, 7, 0), List.of()));
  }

  private void write(List<Placed> files) throws IOException {
    Path made = folder.resolve("new");
    try (LineCacheWriter lines = new LineCacheWriter(made)) {
      for (Placed file : files) {
        lines.add(file, 1, EntryCodec.write(file));
      }
      lines.finish();
      Files.move(made, cache);
    }
  }

  private static List<Placed> different(int count) {
    List<Placed> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      files.add(file(i, "content " + i));
    }
    return files;
  }

  private static int found(ContentIndex index, List<Placed> files) throws IOException {
    int found = 0;
    for (Placed file : files) {
      List<Placed> same = index.file(file.entry().digest()).stream().toList();
      assertThat(same).isSubsetOf(file);
      found += same.size();
    }
    return found;
  }

  @Test
  void ofManyFilesOfOneContentOnlyTheFirstTakesRoom() throws Exception {
    List<Placed> files = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      files.add(file(i, "the same"));
    }
    files.add(file(10_000, "another"));
    write(files);
    try (ContentIndex index = new ContentIndex(cache, LITTLE, NONE)) {
      assertThat(index.file(digest("the same"))).contains(files.get(0));
      assertThat(index.file(digest("another"))).contains(files.get(10_000));
      assertThat(index.file(digest("none"))).isEmpty();
    }
  }

  @Test
  void withRoomForThemAllAreFoundAndWithoutSomeAreNotKnown() throws Exception {
    List<Placed> files = different(20_000);
    write(files);
    try (ContentIndex index = new ContentIndex(cache, 1 << 24, NONE)) {
      assertThat(found(index, files)).isEqualTo(20_000);
    }
    try (ContentIndex index = new ContentIndex(cache, LITTLE, NONE)) {
      assertThat(found(index, files)).isBetween(3000, 4096);
      assertThat(index.inMemory()).isEqualTo(LITTLE);
    }
  }

  /** With the memory that agents are started with. */
  @Test
  void anIndexTakesAnEighthOfTheMemoryAtMost() throws Exception {
    long memory = 72L << 20;
    write(different(1));
    try (RandomAccessFile file = new RandomAccessFile(cache.toFile(), "rw")) {
      file.setLength(1L << 32); // what is behind the last line is not looked at
    }
    try (ContentIndex index = new ContentIndex(cache, ContentIndex.share(memory), NONE)) {
      assertThat(index.file(digest("content 0"))).isPresent();
      assertThat(index.inMemory()).isBetween(memory / 16, memory / 8);
    }
  }

  @Test
  void whoeverWaitsHearsOfEachLineWhileItIsMade() throws Exception {
    write(different(50));
    int[] told = {0};
    try (ContentIndex index = new ContentIndex(cache, LITTLE, () -> told[0]++)) {
      index.file(digest("none"));
      index.file(digest("none"));
    }
    assertThat(told[0]).isEqualTo(50);
  }

  @Test
  void theLineOfALargeFileIsReadOnceForAllItsChunks() throws Exception {
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      chunks.add(new Chunk(1, i * 1000L, 1000, 1000, digest("chunk " + i)));
    }
    Entry entry = MadeEntries.file("large", 500_000).read(digest("large"), null);
    write(List.of(new Placed(entry, new Place(null, null, chunks))));
    try (ContentIndex index = new ContentIndex(cache, LITTLE, NONE)) {
      assertThat(index.chunk(digest("chunk 300"))).isEqualTo(chunks.get(300));
      try (RandomAccessFile file = new RandomAccessFile(cache.toFile(), "rw")) {
        file.setLength(0); // whoever reads it again fails
      }
      for (Chunk chunk : chunks) {
        assertThat(index.chunk(chunk.digest())).isEqualTo(chunk);
      }
      assertThat(index.chunk(digest("none"))).isNull();
    }
  }
}
