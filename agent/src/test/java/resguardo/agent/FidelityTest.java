package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
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
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  /** JUnit cannot take deep trees away; {@link #clean} does. */
  @TempDir(cleanup = CleanupMode.NEVER)
  Path folder;

  private Path set;
  private Rounds rounds;
  private SourceTree tree;

  @AfterAll
  static void endThreads() {
    THREADS.shutdown();
  }

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
}
