package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;

class TarGzWriterTest {
  private static final ExecutorService ONE = Executors.newSingleThreadExecutor();
  private static final ExecutorService FOUR = Executors.newFixedThreadPool(4);
  private static final String READ_BY_PYTHON =
      "import sys,tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2], filter='fully_trusted')";

  @TempDir Path folder;

  @AfterAll
  static void endThreads() {
    ONE.shutdown();
    FOUR.shutdown();
  }

  private static Entry entry(
      RawPath name, Entry.Type type, int mode, long seconds, int nanos, long size, RawPath link) {
    return new Entry(
        name, type, mode, 0, 0, "root", "root", seconds, nanos, size, null, link, null, null);
  }

  private record Item(Entry entry, byte[] content) {}

  private static Item file(RawPath name, byte[] content) {
    return new Item(
        entry(name, Entry.Type.FILE, 0640, 1_700_000_000, 123_456_789, content.length, null),
        content);
  }

  private static RawPath name(String text) {
    return RawPath.parse(text);
  }

  private TarGzWriter.Written written;

  private byte[] archive(List<Item> items, ExecutorService threads) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TarGzWriter writer = new TarGzWriter(new JdkDeflater(1), threads, out::writeBytes, line -> {});
    for (Item item : items.stream().sorted(Comparator.comparing(i -> i.entry().name())).toList()) {
      if (item.content() == null) {
        writer.add(item.entry());
      } else {
        InputStream in = new ByteArrayInputStream(item.content());
        writer.add(item.entry(), in::read);
      }
    }
    written = writer.finish();
    return out.toByteArray();
  }

  /** The names of {@code faults.md}'s kind: each can be made on Linux. */
  private static List<RawPath> oddNames() {
    List<RawPath> names = new ArrayList<>();
    Stream.of(
            "t/1",
            "t/a-1",
            "t/two words",
            "t/new\nline",
            "t/tab\tbed",
            "t/back\\slash",
            "t/-rf",
            "t/caf\u00e9",
            "t/cafe\u0301",
            "t/" + "n".repeat(255),
            "t/" + "\u00e9".repeat(127),
            "t/'\"$x`")
        .map(RawPath::parse)
        .forEach(names::add);
    names.add(RawPath.ofBytes(new byte[] {'t', '/', 'x', (byte) 0xff, (byte) 0xfe}));
    return names;
  }

  private List<Item> oddItems() {
    List<Item> items = new ArrayList<>();
    items.add(new Item(entry(name("t"), Entry.Type.FOLDER, 0755, 1_700_000_000, 5, 0, null), null));
    for (RawPath odd : oddNames()) {
      items.add(file(odd, ("content of " + odd).getBytes(StandardCharsets.UTF_8)));
    }
    items.add(
        new Item(
            entry(name("t/empty folder"), Entry.Type.FOLDER, 01777, 1_600_000_000, 0, 0, null),
            null));
    items.add(file(name("t/empty"), new byte[0]));
    items.add(
        new Item(
            entry(
                name("t/link"), Entry.Type.SYMLINK, 0777, 1_700_000_000, 7, 0, name("../nowhere")),
            null));
    items.add(
        new Item(
            entry(
                name("t/long link"),
                Entry.Type.SYMLINK,
                0777,
                1_700_000_000,
                0,
                0,
                name("/" + "l".repeat(300))),
            null));
    items.add(
        new Item(
            entry(
                name("t/second"),
                Entry.Type.HARD_LINK,
                0640,
                1_700_000_000,
                123_456_789,
                0,
                name("t/1")),
            null));
    byte[] large = new byte[3 * GzipMembers.BLOCK + 77];
    new Random(1).nextBytes(large);
    items.add(file(name("t/large"), large));
    return items;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tar -xzpf %1$s -C %2$s",
        "bsdtar -xzpf %1$s -C %2$s",
        "python3 -c PYTHON %1$s %2$s"
      })
  void realTarsRestoreNamesContentsModesTimesAndLinks(String command) throws Exception {
    Path tgz = folder.resolve("a.tgz");
    Path out = Files.createDirectory(folder.resolve("out"));
    List<Item> items = oddItems();
    Files.write(tgz, archive(items, FOUR));
    run(String.format(command, tgz, out));
    for (Item item : items) {
      Path restored = Path.of(java.net.URI.create(out.toUri() + uri(item.entry().name())));
      assertThat(Files.exists(restored, LinkOption.NOFOLLOW_LINKS))
          .as("%s", item.entry().name())
          .isTrue();
      if (item.content() != null) {
        assertThat(Files.readAllBytes(restored))
            .as("%s", item.entry().name())
            .isEqualTo(item.content());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(restored)))
            .isEqualTo("rw-r-----");
      }
    }
    assertThat(Files.readSymbolicLink(out.resolve("t/link"))).hasToString("../nowhere");
    assertThat(Files.readSymbolicLink(out.resolve("t/long link")).toString()).hasSize(301);
    assertThat(Files.getAttribute(out.resolve("t/second"), "unix:ino"))
        .isEqualTo(Files.getAttribute(out.resolve("t/1"), "unix:ino"));
    if (!command.startsWith("python3")) { // Python keeps times as floating-point numbers
      assertThat(Files.getLastModifiedTime(out.resolve("t/1")))
          .isEqualTo(FileTime.from(Instant.ofEpochSecond(1_700_000_000, 123_456_789)));
    }
  }

  private static String uri(RawPath path) {
    StringBuilder out = new StringBuilder();
    for (byte b : path.bytes()) {
      out.append(b == '/' ? "/" : String.format("%%%02X", b & 0xff));
    }
    return out.toString();
  }

  private static void run(String line) throws Exception {
    List<String> words =
        Stream.of(line.split(" ")).map(w -> w.equals("PYTHON") ? READ_BY_PYTHON : w).toList();
    assumeThat(
            Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(d -> Files.isExecutable(Path.of(d, words.get(0)))))
        .as("%s is installed", words.get(0))
        .isTrue();
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
  }

  @ParameterizedTest
  @CsvSource({"-1,0", "-1,500000000", "-86400,1", "0,1", "5000000000,999999999", "9000000000,0"})
  void timesBefore1970AndFarAwayComeBackToTheNanosecond(long seconds, int nanos) throws Exception {
    Path tgz = folder.resolve("a.tgz");
    Entry entry = entry(name("f"), Entry.Type.FILE, 0644, seconds, nanos, 0, null);
    Files.write(tgz, archive(List.of(new Item(entry, new byte[0])), ONE));
    run("tar -xzf " + tgz + " -C " + folder);
    assertThat(Files.getLastModifiedTime(folder.resolve("f")))
        .isEqualTo(FileTime.from(Instant.ofEpochSecond(seconds, nanos)));
  }

  @Test
  void theSameInputGivesTheSameArchiveHoweverManyThreadsThereAre() throws Exception {
    byte[] one = archive(oddItems(), ONE);
    TarGzWriter.Written first = written;
    assertThat(archive(oddItems(), FOUR)).isEqualTo(one);
    assertThat(written).isEqualTo(first);
    assertThat(first.archiveDigest()).isEqualTo(Sha256.of(one));
    assertThat(first.archiveBytes()).isEqualTo(one.length);
    assertThat(first.totals().files()).isEqualTo(15);
  }

  @Test
  void nameContentModeTimeAndLinkEachChangeTheFingerprint() throws Exception {
    byte[] content = {1};
    Entry base = entry(name("a"), Entry.Type.FILE, 0644, 5, 5, 1, null);
    List<List<Item>> sets =
        List.of(
            List.of(new Item(base, content)),
            List.of(new Item(base, new byte[] {2})),
            List.of(new Item(entry(name("b"), Entry.Type.FILE, 0644, 5, 5, 1, null), content)),
            List.of(new Item(entry(name("a"), Entry.Type.FILE, 0600, 5, 5, 1, null), content)),
            List.of(new Item(entry(name("a"), Entry.Type.FILE, 0644, 5, 6, 1, null), content)),
            List.of(new Item(entry(name("a"), Entry.Type.SYMLINK, 0644, 5, 5, 0, name("x")), null)),
            List.of(new Item(entry(name("a"), Entry.Type.SYMLINK, 0644, 5, 5, 0, name("y")), null)),
            List.of());
    List<Sha256> fingerprints = new ArrayList<>();
    for (List<Item> set : sets) {
      archive(set, ONE);
      fingerprints.add(written.totals().fingerprint());
    }
    assertThat(fingerprints).doesNotHaveDuplicates();
  }

  @Test
  void aFileThatBecameShorterOrLongerOrFailsIsMarkedAndTheArchiveStaysWhole() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TarGzWriter writer = new TarGzWriter(new JdkDeflater(6), ONE, out::writeBytes, line -> {});
    Entry ten = entry(name("a"), Entry.Type.FILE, 0644, 5, 0, 10, null);
    Entry alsoTen = entry(name("b"), Entry.Type.FILE, 0644, 5, 0, 10, null);
    Entry lastTen = entry(name("c"), Entry.Type.FILE, 0644, 5, 0, 10, null);
    Entry shorter = writer.add(ten, new ByteArrayInputStream(new byte[] {1, 2, 3})::read);
    Entry longer = writer.add(alsoTen, new ByteArrayInputStream(new byte[20])::read);
    Entry failed =
        writer.add(
            lastTen,
            into -> {
              throw new IOException("read error");
            });
    assertThat(List.of(shorter, longer, failed))
        .allSatisfy(e -> assertThat(e.warning()).isEqualTo(Entry.Warning.CHANGED_WHILE_READING));
    assertThat(longer.digest()).isEqualTo(Sha256.of(new byte[10]));
    assertThat(writer.finish().totals().warnings()).isEqualTo(3);
    byte[] tar = new GZIPInputStream(new ByteArrayInputStream(out.toByteArray())).readAllBytes();
    assertThat(tar).hasSize(3 * 1024 + 1024);
  }

  @Test
  void whatTarHasNoFormForIsRecordedOnly() throws Exception {
    Entry socket = entry(name("s"), Entry.Type.SOCKET, 0644, 5, 0, 0, null);
    byte[] archive = archive(List.of(new Item(socket, null)), ONE);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(archive)).readAllBytes()).hasSize(1024);
    assertThat(written.totals().entries()).isEqualTo(1);
  }

  @Test
  void entriesOutOfOrderAreRefusedBecauseTheOrderIsPartOfTheFormat() throws Exception {
    TarGzWriter writer = new TarGzWriter(new JdkDeflater(6), ONE, bytes -> {}, line -> {});
    writer.add(entry(name("b"), Entry.Type.FOLDER, 0755, 5, 0, 0, null));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add(entry(name("a"), Entry.Type.FOLDER, 0755, 5, 0, 0, null)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add(entry(name("b"), Entry.Type.FOLDER, 0755, 5, 0, 0, null)));
  }

  private byte[] selected(byte[] archive, String wanted) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TarSelector.Selected made =
        TarSelector.select(
            new ByteArrayInputStream(archive),
            RawPath.parse(wanted),
            new JdkDeflater(1),
            ONE,
            out::writeBytes);
    assertThat(made.archiveDigest()).isEqualTo(Sha256.of(out.toByteArray()));
    assertThat(made.archiveBytes()).isEqualTo(out.size());
    return out.toByteArray();
  }

  @Test
  void oneEntryOfAnArchiveIsAnArchiveOfItsOwn() throws Exception {
    byte[] archive = archive(oddItems(), ONE);
    for (RawPath odd : oddNames()) {
      Path tgz = Files.write(folder.resolve("one.tgz"), selected(archive, odd.text()));
      Path out = Files.createTempDirectory(folder, "out");
      run("tar -xzf " + tgz + " -C " + out);
      Path restored = Path.of(java.net.URI.create(out.toUri() + uri(odd)));
      assertThat(Files.readAllBytes(restored))
          .isEqualTo(("content of " + odd).getBytes(StandardCharsets.UTF_8));
      try (Stream<Path> files = Files.list(out.resolve("t"))) {
        assertThat(files).hasSize(1);
      }
    }
  }

  @Test
  void aFolderIsSelectedWithAllThatIsBelowItAndNoNeighbour() throws Exception {
    byte[] archive = archive(oddItems(), ONE);
    assertThat(selected(archive, "t").length).isGreaterThan(3 * GzipMembers.BLOCK);
    byte[] tar =
        new GZIPInputStream(new ByteArrayInputStream(selected(archive, "t/empty"))).readAllBytes();
    assertThat(tar)
        .hasSize(1024 + 512 + 1024); // a PAX header, the file's own, the end; not "t/empty folder"
  }

  @Test
  void anEntryThatIsOnlyAnotherNameIsRefusedWithTheOneThatHasTheContent() throws Exception {
    byte[] archive = archive(oddItems(), ONE);
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> selected(archive, "t/second"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another name of t/1");
  }

  @Test
  void aDamagedArchiveIsToldAndNeverRunsForEver() throws Exception {
    byte[] archive = archive(oddItems().subList(0, 8), ONE);
    Random random = new Random(3);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = archive.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        selected(java.util.Arrays.copyOf(damaged, 1 + random.nextInt(damaged.length)), "t");
      } catch (IOException | IllegalArgumentException told) {
        assertThat(told).isNotNull();
      }
    }
  }
}
