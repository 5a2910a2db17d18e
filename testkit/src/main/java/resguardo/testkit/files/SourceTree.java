package resguardo.testkit.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A tree of files that bite, in rows: {@code tree.py} beside this class says what each holds. Made
 * and compared by programs that share nothing with what is tested. All of it can only be made by
 * root.
 */
public final class SourceTree {
  /** No tar has a form for it. */
  public static final String SOCKET = "socket";

  /** Paths that no program can name at once. */
  public static final String DEEP = "deep";

  /** bsdtar takes the name of an attribute as GNU tar escapes it. */
  public static final String ATTRIBUTE_SIGNS = "xattr-signs";

  private final Path script;

  /**
   * @param work where the script is put
   */
  public SourceTree(Path work) throws IOException {
    this.script = work.resolve("tree.py");
    try (InputStream in =
        Objects.requireNonNull(SourceTree.class.getResourceAsStream("tree.py"), "tree.py")) {
      Files.write(script, in.readAllBytes());
    }
  }

  /** Makes these rows in a folder, or all; fails where one cannot be made. */
  public void make(Path folder, String... rows) throws Exception {
    String[] all = rows.length > 0 ? rows : rows().toArray(new String[0]);
    run(words("make", folder, null, all));
  }

  /** All rows there are. */
  public List<String> rows() throws Exception {
    return run(List.of("python3", script.toString(), "rows"))
        .lines()
        .map(line -> line.substring(0, line.indexOf('\t')))
        .toList();
  }

  /**
   * Holds rows of one tree against another: every name, type, mode, owner, time to the nanosecond,
   * content, link, device, extended attribute, ACL, and that what is sparse still is. rsync has to
   * say the same.
   *
   * @param rows absent: all that the first has
   */
  public void assertSame(Path one, Path other, String... rows) throws Exception {
    List<String> found =
        exec(words("compare", one, other, rows))
            .lines()
            .filter(l -> !l.endsWith("\tequal"))
            .toList();
    assertThat(found).isEmpty();
    String[] all = rows.length > 0 ? rows : present(one);
    for (String row : all) {
      if (!row.equals(DEEP)) { // rsync cannot reach it either
        rsyncFindsNothing(one.resolve(row), other.resolve(row));
      }
    }
  }

  private static String[] present(Path tree) throws IOException {
    try (java.util.stream.Stream<Path> rows = Files.list(tree)) {
      return rows.map(row -> String.valueOf(row.getFileName())).toArray(String[]::new);
    }
  }

  private static void rsyncFindsNothing(Path one, Path other) throws Exception {
    assertThat(
            run(
                List.of(
                    "rsync",
                    "-aHAX",
                    "--modify-window=-1", // to the nanosecond
                    "--checksum",
                    "--dry-run",
                    "--itemize-changes",
                    "--delete",
                    "--exclude=/10 GiB", // it would read all of the holes, twice; compared above
                    one + "/",
                    other + "/")))
        .isEmpty();
  }

  private List<String> words(
      String what, Path one, @org.jspecify.annotations.Nullable Path other, String... rows) {
    List<String> words =
        new ArrayList<>(List.of("python3", script.toString(), what, one.toString()));
    if (other != null) {
      words.add(other.toString());
    }
    words.addAll(Arrays.asList(rows));
    return words;
  }

  /** Runs a program, which has to succeed. */
  public static String run(List<String> words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", String.join(" ", words), said).isZero();
    return said;
  }

  private static String exec(List<String> words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
