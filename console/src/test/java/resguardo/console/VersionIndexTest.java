package resguardo.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.testkit.versions.MadeEntries;

class VersionIndexTest {
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
}
