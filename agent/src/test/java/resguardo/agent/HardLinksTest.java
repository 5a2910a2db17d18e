package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.archive.Extractor;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;

/** Names of one file, of which some come and go while the file itself stays as it is. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class HardLinksTest {
  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  @TempDir Path folder;

  private Path set;
  private Rounds rounds;

  @BeforeEach
  void makeSet() throws IOException {
    set = Files.createDirectory(folder.resolve("set"));
    rounds = new Rounds(set, RawPath.parse("set"), folder.resolve("work"), THREADS);
    Files.createDirectory(set.resolve("d1"));
    Files.createDirectory(set.resolve("d2"));
    Files.writeString(set.resolve("d1/a"), "what both have");
    Files.createLink(set.resolve("d2/b"), set.resolve("d1/a"));
  }

  private List<String> restored() throws Exception {
    Path out = Files.createTempDirectory(folder, "out");
    List<String> warnings = new ArrayList<>();
    try (GZIPInputStream tar = new GZIPInputStream(new ByteArrayInputStream(rounds.composed()))) {
      new Extractor(out, false, warnings::add).run(tar);
    }
    assertThat(warnings).as("%s", rounds.lines()).isEmpty();
    List<String> files = new ArrayList<>();
    try (var all = Files.walk(out)) {
      for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile).sorted()::iterator) {
        files.add(
            out.relativize(file) + ": " + Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return files;
  }

  @Test
  void theFolderOfTheFirstNameIsRenamedBeyondTheOther() throws Exception {
    rounds.next(false);
    Files.move(set.resolve("d1"), set.resolve("d3"));
    assertThat(rounds.next(false).changed()).isTrue();
    assertThat(restored()).containsExactly("set/d2/b: what both have", "set/d3/a: what both have");
    assertThat(rounds.next(false).changed()).isFalse();
  }

  @Test
  void contentThatIsThereIsNotSentAgainWhereAnotherNameIsTheFirst() throws Exception {
    byte[] content = new byte[3 << 20];
    new Random(1).nextBytes(content);
    Files.write(set.resolve("d1/large"), content);
    Files.createLink(set.resolve("d2/large"), set.resolve("d1/large"));
    Files.write(set.resolve("d1/medium"), Arrays.copyOf(content, 200 << 10));
    Files.createLink(set.resolve("d2/medium"), set.resolve("d1/medium"));
    rounds.next(false);
    Files.move(set.resolve("d1"), set.resolve("d3"));
    assertThat(rounds.next(false).archive().length).isLessThan(100 << 10);
    assertThat(restored()).hasSize(6).allMatch(file -> file.length() > 20);
  }

  @Test
  void whatWasTheFirstNameIsALinkToOneThatComesBeforeItNow() throws Exception {
    rounds.next(false);
    Files.move(set.resolve("d2"), set.resolve("d0"));
    rounds.next(false);
    assertThat(restored()).containsExactly("set/d0/b: what both have", "set/d1/a: what both have");
    assertThat(rounds.lines()).filteredOn(line -> line.contains("\"t\":\"h\"")).hasSize(1);
  }

  @Test
  void theFolderOfTheFirstNameIsRenamedToOneBeforeTheOther() throws Exception {
    rounds.next(false);
    Files.move(set.resolve("d1"), set.resolve("d0"));
    rounds.next(false);
    assertThat(restored()).containsExactly("set/d0/a: what both have", "set/d2/b: what both have");
  }

  @Test
  void theFirstNameIsLeftOutFromNowOn() throws Exception {
    rounds.next(false);
    rounds.options(
        new BackupOptions(
            List.of("/d1"), false, BackupOptions.Codec.GZIP, null, List.of(), false, null));
    rounds.next(false);
    assertThat(restored()).containsExactly("set/d2/b: what both have");
  }

  /** One more name of what both have, which a walk comes by first. */
  private void thirdName() throws IOException {
    Files.createLink(set.resolve("a0"), set.resolve("d1/a"));
  }

  private void whenFound(long entry, Callable<?> what) {
    boolean[] done = {false};
    rounds.meanwhile(
        (entries, bytes) -> {
          if (entries == entry && !done[0]) {
            done[0] = true;
            try {
              what.call();
            } catch (Exception e) {
              throw new IOException(e);
            }
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 2 << 20})
  void theFirstNameIsOfAnotherFileWhenItIsRead(int size) throws Exception {
    thirdName();
    String before = "x".repeat(size);
    Files.writeString(set.resolve("d1/a"), before);
    Path other = Files.writeString(folder.resolve("other"), "y".repeat(size));
    whenFound(2, () -> Files.move(other, set.resolve("a0"), StandardCopyOption.REPLACE_EXISTING));
    rounds.next(false);
    assertThat(restored())
        .containsExactly(
            "set/a0: " + "y".repeat(size), "set/d1/a: " + before, "set/d2/b: " + before);
  }

  @Test
  void aFileThatIsTooLongToBeReadAtOnceWhenItIsReadAgainIsMarked() throws Exception {
    thirdName();
    Path other = Files.writeString(folder.resolve("other"), "y".repeat(2 << 20));
    whenFound(2, () -> Files.move(other, set.resolve("a0"), StandardCopyOption.REPLACE_EXISTING));
    rounds.next(false);
    assertThat(rounds.lines()).filteredOn(line -> line.contains("set/a0")).hasSize(1);
    assertThat(rounds.lines().get(1)).contains("\"w\":\"changed");
    rounds.next(false);
    assertThat(rounds.lines().get(1)).contains("\"z\":" + (2 << 20)).doesNotContain("\"w\"");
  }

  @Test
  void theFirstNameIsGoneWhenItIsRead() throws Exception {
    thirdName();
    whenFound(2, () -> Files.deleteIfExists(set.resolve("a0")));
    rounds.next(false);
    assertThat(restored()).contains("set/d1/a: what both have", "set/d2/b: what both have");
  }
}
