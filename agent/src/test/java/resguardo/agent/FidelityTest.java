package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.Extractor;
import resguardo.core.RawPath;
import resguardo.testkit.files.SourceTree;

/** What bites is archived, and comes back as it was. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class FidelityTest {
  private static final int MIB = 1024 * 1024;

  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  /** JUnit cannot take deep trees away; {@link #clean} does. */
  @TempDir(cleanup = CleanupMode.NEVER)
  Path folder;

  private Path set;
  private Rounds rounds;
  private SourceTree tree;

  @BeforeEach
  void makeRounds() throws Exception {
    set = folder.resolve("set");
    rounds = new Rounds(set, RawPath.parse("set"), folder.resolve("work"), THREADS);
    tree = new SourceTree(folder);
  }

  @AfterEach
  void clean() throws Exception {
    SourceTree.run(List.of("rm", "-rf", folder.toString()));
  }

  private Path composed() throws Exception {
    return Files.write(folder.resolve("composed.tgz"), rounds.composed());
  }

  private Path extracted(Path tgz, String... words) throws Exception {
    Path out = Files.createTempDirectory(folder, "out");
    List<String> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of("-xpzf", tgz.toString(), "-C", out.toString()));
    SourceTree.run(all);
    return out.resolve("set");
  }

  private Path restored(Path tgz) throws Exception {
    Path out = Files.createTempDirectory(folder, "own");
    List<String> warnings = new ArrayList<>();
    try (InputStream tar = new GZIPInputStream(Files.newInputStream(tgz))) {
      new Extractor(out, true, warnings::add).run(tar);
    }
    assertThat(warnings).isEmpty();
    return out.resolve("set");
  }

  @Test
  void attributesAclsAndCapabilitiesComeBackByEveryProgramThatKnowsThem() throws Exception {
    tree.make(set, "xattrs", SourceTree.ATTRIBUTE_SIGNS, "acls", "capabilities", "modes");
    rounds.next(false);
    Path tgz = composed();
    tree.assertSame(set, restored(tgz));
    tree.assertSame(set, extracted(tgz, "tar", "--acls", "--xattrs", "--xattrs-include=*"));
    tree.assertSame(set, extracted(tgz, "bsdtar"), "xattrs", "acls", "capabilities", "modes");
  }

  @Test
  void aChangeOfAttributesAloneIsANewLineAndSendsNoContent() throws Exception {
    tree.make(set, "xattrs", "ordinary");
    rounds.next(false);
    List<String> before = rounds.lines();
    SourceTree.run(List.of("setfattr", "-n", "user.new", "-v", "1", set + "/ordinary/a/b/large"));
    SourceTree.run(List.of("setfattr", "-x", "user.text", set + "/xattrs/f"));
    SourceTree.run(List.of("setfacl", "-m", "u:1000:r", set + "/ordinary/a"));
    Rounds.Round second = rounds.next(false);
    assertThat(second.changed()).isTrue();
    assertThat(second.archive()).isEmpty();
    assertThat(rounds.lines()).hasSameSizeAs(before);
    assertThat(rounds.lines().stream().filter(line -> !before.contains(line))).hasSize(3);
    tree.assertSame(set, restored(composed()));
    assertThat(rounds.next(false).changed()).isFalse();
  }

  @Test
  void sparseFilesStaySmallAndComeBackSparse() throws Exception {
    tree.make(set, "sparse");
    Rounds.Round first = rounds.next(false);
    assertThat(first.archive().length).isLessThan(40 * MIB);
    assertThat(first.totals().bytes()).isLessThan(40 * MIB);
    Path tgz = composed();
    tree.assertSame(set, restored(tgz));
    tree.assertSame(set, extracted(tgz, "tar"));
    tree.assertSame(set, extracted(tgz, "bsdtar"));
    try (RandomAccessFile file = new RandomAccessFile(set + "/sparse/10 GiB", "rw")) {
      file.seek(3L << 30);
      file.write(new byte[] {1, 2, 3});
      file.setLength(11L << 30);
    }
    SourceTree.run(List.of("fallocate", "-p", "-o", "8MiB", "-l", "1MiB", set + "/sparse/large"));
    assertThat(rounds.next(false).archive().length).isLessThan(4 * MIB);
    tree.assertSame(set, restored(composed()));
    assertThat(rounds.next(false).changed()).isFalse();
  }

  @Test
  void tarsThatDoNotKnowSparseFilesRestoreAllElseAndPutTheseWhereNobodyTakesThemForIt()
      throws Exception {
    tree.make(set, "sparse", "ordinary");
    rounds.next(false);
    Path tgz = composed();
    Path python = Files.createTempDirectory(folder, "python");
    SourceTree.run(
        List.of(
            "python3",
            "-c",
            "import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2],"
                + " filter='fully_trusted')",
            tgz.toString(),
            python.toString()));
    for (String name : List.of("all hole", "hole last", "odd end", "many parts", "large")) {
      Path restored = python.resolve("set/sparse").resolve(name);
      SourceTree.run(List.of("cmp", set + "/sparse/" + name, restored.toString()));
    }
    Path busybox = Files.createTempDirectory(folder, "busybox");
    SourceTree.run(List.of("busybox", "tar", "-xzpf", tgz.toString(), "-C", busybox.toString()));
    Path seven = Files.createTempDirectory(folder, "seven");
    SourceTree.run(
        List.of(
            "sh",
            "-c",
            "cd \"$1\" && 7z x -so -tgzip \"$0\" | 7z x -si -ttar -y",
            tgz.toString(),
            seven.toString()));
    for (Path other : List.of(busybox, seven)) {
      assertThat(other.resolve("set/sparse/odd end")).doesNotExist();
      assertThat(other.resolve("set/sparse/GNUSparseFile.0/odd end")).exists();
      SourceTree.run(
          List.of("diff", "-r", set + "/ordinary", other.resolve("set/ordinary").toString()));
    }
  }

  @Test
  void everyRowIsRestoredByTheExtractorPathsLongerThanTheSystemTakesToo() throws Exception {
    tree.make(set);
    rounds.next(false);
    List<String> rows = new ArrayList<>(tree.rows());
    rows.remove(SourceTree.SOCKET);
    tree.assertSame(set, restored(composed()), rows.toArray(new String[0]));
  }
}
