package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

class LastItemsTest {
  /** The largest that a header can be. */
  private static final int LARGEST = 2 * 1024 * 1024;

  @TempDir Path folder;
  private final Random random = new Random(7);

  private TarReader.Item item(int number, int length) {
    byte[] name = new byte[length];
    random.nextBytes(name);
    for (int i = 0; i < length; i++) {
      name[i] |= 1; // no zero byte
    }
    SortedMap<RawPath, byte[]> attributes = new TreeMap<>();
    for (int i = 0; i < number % 3; i++) {
      attributes.put(RawPath.parse("user." + i), ("v" + number).getBytes(StandardCharsets.UTF_8));
    }
    return new TarReader.Item(
        RawPath.ofBytes(name),
        number % 2 == 0 ? '2' : '5',
        number & 07777,
        0xFFFF_FFFEL - number,
        number,
        -number,
        number,
        0,
        null,
        RawPath.parse("to " + number),
        new Entry.Device(0, 0),
        attributes);
  }

  private static void assertSame(TarReader.Item found, TarReader.Item added) {
    assertThat(found.name()).isEqualTo(added.name());
    assertThat(found.link()).isEqualTo(added.link());
    assertThat(found.type()).isEqualTo(added.type());
    assertThat(found.mode()).isEqualTo(added.mode());
    assertThat(List.of(found.uid(), found.gid())).isEqualTo(List.of(added.uid(), added.gid()));
    assertThat(found.mtimeSeconds()).isEqualTo(added.mtimeSeconds());
    assertThat(found.mtimeNanos()).isEqualTo(added.mtimeNanos());
    assertThat(found.attributes().keySet()).isEqualTo(added.attributes().keySet());
    found
        .attributes()
        .forEach((name, value) -> assertThat(value).isEqualTo(added.attributes().get(name)));
  }

  private List<TarReader.Item> added(LastItems items, int count, int length) throws IOException {
    List<TarReader.Item> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TarReader.Item item = item(i, length);
      added.add(item);
      items.add(item, new Inode(i, -i));
    }
    return added;
  }

  @Test
  void theyComeForwardsAndBackwardsAsTheyWereAddedHoweverManyTheyAre() throws Exception {
    for (int count : List.of(0, 1, 2, 3_000)) {
      try (LastItems items = new LastItems(folder)) {
        List<TarReader.Item> added = added(items, count, 1_000);
        List<TarReader.Item> forwards = new ArrayList<>();
        items.forwards(
            (item, made) -> {
              assertThat(made).isEqualTo(new Inode(forwards.size(), -forwards.size()));
              forwards.add(item);
            });
        List<TarReader.Item> backwards = new ArrayList<>();
        items.backwards((item, made) -> backwards.add(item));
        Collections.reverse(backwards);
        assertThat(forwards).hasSize(count);
        assertThat(backwards).hasSize(count);
        for (int i = 0; i < count; i++) {
          assertSame(forwards.get(i), added.get(i));
          assertSame(backwards.get(i), added.get(i));
        }
      }
    }
  }

  @Test
  void noMoreThanABlockIsInMemoryHoweverManyTheyAre() throws Exception {
    try (LastItems items = new LastItems(folder)) {
      for (int i = 0; i < 600; i++) {
        items.add(item(i, i % 200 == 0 ? LARGEST : 10_000), Inode.NONE);
        assertThat(items.inMemory()).isLessThan(i % 200 == 0 ? LARGEST + 200 : LastItems.BLOCK + 8);
      }
      int[] count = {0};
      items.backwards((item, made) -> count[0]++);
      assertThat(count[0]).isEqualTo(600);
    }
  }

  @Test
  void theFileIsForNobodyElseAndIsLeftBehindByNoProcess() throws Exception {
    try (LastItems items = new LastItems(folder)) {
      added(items, 100, 1_000);
      assertThat(open()).isEmpty(); // few need none
      added(items, 2_000, 1_000);
      assertThat(folder).isEmptyDirectory();
      assertThat(open()).hasSize(1);
      assertThat(Files.getPosixFilePermissions(open().get(0)))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
    assertThat(open()).isEmpty();
  }

  private List<Path> open() throws IOException {
    List<Path> open = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      for (Path one : all.toList()) {
        boolean link = Files.isSymbolicLink(one); // the one of the listing is gone by now
        if (link && Files.readSymbolicLink(one).startsWith(folder.toRealPath())) {
          open.add(one);
        }
      }
    }
    return open;
  }

  @Test
  void theFileTakesNoMoreThanItMayOfWhatIsFree() throws Exception {
    try (LastItems items = new LastItems(folder, 3 * LastItems.BLOCK)) {
      assertThatThrownBy(() -> added(items, 5_000, 1_000))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("more than " + 3 * LastItems.BLOCK);
      assertThat(Files.size(open().get(0))).isBetween(1L, 3L * LastItems.BLOCK);
    }
    assertThat(ScratchFile.most(folder)).isBetween(1L, folder.toFile().getTotalSpace() / 2);
  }

  @Test
  void whereThereIsNoRoomForThemThePlaceIsTold() throws Exception {
    try (LastItems items = new LastItems(folder.resolve("none"))) {
      assertThatThrownBy(() -> added(items, 2_000, 1_000))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(folder.resolve("none").toString());
    }
  }
}
