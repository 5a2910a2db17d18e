package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;
import resguardo.testkit.files.SourceTree;

/**
 * The files that bite, over the whole pipeline and back by each way there is. Needs root, and a
 * file system for temporary files that takes extended attributes.
 */
class FidelityTest {
  /** Deep trees are more than JUnit can take away; {@link #end} does. */
  @TempDir(cleanup = CleanupMode.NEVER)
  static Path folder;

  private static Pipeline pipeline;
  private static SourceTree tree;

  @BeforeAll
  static void start() throws Exception {
    pipeline = new Pipeline(folder);
    pipeline.startOfEach("alpha");
    pipeline.agentOfLessPower("beta");
    tree = new SourceTree(folder);
    System.out.print("files that bite lie on: " + Pipeline.run("stat", "-fc%T", folder.toString()));
  }

  @AfterAll
  static void end() throws Exception {
    if (pipeline != null) {
      pipeline.close();
    }
    Pipeline.run("rm", "-rf", folder.toString());
  }

  private static String[] rowsWithout(String... left) throws Exception {
    List<String> rows = new ArrayList<>(tree.rows());
    rows.removeAll(Arrays.asList(left));
    return rows.toArray(new String[0]);
  }

  private static Path restoredByAdmin(String node, Path data) throws Exception {
    Path to = Files.createTempDirectory(folder, "admin");
    Pipeline.Result result =
        pipeline.admin("restore", "--node", node, "--path", data.toString(), "--to", to.toString());
    assertThat(result.exit()).as(result.err()).isZero();
    assertThat(result.err()).doesNotContain("lacks attributes", "was not made", "another time");
    return Path.of(to + data.toString());
  }

  private static Path extracted(Path tgz, Path data, String... words) throws Exception {
    Path to = Files.createTempDirectory(folder, "tar");
    List<String> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(List.of("-xpzf", tgz.toString(), "-C", to.toString()));
    Pipeline.run(all.toArray(new String[0]));
    return Path.of(to + data.toString());
  }

  @Test
  void whatBitesComesBackEqualByEveryWay() throws Exception {
    Path data = pipeline.data("bites");
    String[] rows = rowsWithout(SourceTree.DEEP); // GNU tar cannot make it
    tree.make(data, rows);
    pipeline.register("alpha", data, 3);
    pipeline.awaitVersions("alpha", data, 1);
    String[] restorable = rowsWithout(SourceTree.DEEP, SourceTree.SOCKET);
    tree.assertSame(data, restoredByAdmin("alpha", data), restorable);
    Path tgz = pipeline.queried("alpha", data);
    assertThat(Files.size(tgz)).isLessThan(60 << 20); // of more than 10 GiB
    tree.assertSame(
        data, extracted(tgz, data, "tar", "--acls", "--xattrs", "--xattrs-include=*"), restorable);
    // Of a time before 1970 with a fraction, of any tar, bsdtar adds what it has to take away.
    tree.assertSame(
        data,
        extracted(tgz, data, "bsdtar"),
        rowsWithout(SourceTree.DEEP, SourceTree.SOCKET, SourceTree.ATTRIBUTE_SIGNS, "times"));
    Pipeline.Result shown = pipeline.admin("show", "--node", "alpha", "--path", data.toString());
    assertThat(shown.out()).containsPattern("s\\d{4} .*/socket/socket\n");
  }

  @Test
  void aPathLongerThanTheSystemTakesIsBackedUpAndRestored() throws Exception {
    Path data = pipeline.data("long");
    tree.make(data, SourceTree.DEEP);
    pipeline.register("alpha", data, 3);
    pipeline.awaitVersions("alpha", data, 1);
    tree.assertSame(data, restoredByAdmin("alpha", data));
  }

  @Test
  void itComesBackByTheGuideOfTheBucketToo() throws Exception {
    Path data = pipeline.data("guided");
    tree.make(data, "ordinary", "sparse", "xattrs");
    pipeline.register("alpha", data, 3);
    pipeline.awaitVersions("alpha", data, 1);
    // A second version lies in two archives, and is put together by the lines of the guide.
    tree.make(data, "acls", "capabilities", "modes", "times", "not-utf8");
    pipeline.awaitVersions("alpha", data, 2);
    pipeline.awaitUnchanged("alpha", data);
    Path restored = pipeline.guided("alpha", data, Path.of("/dev/null"));
    tree.assertSame(data, Path.of(restored + data.toString()));
    tree.assertSame(data, restoredByAdmin("alpha", data));
  }

  @Test
  void whatMayNotBeReadIsToldAndTheRestIsThere() throws Exception {
    Path data = pipeline.data("denied");
    Files.writeString(data.resolve("readable"), "x");
    Files.writeString(data.resolve("secret"), "y");
    Files.createDirectory(data.resolve("closed"));
    Files.writeString(data.resolve("closed/in it"), "z");
    Pipeline.run("chmod", "000", data + "/secret", data + "/closed");
    pipeline.register("beta", data, 3);
    pipeline.awaitVersions("beta", data, 1);
    assertThat(pipeline.history("beta", data).versions().get(0).totals().warnings()).isEqualTo(2);
    Pipeline.Result shown = pipeline.admin("show", "--node", "beta", "--path", data.toString());
    assertThat(shown.out())
        .containsPattern("-0000 .*/secret  \\[UNREADABLE]")
        .containsPattern("d0000 .*/closed  \\[UNREADABLE]")
        .doesNotContain("in it");
    Path restored = restoredByAdmin("beta", data);
    assertThat(restored.resolve("readable")).hasContent("x");
    assertThat(restored.resolve("secret")).doesNotExist();
  }

  @Test
  void whatIsNotMountedAnyMoreIsNoEmptyVersion() throws Exception {
    Path data = pipeline.data("mounted");
    Assumptions.assumeTrue(mounted(data), "this machine lets nobody mount");
    try {
      Files.writeString(data.resolve("f"), "x");
      pipeline.register("alpha", data, 3);
      pipeline.awaitVersions("alpha", data, 1);
      pipeline.awaitQuiet();
    } finally {
      Pipeline.run("umount", "--lazy", data.toString());
    }
    await()
        .atMost(Pipeline.PATIENCE)
        .until(
            () ->
                pipeline.list().stream()
                    .filter(line -> line.key().path().toString().equals(data.toString()))
                    .map(Answer.RegistrationLine::status)
                    .filter(Objects::nonNull)
                    .anyMatch(FidelityTest::saysNotMounted));
    assertThat(pipeline.history("alpha", data).versions()).hasSize(1);
  }

  private static boolean mounted(Path data) throws Exception {
    return new ProcessBuilder("mount", "-t", "tmpfs", "none", data.toString()).start().waitFor()
        == 0;
  }

  private static boolean saysNotMounted(Status status) {
    return status.lastOutcome() == Status.Outcome.FAILED
        && String.valueOf(status.lastReason()).contains("is not mounted any more");
  }
}
