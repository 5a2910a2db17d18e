package resguardo.agent.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.SourcePath;

class HookFileTest {
  @TempDir Path folder;

  private Path file(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("hooks.json"), json);
    return mode(file, "rw-------");
  }

  private static Path mode(Path path, String mode) throws IOException {
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  @ParameterizedTest
  @CsvSource({
    "/srv/db,db",
    "/srv/db/a/b,db",
    "/srv/db-old,srv",
    "/srv,srv",
    "/srv/db/own,own",
    "/srv/db/owner,db",
    "/home,none",
    "/,none"
  })
  void theHookOfTheLongestPathAtOrAboveCounts(String path, String which) throws Exception {
    Hooks hooks =
        Hooks.load(
            file(
                """
                {"hooks": [{"path": "/srv", "before": ["srv"]}, {"path": "/srv/db/own", "after": ["own"]},
                           {"path": "/srv/db", "before": ["db", "-x"], "timeoutSeconds": 5}]}
                """));
    assertThat(hooks.count()).isEqualTo(3);
    assertThat(
            hooks.of(SourcePath.parse(path)).map(Hook::rule).map(HookFileTest::word).orElse("none"))
        .isEqualTo(which);
  }

  /** The examples of the documentation, also those for databases that are not there in a test. */
  @Test
  void theFilesInTheDocumentationCanBeRead() throws Exception {
    List<String> files = new ArrayList<>();
    try (Stream<Path> pages = Files.walk(Path.of("..", "docs"))) {
      for (Path page :
          (Iterable<Path>) pages.filter(at -> at.toString().endsWith(".md"))::iterator) {
        String text = Files.readString(page).replaceAll("(?m)^(> | {4})", "");
        Pattern.compile("(?ms)^\\{\"hooks\": \\[$.*?^\\]\\}$")
            .matcher(text)
            .results()
            .forEach(found -> files.add(found.group()));
      }
    }
    assertThat(files).hasSizeGreaterThan(3);
    for (String json : files) {
      assertThat(Hooks.load(file(json)).count()).as(json).isPositive();
    }
  }

  private static String word(HookRule rule) {
    return (rule.before() == null ? rule.after() : rule.before()).get(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"hooks\": [{\"path\": \"/srv\"}]}",
        "{\"hooks\": [{\"path\": \"srv\", \"before\": [\"x\"]}]}",
        "{\"hooks\": [{\"path\": \"/srv\", \"before\": []}]}",
        "{\"hooks\": [{\"path\": \"/srv\", \"before\": [\"\"]}]}",
        "{\"hooks\": [{\"path\": \"/srv\", \"before\": [null]}]}",
        "{\"hooks\": [{\"path\": \"/srv\", \"before\": \"pg_dump\"}]}",
        "{\"hooks\": [{\"path\": \"/srv\", \"before\": [\"x\"], \"timeoutSeconds\": 0}]}",
        "{\"hooks\": [{\"path\": \"/srv\", \"before\": [\"x\"], \"timeout\": 5}]}",
        "{\"hooks\": [{\"path\": \"/srv\", \"before\": [\"x\"]}, {\"path\": \"/srv/\", \"after\": [\"x\"]}]}"
      })
  void aFileThatSaysSomethingElseIsRefused(String json) throws Exception {
    Path file = file(json);
    assertThatThrownBy(() -> Hooks.load(file)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw--w----", "rw-----w-", "rwxrwxrwx"})
  void aFileThatOthersMayWriteToIsRefusedByItsName(String mode) throws Exception {
    Path file = mode(file("{\"hooks\": []}"), mode);
    assertThatThrownBy(() -> Hooks.load(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.getFileName() + " can be written by others");
  }

  @Test
  void aFileInAFolderThatOthersMayWriteToIsRefusedAndSoIsALinkToOne() throws Exception {
    Path open = Files.createDirectory(folder.resolve("open"));
    Path file = mode(Files.writeString(open.resolve("f"), "{\"hooks\": []}"), "rw-r--r--");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    assertThat(Hooks.load(link).count()).isZero();
    mode(open, "rwxrwx---");
    assertThatThrownBy(() -> Hooks.load(file)).hasMessageContaining("open can be written");
    assertThatThrownBy(() -> Hooks.load(link)).hasMessageContaining("open can be written");
  }

  @Test
  void aFileThatIsNotThereIsToldAsThat() {
    assertThatThrownBy(() -> Hooks.load(folder.resolve("none"))).isInstanceOf(IOException.class);
  }
}
