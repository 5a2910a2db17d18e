package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.agent.cache.LineCacheReader;
import resguardo.archive.Extractor;
import resguardo.core.RawPath;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class IncrementalTest {
  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  private static final int MIB = 1024 * 1024;

  @TempDir Path folder;

  private Path set;
  private Rounds rounds;

  @BeforeEach
  void makeSet() throws IOException {
    set = Files.createDirectory(folder.resolve("set"));
    rounds = new Rounds(set, RawPath.parse("set"), folder.resolve("work"), THREADS);
  }

  private static byte[] random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static String run(Path in, String... words) throws Exception {
    Process process =
        new ProcessBuilder(words).directory(in.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", String.join(" ", words), said).isZero();
    return said;
  }

  /** Restores the set by GNU tar, and compares all that it says of both. */
  private void restoresEqual() throws Exception {
    Path tgz = Files.write(folder.resolve("composed.tgz"), rounds.composed());
    Path out = Files.createTempDirectory(folder, "out");
    run(out, "tar", "-xzpf", tgz.toString());
    assertThat(listing(out.resolve("set"))).isEqualTo(listing(set));
    run(folder, "diff", "-r", "--no-dereference", set.toString(), out.resolve("set").toString());
    run(folder, "rm", "-rf", out.toString());
    Path own = Files.createTempDirectory(folder, "own");
    List<String> warnings = new ArrayList<>();
    try (InputStream tar = new GZIPInputStream(Files.newInputStream(tgz))) {
      new Extractor(own, false, warnings::add).run(tar);
    }
    assertThat(warnings).isEmpty();
    assertThat(listing(own.resolve("set"))).isEqualTo(listing(set));
    run(folder, "diff", "-r", "--no-dereference", set.toString(), own.resolve("set").toString());
    run(folder, "rm", "-rf", own.toString());
  }

  private static List<String> listing(Path root) throws IOException {
    List<String> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        all.add(
            root.relativize(file)
                + " "
                + Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS)
                + " "
                + Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS));
      }
    }
    return all;
  }

  @Test
  void anUnchangedSetIsNotReadAndNothingIsSent() throws Exception {
    Files.write(set.resolve("large"), random(1, 3 * MIB));
    Files.writeString(set.resolve("small"), "x");
    Rounds.Round first = rounds.next(false);
    Rounds.Round second = rounds.next(false);
    assertThat(second.changed()).isFalse();
    assertThat(second.opened()).isZero();
    assertThat(second.totals()).isEqualTo(first.totals());
  }

  @Test
  void aChangedByteInALargeFileSendsAboutAChunk() throws Exception {
    Files.write(set.resolve("large"), random(1, 40 * MIB));
    rounds.next(false);
    try (RandomAccessFile file = new RandomAccessFile(set.resolve("large").toFile(), "rw")) {
      file.seek(20 * MIB);
      file.write('x');
    }
    Rounds.Round second = rounds.next(false);
    assertThat(second.archive().length).isBetween(MIB / 2, 4 * MIB);
    restoresEqual();
  }

  @Test
  void bytesInsertedAtTheBeginningOfALargeFileSendAboutAChunk() throws Exception {
    byte[] content = random(1, 20 * MIB);
    Files.write(set.resolve("large"), content);
    rounds.next(false);
    byte[] longer = new byte[content.length + 5];
    System.arraycopy(content, 0, longer, 5, content.length);
    Files.write(set.resolve("large"), longer);
    assertThat(rounds.next(false).archive().length).isLessThan(4 * MIB);
    restoresEqual();
  }

  @Test
  void renamedFilesSendNoContent() throws Exception {
    Files.write(set.resolve("large"), random(1, 3 * MIB));
    Files.write(set.resolve("small"), random(2, 1000));
    rounds.next(false);
    Files.move(set.resolve("large"), set.resolve("a large"));
    Files.move(set.resolve("small"), set.resolve("z small"));
    Rounds.Round second = rounds.next(false);
    assertThat(second.changed()).isTrue();
    assertThat(second.archive()).isEmpty();
    restoresEqual();
  }

  @Test
  void manyFilesThatAreMovedToAnotherFolderSendNoContent() throws Exception {
    Path from = Files.createDirectory(set.resolve("from"));
    for (int i = 0; i < 5_000; i++) {
      Files.writeString(from.resolve("f" + i), "content " + i);
    }
    rounds.next(false);
    Files.move(from, set.resolve("another"));
    assertThat(rounds.next(false).archive()).isEmpty();
    restoresEqual();
  }

  @Test
  void aChangeOfMetadataSendsNoContent() throws Exception {
    Files.write(set.resolve("small"), random(2, 1000));
    Files.write(set.resolve("large"), random(2, 2 * MIB));
    rounds.next(false);
    for (String name : List.of("small", "large")) {
      Files.setPosixFilePermissions(
          set.resolve(name), PosixFilePermissions.fromString("r--------"));
      Files.setLastModifiedTime(set.resolve(name), FileTime.fromMillis(1_500_000_000_123L));
    }
    assertThat(rounds.next(false).archive()).isEmpty();
    restoresEqual();
  }

  @Test
  void anotherContentOfTheSameSizeAndTimeIsFound() throws Exception {
    Path file = Files.writeString(set.resolve("f"), "one");
    FileTime time = Files.getLastModifiedTime(file);
    rounds.next(false);
    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, time);
    assertThat(rounds.next(false).changed()).isTrue();
    restoresEqual();
  }

  @Test
  void anAgentThatIsGivenTheLinesAgainReadsAllOnceAndSendsOnlyWhatChanged() throws Exception {
    Files.write(set.resolve("large"), random(1, 8 * MIB));
    Files.write(set.resolve("small"), random(2, 1000));
    rounds.next(false);
    rounds.forget();
    rounds.sendBase();
    Rounds.Round same = rounds.next(false);
    assertThat(same.changed()).isFalse();
    assertThat(same.opened()).isGreaterThanOrEqualTo(8 * MIB);
    assertThat(rounds.next(false).opened()).isZero();
    Files.write(set.resolve("small"), random(3, 1000));
    assertThat(rounds.next(false).archive().length).isLessThan(3000);
    restoresEqual();
  }

  @Test
  void aDeltaIsAnOrdinaryTarWithNewFilesAndChunks() throws Exception {
    Files.write(set.resolve("large"), random(1, 4 * MIB));
    rounds.next(false);
    Files.writeString(set.resolve("new"), "content");
    try (RandomAccessFile file = new RandomAccessFile(set.resolve("large").toFile(), "rw")) {
      file.write('x');
    }
    Path delta = Files.write(folder.resolve("delta.tgz"), rounds.next(false).archive());
    for (String[] words :
        new String[][] {
          {"tar", "-tzf"},
          {"bsdtar", "-tzf"},
          {"busybox", "tar", "-tzf"},
          {"python3", "-c", "import sys,tarfile;print(*tarfile.open(sys.argv[1]).getnames())"},
        }) {
      String[] all = java.util.Arrays.copyOf(words, words.length + 1);
      all[words.length] = delta.toString();
      assertThat(run(folder, all)).contains("set/new").contains(".resguardo/chunks/");
    }
    restoresEqual();
  }

  @Test
  void afterTheWorkerMergedArchivesTheAgentIsGivenTheLinesAndOpensNoFileThatDidNotChange()
      throws Exception {
    Files.write(set.resolve("large"), random(1, 3 * MIB));
    Files.write(set.resolve("small"), random(2, 1000));
    rounds.next(false);
    rounds.renumber(1, 7);
    rounds.sendBase();
    Rounds.Round same = rounds.next(false);
    assertThat(same.changed()).isFalse();
    assertThat(same.opened()).isZero();
    Files.write(set.resolve("another"), random(3, 1000));
    Rounds.Round next = rounds.next(false);
    assertThat(next.opened()).isEqualTo(1000);
    assertThat(next.archive().length).isLessThan(3000);
    restoresEqual();
  }

  /** As a file that had just been written is, on most file systems, after a loss of power. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3, 4, 10, 100})
  void aCacheThatIsCutOffIsToldAsDamagedSoThatItIsThrownAway(int length) throws Exception {
    Files.writeString(set.resolve("a"), "a");
    rounds.next(false);
    Path cache;
    try (Stream<Path> caches = Files.list(folder.resolve("work/caches"))) {
      cache = caches.filter(file -> file.toString().endsWith(".lines")).findAny().orElseThrow();
    }
    try (RandomAccessFile file = new RandomAccessFile(cache.toFile(), "rw")) {
      file.setLength(length);
    }
    assertThatThrownBy(() -> rounds.next(false))
        .isInstanceOf(LineCacheReader.DamagedCacheException.class);
  }

  @Test
  void aDamagedCacheIsToldAndNeverTakenForTheTruth() throws Exception {
    for (int i = 0; i < 50; i++) {
      Files.writeString(set.resolve("f" + i), "content " + i);
    }
    rounds.next(false);
    Path cache;
    try (Stream<Path> files = Files.list(folder.resolve("work/caches"))) {
      cache = files.findFirst().orElseThrow();
    }
    byte[] good = Files.readAllBytes(cache);
    Random random = new Random(5);
    for (int i = 0; i < 300; i++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(
          cache, i % 3 == 0 ? java.util.Arrays.copyOf(good, random.nextInt(good.length)) : bad);
      assertThatThrownBy(() -> readThrough(cache)).isInstanceOf(IOException.class);
    }
    Files.write(cache, good);
    readThrough(cache);
  }

  private static void readThrough(Path cache) throws IOException {
    try (LineCacheReader reader = new LineCacheReader(cache)) {
      while (reader.peek().isPresent()) {
        reader.advance();
      }
      reader.totals();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void afterAnyChangesTheComposedArchiveIsTheSet(long seed) throws Exception {
    Random random = new Random(seed);
    for (int i = 0; i < 60; i++) {
      change(random);
    }
    for (int round = 0; round < 8; round++) {
      rounds.next(round == 6);
      restoresEqual();
      for (int i = 0; i < 1 + random.nextInt(12); i++) {
        change(random);
      }
    }
  }

  private void change(Random random) throws IOException {
    Path file = set.resolve("d" + random.nextInt(3)).resolve("f" + random.nextInt(40));
    Files.createDirectories(file.getParent());
    switch (random.nextInt(9)) {
      case 0 -> Files.deleteIfExists(file);
      case 1 -> {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          Files.move(
              file,
              set.resolve("moved" + random.nextInt(20)),
              java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
      }
      case 2 -> {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          Files.setPosixFilePermissions(
              file,
              PosixFilePermissions.fromString(random.nextBoolean() ? "rw-r-----" : "rwxr-xr-x"));
        }
      }
      case 3 -> {
        Files.deleteIfExists(file);
        Files.createSymbolicLink(file, Path.of("to" + random.nextInt(5)));
      }
      case 4 -> {
        Path link = set.resolve("d" + random.nextInt(3) + "/link" + random.nextInt(5));
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(link);
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          Files.createLink(link, file);
        }
      }
      case 5 -> {
        Files.deleteIfExists(file);
        Files.write(file, random(random.nextInt(4), 200_000 + random.nextInt(3) * 900_000));
      }
      case 6 -> sparse(file, random);
      default -> {
        Files.deleteIfExists(file);
        Files.write(file, random(random.nextInt(20), random.nextInt(5) * 3_000));
      }
    }
  }

  /** Another part of it is written; it is made anew where it was none. */
  private static void sparse(Path file, Random random) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(file);
    }
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      if (random.nextBoolean()) {
        out.setLength(random.nextInt(6) * MIB);
      }
      out.seek((long) random.nextInt(50) * 128 * 1024);
      out.write(random(random.nextInt(5), random.nextInt(4) * 200_000));
    }
  }
}
