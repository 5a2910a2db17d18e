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
    assertThat(names(index.search(item("srv"), "one", 10)))
        .containsExactly("srv/a/deep/One.TXT", "srv/b/one");
    assertThat(names(index.search(item("srv/b"), "ONE", 10))).containsExactly("srv/b/one");
    assertThat(index.search(item("srv"), "o", 1))
        .as("one more says that there are more")
        .hasSize(2);
    assertThat(index.search(item("srv"), "srv/b", 10)).isEmpty();
  }
}
