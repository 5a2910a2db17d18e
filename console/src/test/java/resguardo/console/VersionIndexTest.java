package resguardo.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.ScratchFile;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Extent;
import resguardo.testkit.versions.MadeEntries;

class VersionIndexTest {
  @TempDir Path folder;

  @AutoClose private VersionIndex index;

  @BeforeEach
  void fill() throws Exception {
    index = new VersionIndex();
    add("srv", Entry.Type.FOLDER, 0);
    add("srv/a", Entry.Type.FOLDER, 0);
    add("srv/a/deep", Entry.Type.FOLDER, 0);
    add("srv/a/deep/One.TXT", Entry.Type.FILE, 3);
    add("srv/a/two", Entry.Type.FILE, 4);
    add("srv/a-b", Entry.Type.FILE, 5);
    add("srv/b", Entry.Type.FOLDER, 0);
    add("srv/b/one", Entry.Type.FILE, 6);
    add("srv/c", Entry.Type.FILE, 7);
    index.complete();
  }

  private void add(String name, Entry.Type type, long size) throws Exception {
    byte[] line = EntryCodec.write(MadeEntries.of(name, type, size));
    index.add(line, line.length);
  }

  private static List<String> names(List<VersionIndex.Item> items) {
    return items.stream().map(item -> item.entry().name().text()).toList();
  }

  private VersionIndex.Item item(String name) throws Exception {
    return index.find(RawPath.parse(name)).orElseThrow();
  }

  @Test
  void aFolderHasWhatIsInItAndNotWhatIsBelow() throws Exception {
    VersionIndex.Listing root = index.children(item("srv"), 0, 10);
    assertThat(names(root.items())).containsExactly("srv/a", "srv/a-b", "srv/b", "srv/c");
    assertThat(root.total()).isEqualTo(4);
    assertThat(names(index.children(item("srv"), 1, 2).items()))
        .containsExactly("srv/a-b", "srv/b");
    assertThat(index.children(item("srv"), 1, 2).total()).isEqualTo(4);
    assertThat(names(index.children(item("srv/a/deep"), 0, 10).items()))
        .containsExactly("srv/a/deep/One.TXT");
    assertThat(index.children(item("srv/c"), 0, 10).items()).isEmpty();
  }

  @Test
  void aFolderIsAsLargeAsAllBelowIt() throws Exception {
    assertThat(item("srv").bytes()).isEqualTo(25);
    assertThat(item("srv").below()).isEqualTo(8);
    assertThat(item("srv/a").bytes()).isEqualTo(7);
    assertThat(item("srv/a").below()).isEqualTo(3);
    assertThat(item("srv/c").bytes()).isEqualTo(7);
  }

  @Test
  void eachIsFoundByItsNameAndNothingElseIs() throws Exception {
    for (String name : List.of("srv", "srv/a", "srv/a/deep/One.TXT", "srv/a-b", "srv/c")) {
      assertThat(item(name).entry().name().text()).isEqualTo(name);
    }
    assertThat(index.find(RawPath.parse("srv/a/"))).isEmpty();
    assertThat(index.find(RawPath.parse("etc/passwd"))).isEmpty();
    assertThat(index.find(RawPath.parse(""))).isEmpty();
  }

  @Test
  void aTextIsFoundInNamesBelowAFolder() throws Exception {
    assertThat(names(index.search(item("srv"), "one", 10).items()))
        .containsExactly("srv/a/deep/One.TXT", "srv/b/one");
    assertThat(names(index.search(item("srv/b"), "ONE", 10).items())).containsExactly("srv/b/one");
    assertThat(index.search(item("srv"), "one", 2).more()).isFalse();
    VersionIndex.Found one = index.search(item("srv"), "o", 1);
    assertThat(names(one.items())).containsExactly("srv/a/deep/One.TXT");
    assertThat(one.more()).isTrue();
    assertThat(index.search(item("srv"), "srv/b", 10).items()).isEmpty();
  }

  /** All holes: they take nothing, and may be as long as can be said. */
  @Test
  void sizesThatAreMoreThanCanBeCountedAreTheMost() throws Exception {
    try (VersionIndex huge = new VersionIndex()) {
      byte[] line = EntryCodec.write(MadeEntries.of("srv", Entry.Type.FOLDER, 0));
      huge.add(line, line.length);
      for (String name : List.of("srv/a", "srv/b", "srv/c")) {
        line = EntryCodec.write(MadeEntries.of(name, Entry.Type.FILE, Long.MAX_VALUE - 1));
        huge.add(line, line.length);
      }
      huge.complete();
      assertThat(huge.find(RawPath.parse("srv")).orElseThrow().bytes()).isEqualTo(Long.MAX_VALUE);
      assertThat(huge.find(RawPath.parse("srv/c")).orElseThrow().bytes()).isNotNegative();
    }
    assertThat(SizeSum.of(2, 3)).isEqualTo(5);
    assertThat(SizeSum.of(Long.MAX_VALUE, 0)).isEqualTo(Long.MAX_VALUE);
  }

  /** As a node may make them: the names of all together would be 20 MiB. */
  @Test
  void ofFoldersInEachOtherWithLongNamesOneNameIsKept() throws Exception {
    try (VersionIndex deep = new VersionIndex()) {
      String part = "/" + "n".repeat(49);
      StringBuilder name = new StringBuilder("srv");
      byte[] line = EntryCodec.write(MadeEntries.of("srv", Entry.Type.FOLDER, 0));
      deep.add(line, line.length);
      for (int i = 0; i < 900; i++) {
        name.append(part);
        line = EntryCodec.write(MadeEntries.of(name.toString(), Entry.Type.FOLDER, 0));
        deep.add(line, line.length);
        assertThat(deep.nameBytes()).isEqualTo(name.length());
      }
      String last = name + "o";
      for (String beside : List.of(last, "srv/o", "srw")) {
        line = EntryCodec.write(MadeEntries.of(beside, Entry.Type.FILE, 1));
        deep.add(line, line.length);
      }
      deep.complete();
      assertThat(deep.nameBytes()).isZero();
      VersionIndex.Item top = deep.find(RawPath.parse("srv")).orElseThrow();
      assertThat(top.below()).isEqualTo(902);
      VersionIndex.Item innermost = deep.find(RawPath.parse(name.toString())).orElseThrow();
      assertThat(innermost.below()).as("what only begins like it is beside it").isZero();
      VersionIndex.Item above =
          deep.find(RawPath.parse(last.substring(0, last.length() - 51))).orElseThrow();
      assertThat(names(deep.children(above, 0, 10).items())).containsExactly(name.toString(), last);
    }
  }

  @Test
  void ofLongNamesThereAreFewerOnAPageAndNoneIsPassedOver() throws Exception {
    try (VersionIndex wide = new VersionIndex()) {
      byte[] line = EntryCodec.write(MadeEntries.of("srv", Entry.Type.FOLDER, 0));
      wide.add(line, line.length);
      for (int i = 100; i < 150; i++) {
        line =
            EntryCodec.write(MadeEntries.of("srv/" + i + "x".repeat(16_000), Entry.Type.FILE, 1));
        wide.add(line, line.length);
      }
      line =
          EntryCodec.write(
              MadeEntries.of("srv/2" + "x".repeat((2 << 20) - 1000), Entry.Type.FILE, 1));
      wide.add(line, line.length);
      wide.complete();
      VersionIndex.Item top = wide.find(RawPath.parse("srv")).orElseThrow();
      int seen = 0;
      int pages = 0;
      for (; seen < 51; pages++) {
        VersionIndex.Listing page = wide.children(top, seen, FilesPage.ROWS);
        assertThat(page.total()).isEqualTo(51);
        assertThat(page.items()).isNotEmpty();
        assertThat(page.items().get(0).number()).isEqualTo(seen + 1);
        long bytes = page.items().stream().mapToLong(item -> item.entry().name().length()).sum();
        assertThat(bytes <= PageRoom.MOST || page.items().size() == 1).isTrue();
        seen += page.items().size();
      }
      assertThat(pages).isGreaterThan(3);
      VersionIndex.Found found = wide.search(top, "x", FilesPage.ROWS);
      assertThat(found.more()).isTrue();
      assertThat(found.items()).hasSizeBetween(1, 16);
    }
  }

  private long files() throws Exception {
    try (Stream<Path> all = Files.list(folder)) {
      return all.count();
    }
  }

  /** A node may say any: in the bucket they are next to nothing. */
  @Test
  void whatIsNotShownTakesNoRoomInTheFileAndTheFileHasNoName() throws Exception {
    Map<String, String> attributes = Map.of("user.a", "A".repeat(1 << 20));
    try (VersionIndex large = new VersionIndex(new ScratchFile(folder, 1 << 20), 1 << 20)) {
      Entry root = MadeEntries.of("srv", Entry.Type.FOLDER, 0);
      List<Entry> entries = new ArrayList<>(List.of(root));
      for (int i = 100; i < 150; i++) {
        String owner = "o".repeat(500_000);
        entries.add(MadeEntries.owned("srv/" + i, Entry.Type.FIFO, 0, owner, owner));
      }
      entries.add(with(MadeEntries.of("srv/x", Entry.Type.FIFO, 0), attributes, null));
      List<Extent> parts =
          LongStream.range(0, 10_000).mapToObj(i -> new Extent(i * 8192, 4096)).toList();
      entries.add(with(MadeEntries.file("srv/y", 1 << 30), Map.of(), parts));
      for (Entry entry : entries) {
        byte[] line = EntryCodec.write(entry);
        large.add(line, line.length);
      }
      large.complete();
      assertThat(files()).isZero();
      assertThat(large.fileBytes()).isLessThan(100L * entries.size());
      VersionIndex.Item top = large.find(RawPath.parse("srv")).orElseThrow();
      List<VersionIndex.Item> items = large.children(top, 0, 100).items();
      assertThat(items).hasSize(52);
      assertThat(items)
          .allSatisfy(
              item -> {
                assertThat(item.entry().user()).isNull();
                assertThat(item.entry().group()).isNull();
                assertThat(item.entry().attributes()).isNull();
                assertThat(item.entry().data()).isNull();
              });
    }
  }

  private static Entry with(Entry entry, Map<String, String> attributes, List<Extent> data) {
    return new Entry(
        entry.name(),
        entry.type(),
        entry.mode(),
        entry.uid(),
        entry.gid(),
        null,
        null,
        entry.mtimeSeconds(),
        entry.mtimeNanos(),
        entry.size(),
        entry.digest(),
        entry.link(),
        entry.device(),
        entry.warning(),
        new TreeMap<>(attributes),
        data);
  }

  /** A file that is saved is held against its digest and its size. */
  @Test
  void whatIsNeededToSaveAFileIsThere() throws Exception {
    Entry file =
        MadeEntries.owned("srv", Entry.Type.FILE, 4096, "root", "root")
            .read(Sha256.of(new byte[] {1}), Entry.Warning.CHANGED_WHILE_READING);
    try (VersionIndex one = new VersionIndex()) {
      byte[] line = EntryCodec.write(file);
      one.add(line, line.length);
      one.complete();
      assertThat(one.find(file.name()).orElseThrow().entry()).isEqualTo(file.bare());
      assertThat(file.bare().digest()).isEqualTo(file.digest());
      assertThat(file.bare().size()).isEqualTo(4096);
      assertThat(file.bare().warning()).isEqualTo(file.warning());
    }
  }

  private static void fill(VersionIndex index) throws Exception {
    byte[] line = EntryCodec.write(MadeEntries.of("srv", Entry.Type.FOLDER, 0));
    index.add(line, line.length);
    for (int i = 100; i < 150; i++) {
      line = EntryCodec.write(MadeEntries.file("srv/" + i + "n".repeat(16_000), 1));
      index.add(line, line.length);
    }
    index.complete();
  }

  @Test
  void moreBytesOfNamesThanItsBoundAreRefusedWithWhatToDo() throws Exception {
    try (VersionIndex bounded =
        new VersionIndex(new ScratchFile(folder, Long.MAX_VALUE), 200_000)) {
      TooLargeException told = catchThrowableOfType(TooLargeException.class, () -> fill(bounded));
      assertThat(told).hasMessageContaining("200000 bytes of names").hasMessageContaining("show");
      assertThat(told.refusal().hint()).contains("admin show", "--entry");
    }
  }

  @Test
  void whereThereIsNoRoomForThemThatIsSaidWithWhatToDo() throws Exception {
    long all;
    try (VersionIndex roomy = new VersionIndex()) {
      fill(roomy);
      all = roomy.fileBytes();
    }
    for (long room : new long[] {200_000, all - 1}) { // as they come, and with the last of them
      try (VersionIndex inLittleRoom =
          new VersionIndex(new ScratchFile(folder, room), Long.MAX_VALUE)) {
        TooLargeException told =
            catchThrowableOfType(TooLargeException.class, () -> fill(inLittleRoom));
        assertThat(told).hasMessageContaining(folder.toString());
        assertThat(told.refusal().hint()).contains("TMPDIR");
      }
    }
  }

  /** What comes takes its time, however little of it is kept. */
  @Test
  void noMoreLinesAreReadThanTheirBound() throws Exception {
    List<Integer> taken = new ArrayList<>();
    BoundedLines lines = new BoundedLines((line, length) -> taken.add(length), 1000);
    byte[] line = new byte[400];
    lines.take(line, 1);
    lines.take(line, 2);
    TooLargeException told =
        catchThrowableOfType(TooLargeException.class, () -> lines.take(line, 3));
    assertThat(told).hasMessageContaining("1000 bytes of entries");
    assertThat(taken).containsExactly(1, 2);
  }

  @Test
  void whoeverWaitsForOneThatIsTooLargeIsToldSo() {
    ExecutionException failed = new ExecutionException(TooLargeException.of("2 entries"));
    Refusal told = catchThrowableOfType(Refusal.class, () -> Manifests.failed(failed));
    assertThat(told.status()).isEqualTo(507);
    assertThat(told).hasMessageContaining("more than 2 entries");
  }
}
