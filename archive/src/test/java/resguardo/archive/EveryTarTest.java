package resguardo.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every tar that Debian has reads what is written: complete archives and deltas. They are taken
 * from the test vectors, and the programs are the real ones.
 */
class EveryTarTest {
  private static final Path VECTORS = Path.of("src/test/vectors");

  @TempDir Path folder;

  /** A program, how it extracts $1 into $2, and what it has no form for. */
  enum Tar {
    GNU("tar -xpzf \"$1\" -C \"$2\""),
    BSD("bsdtar -xpf \"$1\" -C \"$2\""),
    BUSYBOX("busybox tar -xzpf \"$1\" -C \"$2\""),
    PYTHON_TARFILE(
        "python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2],"
            + " filter=\"fully_trusted\")' \"$1\" \"$2\""),
    /** It makes no FIFO, and no link that leads out of its folder: that is told by exit code 2. */
    SEVEN_ZIP(
        "cd \"$2\" && 7z x -so -tgzip \"$1\" | 7z x -si -ttar -y || test $? = 2; rm -f v/fifo"
            + " v/symlink",
        "v/fifo",
        "v/symlink");

    private final String extract;
    private final Set<String> leftOut;

    Tar(String extract, String... leftOut) {
      this.extract = extract;
      this.leftOut = Set.of(leftOut);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWholeArchiveIsRestored(Tar tar) throws Exception {
    Path archive = archives("whole").get(0);
    Path target = Files.createDirectory(folder.resolve("restored"));
    run(tar.extract, archive, target);
    Path expected = folder.resolve("expected.jsonl");
    Files.write(
        expected,
        Files.readAllLines(VECTORS.resolve("whole-expected/000001.jsonl")).stream()
            .filter(line -> tar.leftOut.stream().noneMatch(name -> line.contains('"' + name + '"')))
            .toList());
    run("python3 " + VECTORS.resolve("check.py") + " \"$1\" \"$2\" loosely", target, expected);
  }

  @ParameterizedTest
  @EnumSource
  void eachDeltaIsRestoredWithAllThatIsInIt(Tar tar) throws Exception {
    for (String vector : List.of("deltas", "delta-first", "merged")) {
      for (Path archive : archives(vector)) {
        assertThat(files(tar, archive)).as(archive.toString()).isEqualTo(files(Tar.GNU, archive));
      }
    }
  }

  private String files(Tar tar, Path archive) throws Exception {
    Path target = Files.createTempDirectory(folder, "delta");
    run(tar.extract, archive, target);
    String files = run("cd \"$1\"; find . -type f -print0 | sort -z | xargs -0 sha256sum", target);
    assertThat(files).isNotEmpty();
    return files;
  }

  private static List<Path> archives(String vector) throws Exception {
    try (Stream<Path> all = Files.walk(VECTORS.resolve(vector).resolve("archives"))) {
      List<Path> archives =
          all.filter(Files::isRegularFile).map(Path::toAbsolutePath).sorted().toList();
      assertThat(archives).isNotEmpty();
      return archives;
    }
  }

  private String run(String command, Path... arguments) throws Exception {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    String[] words =
        Stream.concat(
                Stream.of("bash", "-o", "pipefail", "-ec", command, "bash"),
                Arrays.stream(arguments).map(Path::toString))
            .toArray(String[]::new);
    Process process =
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue())
        .as(command + Files.readString(err, ISO_8859_1) + Files.readString(out, ISO_8859_1))
        .isZero();
    return Files.readString(out, ISO_8859_1);
  }
}
