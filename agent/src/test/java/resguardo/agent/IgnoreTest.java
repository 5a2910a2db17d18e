package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class IgnoreTest {
  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  private static final RawPath NAME = RawPath.parse("set");

  @TempDir Path folder;

  private Path set;

  @BeforeEach
  void makeSet() throws IOException {
    set = Files.createDirectory(folder.resolve("set"));
  }

  private void file(String name, String content) throws IOException {
    Path file = set.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private void files(String... names) throws IOException {
    for (String name : names) {
      file(name, name);
    }
  }

  private void rules(String in, String... lines) throws IOException {
    file(in + ".resguardoignore", String.join("\n", lines) + "\n");
  }

  private static BackupOptions exclude(String... patterns) {
    return new BackupOptions(
        List.of(patterns), false, BackupOptions.Codec.GZIP, null, List.of(), false, null);
  }

  private Map<String, Entry> walk(String... excluded) throws Exception {
    Map<String, Entry> found = new LinkedHashMap<>();
    Walks.walk(set, NAME, exclude(excluded), f -> found.put(f.name().text(), f.entry()));
    return found;
  }

  private List<String> names(String... excluded) throws Exception {
    return walk(excluded).keySet().stream()
        .map(name -> name.replaceFirst("set/?", ""))
        .filter(name -> !name.isEmpty())
        .toList();
  }

  /** As in /tmp: there nobody removes what is another's either. */
  @Test
  void inAFolderThatIsStickyOnlyRulesOfItsOwnerCount() throws Exception {
    boolean root = Files.getAttribute(set, "unix:uid").equals(0);
    Assumptions.assumeTrue(root, "only root can make files of others");
    files("a", "mine/b");
    rules("", "*");
    Path file = set.resolve(".resguardoignore");
    Files.setAttribute(file, "unix:uid", 12345);
    assertThat(names()).containsExactly(".resguardoignore");
    Files.setAttribute(set, "unix:mode", 01777);
    assertThat(names()).contains("a", "mine/b");
    assertThat(walk().get("set/.resguardoignore").warning())
        .isEqualTo(Entry.Warning.RULES_NOT_USED);
    Files.setAttribute(set, "unix:uid", 12345);
    assertThat(names()).containsExactly(".resguardoignore");
  }

  /** Each of these was held against {@code git check-ignore}, which says the same. */
  @ParameterizedTest
  @CsvSource({
    "*.tmp,a.tmp,true",
    "*.tmp,d/a.tmp,true",
    "*.tmp,a.tmpx,false",
    "/*.tmp,d/a.tmp,false",
    "/*.tmp,a.tmp,true",
    "d/a,d/a,true",
    "d/a,e/d/a,false",
    "**/d/a,e/d/a,true",
    "d/**,d/e/f,true",
    "e/**/f,e/f,true",
    "e/**/f,e/x/y/f,true",
    "cache/,cache/x,true",
    "cache/,d/cache/x,true",
    "cache/,cache,false",
    "/cache/,d/cache/x,false",
    "a?c,abc,true",
    "a?c,ac,false",
    "a[bx]c,axc,true",
    "a[!bx]c,ayc,true",
    "a[!bx]c,abc,false",
    "a[0-9]c,a5c,true",
    "\\!a,!a,true",
    "\\#a,#a,true",
    "#a,#a,false",
    "a\\*c,a*c,true",
    "a\\*c,abc,false",
    "caf\u00e9,caf\u00e9,true",
    "'a b',a b,true",
    "a.c,abc,false",
    "a+(b){c}$^|,a+(b){c}$^|,true"
  })
  void aPatternMatchesWhatItMatchesInGit(String pattern, String name, boolean leftOut)
      throws Exception {
    file(name, "x");
    assertThat(!names(pattern).contains(name)).isEqualTo(leftOut);
    rules("", pattern);
    assertThat(!names().contains(name)).isEqualTo(leftOut);
  }

  @Test
  void whatIsExcludedIsLeftOutWithAllBelowItAndTheRestStays() throws Exception {
    files("a", "build/x/y", "build/z", "src/build/t", "src/main.c", "src/main.o");
    assertThat(names("build/", "*.o")).containsExactly("a", "src", "src/main.c");
  }

  @Test
  void aFileOfRulesCountsInItsFolderAndBelowAndIsKeptItself() throws Exception {
    files("a.log", "d/a.log", "d/e/a.log", "d/e/b", "f/a.log");
    rules("d/", "# comment", "", "*.log", ".*");
    assertThat(names())
        .containsExactly("a.log", "d", "d/.resguardoignore", "d/e", "d/e/b", "f", "f/a.log");
  }

  @Test
  void nearerRulesOverrideThoseAboveAndAnExclamationMarkBringsBack() throws Exception {
    files("a.log", "keep.log", "d/a.log", "d/b.tmp", "d/e/a.log");
    rules("", "*.log", "!keep.log");
    rules("d/", "!*.log", "*.tmp");
    rules("d/e/", "/a.log");
    assertThat(names())
        .containsExactly(
            ".resguardoignore",
            "d",
            "d/.resguardoignore",
            "d/a.log",
            "d/e",
            "d/e/.resguardoignore",
            "keep.log");
  }

  @Test
  void theOperatorsWordGoesBeforeThatOfFiles() throws Exception {
    files("a.log", "b.tmp", "c.tmp");
    rules("", "!*.log", "*.tmp");
    assertThat(names("*.log", "!b.tmp")).containsExactly(".resguardoignore", "b.tmp");
  }

  @Test
  void whatLiesInAFolderThatIsLeftOutIsNotBroughtBack() throws Exception {
    files("d/a", "d/b");
    rules("d/", "!a");
    assertThat(names("d/", "!d/a")).isEmpty();
  }

  @Test
  void thePathItselfIsNeverLeftOut() throws Exception {
    files("a");
    assertThat(walk("set", "/", ".", "*", "/set/").keySet()).containsExactly("set");
    Path only = Files.writeString(folder.resolve("only"), "x");
    List<Entry> found = new ArrayList<>();
    Walks.walk(only, RawPath.parse("only"), exclude("only", "*"), f -> found.add(f.entry()));
    assertThat(found).hasSize(1);
  }

  @Test
  void patternsOfTheRootOfAllFilesAreRelativeToIt() throws Exception {
    files("a", "d/a");
    List<String> found = new ArrayList<>();
    Walks.walk(set, RawPath.parse(""), exclude("/a"), f -> found.add(f.entry().name().text()));
    assertThat(found).containsExactly("", "d", "d/a");
  }

  @Test
  void namesAreMatchedByTheirBytesWhateverTheyMean() throws Exception {
    Files.write(set.resolve("f"), new byte[0]);
    Process python =
        new ProcessBuilder(
                "python3",
                "-c",
                """
                import os, sys
                os.chdir(os.fsencode(sys.argv[1]))
                for n in [b'x\\xff.tmp', b'x\\xff', b'y\\xfe\\x85z', b'new\\nline', b'keep\\xff']: open(n, 'w')
                open('.resguardoignore', 'wb').write(b'*.tmp\\nx\\xff\\ny??z\\nnew?line\\r\\n')
                """,
                set.toString())
            .inheritIO()
            .start();
    assertThat(python.waitFor()).isZero();
    assertThat(walk().keySet())
        .containsExactly("set", "set/.resguardoignore", "set/f", "%:set/keep%FF");
  }

  @Test
  void aSecondNameOfAFileWhoseFirstIsLeftOutIsTheFile() throws Exception {
    files("a.tmp");
    Files.createLink(set.resolve("b"), set.resolve("a.tmp"));
    Files.createLink(set.resolve("c"), set.resolve("a.tmp"));
    assertThat(walk().get("set/b").type()).isEqualTo(Entry.Type.HARD_LINK);
    Map<String, Entry> found = walk("*.tmp");
    assertThat(found.get("set/b").type()).isEqualTo(Entry.Type.FILE);
    assertThat(found.get("set/c").link()).isEqualTo(RawPath.parse("set/b"));
    assertThat(found).doesNotContainKey("set/a.tmp");
  }

  @Test
  void rulesThatCannotBeUsedAreAWarningOfTheirFileAndNothingIsLeftOutByThem() throws Exception {
    files("huge/a", "bad/a", "bad/b", "long/a", "link/a", "fifo/a", "many/a");
    file("huge/.resguardoignore", "a\n".repeat(600_000));
    file("many/.resguardoignore", "a\n".repeat(10_001));
    rules("bad/", "b", "a[", "*x*x*x*x*");
    rules("long/", "?".repeat(200_000));
    Files.createSymbolicLink(set.resolve("link/.resguardoignore"), Path.of("../bad/a"));
    assertThat(
            new ProcessBuilder("mkfifo", set + "/fifo/.resguardoignore")
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
    Map<String, Entry> found = walk();
    assertThat(found).doesNotContainKey("set/bad/b");
    for (String in : List.of("huge", "bad", "long", "link", "fifo", "many")) {
      assertThat(found).containsKey("set/" + in + "/a");
      assertThat(found.get("set/" + in + "/.resguardoignore").warning())
          .as(in)
          .isEqualTo(Entry.Warning.RULES_NOT_USED);
    }
  }

  /** Each takes memory by its length, and each folder may have its own. */
  @Test
  void rulesThatTakeMoreRoomThanThereIsAreAWarningOfTheirFile() throws Exception {
    files("d/e/a", "d/b", "c");
    String half = ("?".repeat(1000) + "\n").repeat(135);
    rules("", half, "c");
    rules("d/", "b");
    rules("d/e/", half, "a");
    Map<String, Entry> found = walk();
    assertThat(found).containsKey("set/d/e/a").doesNotContainKeys("set/c", "set/d/b");
    assertThat(found.get("set/d/e/.resguardoignore").warning())
        .isEqualTo(Entry.Warning.RULES_NOT_USED);
    assertThat(found.get("set/.resguardoignore").warning()).isNull();
  }

  /** Each is held against each byte of each name, by however many users and folders. */
  @Test
  void ofRulesOfSeveralAsterisksAFewCountAndMoreAreAWarningOfTheirFile() throws Exception {
    files("honest/TestOf.class", "honest/d/bc", "many/b", "folders/b", "above/d/b");
    String slow = "*" + "a".repeat(12) + "*" + "a".repeat(11) + "b\n";
    rules("honest/", "*Test*.class", "d/*b*", "*~$*", "**/*gen*", "x\n".repeat(500));
    rules("many/", slow.repeat(160), "b");
    rules("folders/", ("**/" + slow).repeat(20), "b");
    rules("above/", slow.repeat(100));
    rules("above/d/", slow.repeat(100), "b");
    Map<String, Entry> found = walk();
    assertThat(found).doesNotContainKeys("set/honest/TestOf.class", "set/honest/d/bc");
    for (String of : List.of("honest", "above")) {
      assertThat(found.get("set/" + of + "/.resguardoignore").warning()).as(of).isNull();
    }
    for (String of : List.of("many", "folders", "above/d")) {
      assertThat(found).containsKey("set/" + of + "/b");
      assertThat(found.get("set/" + of + "/.resguardoignore").warning())
          .as(of)
          .isEqualTo(Entry.Warning.RULES_NOT_USED);
    }
  }

  @Test
  void aLineThatIsNoPairOfAsterisksCountsAsOneOfSeveral() throws Exception {
    files("b");
    Files.write(
        set.resolve(".resguardoignore"),
        ("**\u0085\n".repeat(2000) + "b\n").getBytes(StandardCharsets.ISO_8859_1));
    Map<String, Entry> found = walk();
    assertThat(found).containsKey("set/b");
    assertThat(found.get("set/.resguardoignore").warning()).isEqualTo(Entry.Warning.RULES_NOT_USED);
  }

  @Test
  void rulesThatCannotBeUsedAreSoWithoutMakingAVersionOfEachRound() throws Exception {
    files("a");
    file(".resguardoignore", "a\n".repeat(700_000)); // a large file, as files go
    rules("b/", "a[");
    Rounds rounds = new Rounds(set, NAME, folder.resolve("work"), THREADS);
    assertThat(rounds.next(true).totals().warnings()).isEqualTo(2);
    assertThat(rounds.next(false).changed()).isFalse();
    rules("b/", "a");
    Rounds.Round mended = rounds.next(false);
    assertThat(mended.changed()).isTrue();
    assertThat(mended.totals().warnings()).isEqualTo(1);
  }

  @Test
  void otherRulesMakeAnotherVersionAndBringFilesBack() throws Exception {
    files("a.log", "b", "d/c.log");
    Rounds rounds = new Rounds(set, NAME, folder.resolve("work"), THREADS);
    assertThat(rounds.next(true).totals().files()).isEqualTo(3);
    rounds.options(exclude("*.log"));
    assertThat(rounds.next(false).totals().files()).isEqualTo(1);
    assertThat(rounds.next(false).changed()).isFalse();
    assertThat(rounds.lines()).noneMatch(line -> line.contains(".log"));
    rounds.options(BackupOptions.NONE);
    assertThat(rounds.next(false).totals().files()).isEqualTo(3);
    rules("", "d/");
    Rounds.Round byFile = rounds.next(false);
    assertThat(byFile.totals().files()).isEqualTo(3); // the file of rules is one
    assertThat(rounds.lines()).noneMatch(line -> line.contains("set/d"));
    Files.delete(set.resolve(".resguardoignore"));
    assertThat(rounds.next(false).totals().files()).isEqualTo(3);
  }

  @Test
  void whoeverWaitsHearsOfWhatIsLeftOutToo() throws Exception {
    files("a", "b", "c");
    int[] leftOut = {0};
    Walks.walk(
        set,
        NAME,
        exclude("*"),
        new SourceWalker.Visitor() {
          @Override
          public void visit(Found found) {}

          @Override
          public void leftOut() {
            leftOut[0]++;
          }
        });
    assertThat(leftOut[0]).isEqualTo(3);
  }
}
