package resguardo.agent.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.testkit.versions.MadeEntries;

class LineCacheWriterTest {
  @TempDir Path folder;

  private static void add(LineCacheWriter cache, int length) throws IOException {
    Entry entry = MadeEntries.of("x".repeat(length), Entry.Type.FOLDER, 0);
    cache.add(new Placed(entry, new Place(null, null, List.of())), 1, EntryCodec.write(entry));
  }

  @Test
  void aNameThatDoesNotFitIsRefusedAndNotCut() throws Exception {
    Path file = folder.resolve("cache");
    try (LineCacheWriter cache = new LineCacheWriter(file)) {
      add(cache, 0xffff);
      assertThatThrownBy(() -> add(cache, 0x10000)).isInstanceOf(IOException.class);
      assertThat(cache.finish().totals().entries()).isEqualTo(1);
      try (LineCacheReader read = new LineCacheReader(file)) {
        assertThat(read.peek().orElseThrow().name().length()).isEqualTo(0xffff);
        read.advance();
        assertThat(read.totals().entries()).isEqualTo(1);
      }
    }
  }
}
