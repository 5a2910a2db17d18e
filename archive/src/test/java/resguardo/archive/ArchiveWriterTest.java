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
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Placed;
import resguardo.core.version.Totals;

class ArchiveWriterTest {
  @AutoClose("shutdown")
  private static final ExecutorService ONE = Executors.newSingleThreadExecutor();

  @AutoClose("shutdown")
  private static final ExecutorService FOUR = Executors.newFixedThreadPool(4);

  private static final String READ_BY_PYTHON =
      "import sys,tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2], filter='fully_trusted')";

  @TempDir Path folder;

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

  private ArchiveWriter.Written written;
  private final List<Placed> placed = new ArrayList<>();

  private static final ArchiveWriter.Edit NO_BASE =
      new ArchiveWriter.Edit() {
        @Override
        public void keep(long lines) {
          throw new IllegalStateException("there is no base");
        }

        @Override
        public void drop(long lines) {
          throw new IllegalStateException("there is no base");
        }
      };

  private byte[] archive(List<Item> items, ExecutorService threads) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    placed.clear();
    ArchiveWriter writer =
        new ArchiveWriter(new JdkDeflater(1), threads, 1, true, out::writeBytes, NO_BASE);
    for (Item item : items.stream().sorted(Comparator.comparing(i -> i.entry().name())).toList()) {
      byte[] content = item.content();
      if (content == null) {
        writer.add(item.entry(), placed::add);
      } else if (content.length <= ArchiveWriter.SMALL) {
        Entry read = item.entry().read(Sha256.of(content), null);
        writer.add(read, content, content.length, placed::add);
      } else {
        InputStream in = new ByteArrayInputStream(content);
        writer.add(item.entry(), in::read, digest -> null, placed::add);
      }
    }
    written = writer.finish();
    return out.toByteArray();
  }

  private Totals totals() {
    SetTotals totals = new SetTotals();
    placed.forEach(one -> totals.add(one.entry(), EntryCodec.write(one)));
    return totals.totals();
  }

  /** Of the same version, only what is wanted. */
  private byte[] composed(byte[] archive, java.util.function.Predicate<String> wanted)
      throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Composer composer =
        new Composer(
            new JdkDeflater(1),
            FOUR,
            member ->
                java.util.Arrays.copyOfRange(
                    archive,
                    (int) member.offset(),
                    (int) Math.min(archive.length, member.offset() + member.length())),
            out::writeBytes);
    for (Placed one : placed) {
      if (wanted.test(one.entry().name().text())) {
        composer.add(one);
      }
    }
    Composer.Composed made = composer.finish();
    assertThat(made.digest()).isEqualTo(Sha256.of(out.toByteArray()));
    assertThat(made.bytes()).isEqualTo(out.size());
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
    byte[] large = new byte[3 * 1024 * 1024 + 77];
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
    ArchiveWriter.Written first = written;
    assertThat(archive(oddItems(), FOUR)).isEqualTo(one);
    assertThat(written).isEqualTo(first);
    assertThat(first.digest()).isEqualTo(Sha256.of(one));
    assertThat(first.bytes()).isEqualTo(one.length);
    assertThat(totals().files()).isEqualTo(15);
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
      fingerprints.add(totals().fingerprint());
    }
    assertThat(fingerprints).doesNotHaveDuplicates();
  }

  @Test
  void aLargeFileThatBecameShorterOrLongerOrFailsIsMarkedAndTheArchiveStaysWhole()
      throws Exception {
    int size = 2 * 1024 * 1024;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ArchiveWriter writer =
        new ArchiveWriter(new JdkDeflater(6), ONE, 1, true, out::writeBytes, NO_BASE);
    placed.clear();
    ArchiveWriter.KnownChunks none = digest -> null;
    List<ArchiveWriter.Source> sources =
        List.of(
            new ByteArrayInputStream(new byte[] {1, 2, 3})::read,
            new ByteArrayInputStream(new byte[2 * size])::read,
            (into, offset, length) -> {
              throw new IOException("read error");
            });
    for (int i = 0; i < sources.size(); i++) {
      Entry found = entry(name("f" + i), Entry.Type.FILE, 0644, 5, 0, size, null);
      writer.add(found, sources.get(i), none, placed::add);
    }
    writer.finish();
    assertThat(placed)
        .hasSize(3)
        .allSatisfy(
            one ->
                assertThat(one.entry().warning()).isEqualTo(Entry.Warning.CHANGED_WHILE_READING));
    assertThat(placed.get(1).entry().digest()).isEqualTo(Sha256.of(new byte[size]));
    byte[] tar = new GZIPInputStream(new ByteArrayInputStream(out.toByteArray())).readAllBytes();
    assertThat(tar).hasSize(3 * (size + 512) + 1024);
  }

  @Test
  void whatTarHasNoFormForIsRecordedOnly() throws Exception {
    Entry socket = entry(name("s"), Entry.Type.SOCKET, 0644, 5, 0, 0, null);
    assertThat(archive(List.of(new Item(socket, null)), ONE)).isEmpty();
    assertThat(totals().entries()).isEqualTo(1);
  }

  @Test
  void entriesOutOfOrderAreRefusedBecauseTheOrderIsPartOfTheFormat() {
    SetTotals set = new SetTotals();
    Entry a = entry(name("a"), Entry.Type.FOLDER, 0755, 5, 0, 0, null);
    Entry b = entry(name("b"), Entry.Type.FOLDER, 0755, 5, 0, 0, null);
    set.add(b, EntryCodec.write(b));
    assertThatIllegalArgumentException().isThrownBy(() -> set.add(a, EntryCodec.write(a)));
    assertThatIllegalArgumentException().isThrownBy(() -> set.add(b, EntryCodec.write(b)));
  }

  @Test
  void allOfAVersionComposedIsTheSameTarAsWasWritten() throws Exception {
    byte[] archive = archive(oddItems(), ONE);
    assertThat(composed(archive, name -> true)).isEqualTo(archive);
  }

  @Test
  void oneEntryOfAVersionIsAnArchiveOfItsOwn() throws Exception {
    byte[] archive = archive(oddItems(), ONE);
    for (RawPath odd : oddNames()) {
      byte[] one = composed(archive, name -> name.equals(odd.text()));
      Path tgz = Files.write(folder.resolve("one.tgz"), one);
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
  void aDamagedMemberIsToldAndNeverRestored() throws Exception {
    byte[] archive = archive(oddItems(), ONE);
    Random random = new Random(3);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = archive.clone();
      // Within the first member, where the small files lie.
      int at = 10 + random.nextInt(placed.get(0).place().block().length() - 18);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      try {
        byte[] one = composed(damaged, name -> name.equals("t/1"));
        byte[] good = composed(archive, name -> name.equals("t/1"));
        assertThat(one).isEqualTo(good); // the damage is in another file's content
      } catch (IOException told) {
        assertThat(told).isNotNull();
      }
    }
  }
}
