package resguardo.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import resguardo.core.RawPath;
import resguardo.core.Serial;
import resguardo.core.Sha256;
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

  private FoundLines found(List<RawPath> names) throws Exception {
    Lookup lookup = new Lookup(spool, (entries, bytes) -> {});
    return FoundLines.takenOut(
        new VersionCatalog(store), TestVersion.KEY, Serial.first(), names, lookup);
  }

  private Selected select(String... asked) throws Exception {
    List<RawPath> names = Arrays.stream(asked).map(RawPath::parse).toList();
    try (FoundLines found = found(names);
        ManifestReader all = new VersionCatalog(store).manifest(TestVersion.KEY, Serial.first())) {
      if (!found.missing().isEmpty()) {
        return new Selected(List.of(), 0, found.missing());
      }
      Selected selected = read(found.selection(), all::nextLine);
      if (!found.kept().isEmpty()) {
        FoundLines again = found(names);
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
    try (FoundLines found = found(List.of(RawPath.parse("*")))) {
      assertTrue(found.kept().isEmpty());
      assertEquals(20_000, read(found.selection(), found.lines()).names().size());
    }
  }

  private static String name(int i, int length) {
    return "srv/data/" + i + "n".repeat(length);
  }

  /** More of them than are in memory, of which some have several names inside. */
  @Test
  void manyLinksToFilesOutsideBecomeTheFilesToo() throws Exception {
    int many = 400;
    version.folder("srv/data").folder("srv/data/z");
    for (int i = 1000; i < 1000 + many; i++) {
      version.file(name(i, 2000), ("" + i).getBytes(ISO_8859_1));
      version.add(
          "srv/data/z/" + (i + 3000), Entry.Type.HARD_LINK, name(2 * 1000 + many - 1 - i, 2000));
      if (i % 3 == 0) {
        version.add("srv/data/z/" + (i + 6000), Entry.Type.HARD_LINK, name(i, 2000));
      }
      version.add("srv/data/z/" + (i + 8000), Entry.Type.HARD_LINK, "srv/data/z/a" + i);
      version.file("srv/data/z/a" + i, new byte[] {1});
    }
    stored();
    List<RawPath> asked = List.of(RawPath.parse("z"));
    int files = 0;
    int links = 0;
    try (FoundLines found = found(asked)) {
      assertTrue(found.kept().isEmpty());
      VersionArchive.Lines lines = found.lines();
      for (Optional<byte[]> line = lines.next(); line.isPresent(); line = lines.next()) {
        Entry entry = found.selection().of(line.get()).map(Placed::entry).orElse(null);
        String name = entry == null ? "" : entry.name().text();
        if (name.matches("srv/data/z/4...")) {
          int of = 2 * 1000 + many - 1 - (Integer.parseInt(name.substring(11)) - 3000);
          assertEquals(Entry.Type.FILE, entry.type());
          assertEquals(Sha256.of(("" + of).getBytes(ISO_8859_1)), entry.digest());
          files++;
        } else if (name.matches("srv/data/z/7...")) {
          int first = 2 * 1000 + many - 1 - (Integer.parseInt(name.substring(11)) - 6000) + 3000;
          assertEquals(Entry.Type.HARD_LINK, entry.type());
          assertEquals(RawPath.parse("srv/data/z/" + first), entry.link());
          links++;
        } else if (name.matches("srv/data/z/9...")) {
          int number = Integer.parseInt(name.substring(11)) - 8000;
          assertEquals(RawPath.parse("srv/data/z/a" + number), entry.link(), "it is inside");
        }
      }
    }
    assertEquals(many, files);
    assertEquals(133, links);
    try (Stream<Path> left = Files.list(spool)) {
      assertEquals(0, left.count());
    }
  }

  /** As where what is listed is not taken out: that costs what any other folder does. */
  @Test
  void linksAreListedAsTheyStandAndTheManifestIsReadOnce() throws Exception {
    version.files("srv/data", "srv/data/a").folder("srv/data/m");
    version.add("srv/data/m/one", Entry.Type.HARD_LINK, "srv/data/a");
    stored();
    Lookup nowhere = new Lookup(spool.resolve("absent"), (entries, bytes) -> {});
    VersionCatalog versions = new VersionCatalog(store);
    List<RawPath> asked = List.of(RawPath.parse("m"));
    try (FoundLines found =
        FoundLines.listed(versions, TestVersion.KEY, Serial.first(), asked, nowhere)) {
      assertEquals(2, found.kept().size());
      assertEquals(
          List.of("srv/data/m", "srv/data/m/one link"),
          read(found.selection(), found.lines()).names());
    }
  }

  @Test
  void oneFolderWithAllNamesOfItsFilesIsReadOnce() throws Exception {
    version.files("srv/data", "srv/data/a/x", "srv/data/b/y");
    version.add("srv/data/b/z", Entry.Type.HARD_LINK, "srv/data/a/x");
    stored();
    try (FoundLines found = found(List.of(RawPath.parse("a"), RawPath.parse("b")))) {
      assertEquals(3, found.kept().size());
    }
  }
}
