package resguardo.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import resguardo.core.RawPath;
import resguardo.core.Serial;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.version.Entry;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Placed;
import resguardo.testkit.store.MemoryArchiveStore;

/** Which lines of a manifest are selected, by manifests as they lie in the bucket. */
class SelectionTest {
  @TempDir Path spool;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final TestVersion version = new TestVersion();

  /** The names that are selected, and after how many lines it ended. */
  private record Selected(List<String> names, int linesRead, List<RawPath> missing) {}

  private Selected select(String... asked) throws Exception {
    List<RawPath> names = Arrays.stream(asked).map(RawPath::parse).toList();
    try (FoundLines found =
            FoundLines.of(new VersionCatalog(store), TestVersion.KEY, Serial.first(), names);
        ManifestReader all = new VersionCatalog(store).manifest(TestVersion.KEY, Serial.first())) {
      if (!found.missing().isEmpty()) {
        return new Selected(List.of(), 0, found.missing());
      }
      Selected selected = read(found.selection(), all::nextLine);
      if (!found.kept().isEmpty()) {
        FoundLines again =
            FoundLines.of(new VersionCatalog(store), TestVersion.KEY, Serial.first(), names);
        assertEquals(selected.names(), read(again.selection(), again.lines()).names());
      }
      return selected;
    }
  }

  private static Selected read(Selection selection, VersionArchive.Lines lines) throws Exception {
    List<String> names = new ArrayList<>();
    int read = 0;
    for (Optional<byte[]> line = lines.next();
        line.isPresent() && !selection.isPast();
        line = lines.next()) {
      read++;
      Optional<Placed> placed = selection.of(line.get());
      placed.ifPresent(
          one ->
              names.add(
                  new String(one.entry().name().bytes(), ISO_8859_1)
                      + (one.entry().type() == Entry.Type.HARD_LINK ? " link" : "")));
    }
    return new Selected(names, read, List.of());
  }

  private void stored() throws Exception {
    version.store(store, threads, spool);
  }

  @Test
  void aFolderComesWithWhatIsBelowAndNotWhatOnlyBeginsLikeIt() throws Exception {
    version.files("srv/data", "srv/data/a", "srv/data/b", "srv/data/b/x", "srv/data/b/\u00ff");
    version.files("srv/data/bb", "srv/data/b\u00ff", "srv/data/c");
    stored();
    Selected selected = select("b");
    assertEquals(List.of("srv/data/b", "srv/data/b/x", "srv/data/b/\u00ff"), selected.names());
    assertTrue(selected.linesRead() < 8, "it read on after the last");
    assertEquals(selected, select("/srv/data/b"));
    assertEquals(8, select("/srv/data").names().size());
  }

  @Test
  void whatStandsBothWaysIsTakenFromTheRootOnUnlessItIsAbsolute() throws Exception {
    version.files("srv/data", "srv/data/a", "srv/data/srv", "srv/data/srv/data");
    version.files("srv/data/srv/data/a");
    stored();
    assertEquals(List.of("srv/data/srv/data/a"), select("srv/data/a").names());
    assertEquals(List.of("srv/data/a"), select("/srv/data/a").names());
  }

  @Test
  void namesThatJsonEscapesAndNamesThatAreNoTextAreFound() throws Exception {
    version.files("srv/data", "srv/data/\"\n", "srv/data/%:x", "srv/data/\u00fe");
    stored();
    assertEquals(List.of("srv/data/%:x"), select("%:%25%3Ax").names());
    assertEquals(List.of("srv/data/\"\n"), select("\"\n").names());
    assertEquals(List.of("srv/data/\u00fe"), select("%:%FE").names());
    assertEquals(List.of("srv/data/\"\n", "srv/data/\u00fe"), select("\"*", "%:%FE*").names());
  }

  @Test
  void aLinkToAFileOutsideBecomesTheFile() throws Exception {
    version.files("srv/data", "srv/data/a");
    version.folder("srv/data/m");
    version.add("srv/data/m/one", Entry.Type.HARD_LINK, "srv/data/a");
    version.add("srv/data/m/two", Entry.Type.HARD_LINK, "srv/data/a");
    version.files("srv/data/z");
    stored();
    List<String> made = List.of("srv/data/m", "srv/data/m/one", "srv/data/m/two link");
    assertEquals(made, select("m").names());
    assertEquals(made, select("m*").names());
    assertEquals(List.of("srv/data/m/two"), select("**/two").names());
    assertEquals(List.of("srv/data/a", "srv/data/m/two link"), select("m/two", "a").names());
  }

  @ParameterizedTest
  @CsvSource({
    "*.log, a.log b.log",
    "/srv/data/*.log, a.log b.log",
    "**/*.log, a.log b.log d/c.log d/e/f.log",
    "d/*/f*, d/e/f.log",
    "?.log, a.log b.log",
    "[b-z].log, b.log",
    "d/e*, d/e d/e/f.log",
    "[ad]*, a.log d d/c.log d/e d/e/f.log"
  })
  void aPatternSelectsWhatFitsAndWhatIsBelow(String pattern, String expected) throws Exception {
    version.folder("srv/data").folder("srv/data/d").folder("srv/data/d/e");
    version.files("srv/data/a.log", "srv/data/b.log", "srv/data/d/c.log", "srv/data/d/e/f.log");
    version.files("srv/data/x.txt", "srv/data/zz.txt");
    stored();
    assertEquals(
        Arrays.stream(expected.split(" ")).map(name -> "srv/data/" + name).toList(),
        select(pattern).names());
  }

  @Test
  void aNameThatIsThereIsNotTakenForAPattern() throws Exception {
    version.files("srv/data", "srv/data/a*", "srv/data/ab", "srv/data/b[1]", "srv/data/b1");
    stored();
    assertEquals(List.of("srv/data/a*"), select("a*").names());
    assertEquals(List.of("srv/data/b[1]"), select("/srv/data/b[1]").names());
    assertEquals(List.of("srv/data/b1", "srv/data/b[1]"), select("b*").names());
  }

  @Test
  void ofAPatternOnlyTheLinesThatBeginLikeItAreRead() throws Exception {
    version.files("srv/data", "srv/data/a", "srv/data/b1", "srv/data/b2", "srv/data/c");
    version.files("srv/data/d", "srv/data/e");
    stored();
    Selected selected = select("b*");
    assertEquals(List.of("srv/data/b1", "srv/data/b2"), selected.names());
    assertEquals(5, selected.linesRead());
  }

  @Test
  void whatIsNotThereIsTold() throws Exception {
    version.files("srv/data", "srv/data/ab", "srv/data/b");
    stored();
    assertEquals(List.of(RawPath.parse("a")), select("a").missing());
    assertEquals(List.of(RawPath.parse("zz")), select("b", "zz").missing());
    assertEquals(List.of(RawPath.parse("z*")), select("z*", "*b").missing());
  }

  @Test
  void moreLinesThanAreKeptAreReadAgain() throws Exception {
    String folder = "srv/data/" + "long".repeat(50);
    for (int i = 0; i < 20_000; i++) {
      version.files(folder + "/" + i);
    }
    stored();
    try (FoundLines found =
        FoundLines.of(
            new VersionCatalog(store),
            TestVersion.KEY,
            Serial.first(),
            List.of(RawPath.parse("*")))) {
      assertTrue(found.kept().isEmpty());
      assertEquals(20_000, read(found.selection(), found.lines()).names().size());
    }
  }

  private void links(int many, String name) throws Exception {
    version.folder("srv/data");
    version.folder("srv/data/z");
    for (int i = 100; i < 100 + many; i++) {
      version.files("srv/data/" + i + name);
      version.add("srv/data/z/" + i, Entry.Type.HARD_LINK, "srv/data/" + i + name);
    }
    stored();
  }

  @Test
  void namesOfFilesOutsideTakeNoMoreThanTheirRoom() throws Exception {
    links(600, "n".repeat(16_000));
    assertThatThrownBy(() -> select("z"))
        .isInstanceOf(TooManyLinksException.class)
        .hasMessageContaining("8 MiB")
        .hasMessageContaining("or for the whole version");
    assertEquals(List.of("srv/data/z/699"), select("z/699").names());
    assertEquals(1202, select("/srv/data").names().size());
  }

  /** Each byte of such a name is three in a line. */
  @Test
  void linesOfFilesOutsideTakeNoMoreThanTheirRoom() throws Exception {
    links(200, "\u00fe".repeat(16_000));
    List<RawPath> asked = List.of(RawPath.parse("z"));
    VersionCatalog versions = new VersionCatalog(store);
    try (FoundLines found = FoundLines.of(versions, TestVersion.KEY, Serial.first(), asked)) {
      assertThatThrownBy(() -> read(found.selection(), found.lines()))
          .isInstanceOf(TooManyLinksException.class);
    }
    assertEquals(100, select("z/1*").names().size());
  }

  @Test
  void roomThatIsGivenBackIsThereAgain() throws Exception {
    LinkRoom room = new LinkRoom();
    int half = (int) (LinkRoom.MOST / 2) - LinkRoom.OVERHEAD;
    room.take(half);
    room.take(half);
    room.give(half);
    room.take(half);
    assertThatThrownBy(() -> room.take(1)).isInstanceOf(TooManyLinksException.class);
  }
}
