package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;
import resguardo.testkit.versions.MadeEntries;

class ExtractorTest {
  @TempDir Path folder;

  private Path target;
  private final List<String> warnings = new ArrayList<>();
  private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

  @BeforeEach
  void makeTarget() throws IOException {
    target = Files.createDirectories(folder.resolve("in/target"));
    Files.writeString(folder.resolve("outside"), "untouched");
  }

  private void add(Entry.Type type, String name, String content, String link) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    RawPath raw = RawPath.ofBytes(name.getBytes(StandardCharsets.ISO_8859_1));
    RawPath to = link == null ? null : RawPath.ofBytes(link.getBytes(StandardCharsets.ISO_8859_1));
    boolean file = type == Entry.Type.FILE;
    tar.writeBytes(
        TarHeaders.of(
            new Entry(
                raw,
                type,
                0644,
                0,
                0,
                null,
                null,
                1_600_000_000,
                5,
                file ? bytes.length : 0,
                file ? Sha256.of(bytes) : null,
                to,
                null,
                null)));
    tar.writeBytes(bytes);
    tar.writeBytes(new byte[TarHeaders.padding(bytes.length)]);
  }

  private Extractor.Restored extract() throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(tar.toByteArray());
    whole.writeBytes(new byte[1024]);
    return new Extractor(target, false, warnings::add)
        .run(new ByteArrayInputStream(whole.toByteArray()));
  }

  /** Only what was there before, and the target. */
  private void assertNothingOutside() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all).extracting(p -> p.getFileName().toString()).containsOnly("in", "outside");
    }
    try (Stream<Path> all = Files.list(folder.resolve("in"))) {
      assertThat(all).containsOnly(target);
    }
    assertThat(folder.resolve("outside")).hasContent("untouched");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "..",
        "a/..",
        "/tmp/evil",
        "a/../../../outside",
        "./../evil"
      })
  void aNameThatLeadsOutIsRefused(String name) throws Exception {
    add(Entry.Type.FILE, name, "evil", null);
    assertThatThrownBy(this::extract).isInstanceOf(IOException.class);
    assertNothingOutside();
  }

  @Test
  void nothingIsWrittenThroughALinkOfTheArchive() throws Exception {
    add(Entry.Type.SYMLINK, "l", "", folder.toString());
    add(Entry.Type.FILE, "l/evil", "evil", null);
    assertThatThrownBy(this::extract).isInstanceOf(IOException.class);
    assertNothingOutside();
  }

  @Test
  void nothingIsWrittenThroughALinkThatIsThere() throws Exception {
    Files.createSymbolicLink(target.resolve("l"), folder);
    Files.createSymbolicLink(target.resolve("f"), folder.resolve("outside"));
    add(Entry.Type.FILE, "f", "replaces the link", null);
    extract();
    assertThat(target.resolve("f")).hasContent("replaces the link");
    add(Entry.Type.FILE, "l/evil", "evil", null);
    assertThatThrownBy(this::extract).isInstanceOf(IOException.class);
    assertNothingOutside();
  }

  @Test
  void aHardLinkToWhatIsOutsideIsRefused() throws Exception {
    add(Entry.Type.HARD_LINK, "h", "", "../../outside");
    assertThatThrownBy(this::extract).isInstanceOf(IOException.class);
    assertNothingOutside();
  }

  @Test
  void aHardLinkToALinkIsAnotherNameOfTheLinkAndTouchesNothingElse() throws Exception {
    add(Entry.Type.SYMLINK, "a", "", folder.resolve("outside").toString());
    add(Entry.Type.HARD_LINK, "b", "", "a");
    add(Entry.Type.HARD_LINK, "c", "", "nothing");
    extract();
    assertThat(warnings).hasSize(1).first().asString().contains("c is another name of nothing");
    assertThat(Files.isSymbolicLink(target.resolve("b"))).isTrue();
    assertNothingOutside();
  }

  @Test
  void namesComeBackAsTheBytesThatTheyAre() throws Exception {
    List<String> names =
        List.of("1", "caf\u00c3\u00a9", "x\u00ff\u00fe", "new\nline", "a b", "%41");
    names.forEach(name -> add(Entry.Type.FILE, name, name, null));
    add(Entry.Type.SYMLINK, "z", "", "to \u00ff");
    extract();
    List<RawPath> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(target)) {
      all.forEach(path -> found.add(RawPaths.name(path)));
    }
    names.forEach(
        name ->
            assertThat(found)
                .contains(RawPath.ofBytes(name.getBytes(StandardCharsets.ISO_8859_1))));
    assertThat(RawPaths.readLink(target.resolve("z")))
        .isEqualTo(RawPath.ofBytes("to \u00ff".getBytes(StandardCharsets.ISO_8859_1)));
  }

  @Test
  void aFifoIsMadeAndWhatCannotBeMadeIsToldAndTheRestRestored() throws Exception {
    add(Entry.Type.FIFO, "fifo", "", null);
    add(Entry.Type.FILE, "z", "after it", null);
    byte[] header = tar.toByteArray().clone();
    tar.reset();
    header[1024 + 156] = '7'; // after its PAX header: a type that no file of Linux has
    tar.writeBytes(header);
    add(Entry.Type.FIFO, "fifo 2", "", null);
    assertThat(extract().files()).isEqualTo(1);
    assertThat(warnings).hasSize(1).first().asString().contains("fifo is a special file");
    assertThat(Files.readAttributes(target.resolve("fifo 2"), "isOther")).containsValue(true);
  }

  @Test
  void nothingIsWrittenIntoADeviceOrFifo() throws Exception {
    add(Entry.Type.FIFO, "p", "", null);
    add(Entry.Type.FILE, "p", "in its place", null);
    extract();
    assertThat(target.resolve("p")).hasContent("in its place");
    add(Entry.Type.FIFO, "p", "", null);
    add(Entry.Type.FILE, "p/in", "below it", null);
    assertThatThrownBy(this::extract).isInstanceOf(IOException.class);
    assertNothingOutside();
  }

  /** A file with a map as GNU tar writes it. */
  private void sparse(String name, String realSize, String map, String data) {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    PaxRecords.add(records, SparseMap.MAJOR, new byte[] {'1'});
    PaxRecords.add(records, SparseMap.MINOR, new byte[] {'0'});
    PaxRecords.add(records, SparseMap.NAME, name.getBytes(StandardCharsets.UTF_8));
    PaxRecords.add(records, SparseMap.SIZE, realSize.getBytes(StandardCharsets.UTF_8));
    byte[] pax = TarHeaders.of(MadeEntries.file("pax", records.size()));
    pax[156] = 'x';
    tar.writeBytes(pax);
    tar.writeBytes(records.toByteArray());
    tar.writeBytes(new byte[TarHeaders.padding(records.size())]);
    String content = map + "\0".repeat(TarHeaders.padding(map.length())) + data;
    tar.writeBytes(TarHeaders.of(MadeEntries.file("GNUSparseFile.0/x", content.length())));
    tar.writeBytes(content.getBytes(StandardCharsets.ISO_8859_1));
    tar.writeBytes(new byte[TarHeaders.padding(content.length())]);
  }

  @Test
  void aSparseFileHasItsDataWhereItsMapSaysAndHolesElsewhere() throws Exception {
    sparse("s", "10000000000", "3\n7\n3\n5000000000\n2\n10000000000\n0\n", "abcde");
    sparse("hole", "70000", "1\n70000\n0\n", "");
    add(Entry.Type.FILE, "z", "after them", null);
    extract();
    Path s = target.resolve("s");
    assertThat(Files.size(s)).isEqualTo(10_000_000_000L);
    byte[] read = new byte[10];
    try (java.io.RandomAccessFile file = new java.io.RandomAccessFile(s.toFile(), "r")) {
      file.readFully(read);
      assertThat(read).isEqualTo(new byte[] {0, 0, 0, 0, 0, 0, 0, 'a', 'b', 'c'});
      file.seek(4_999_999_999L);
      assertThat(file.read()).isZero();
      assertThat(file.read()).isEqualTo('d');
      assertThat(file.read()).isEqualTo('e');
      assertThat(file.read()).isZero();
    }
    assertThat(Files.size(target.resolve("hole"))).isEqualTo(70_000);
    assertThat(target.resolve("z")).hasContent("after them");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "100|1\n96\n5\n|abcde",
        "100|1\n101\n0\n|",
        "100|2\n10\n5\n12\n5\n|abcdeabcde",
        "100|1\n10\n9223372036854775807\n|abcde",
        "100|1\n9223372036854775807\n5\n|abcde",
        "100|1\n-1\n5\n|abcde",
        "100|1\n10\n4\n|abcde",
        "100|1\n10\n6\n|abcde",
        "100|1000000000\n|",
        "100|99999999999999999999\n|",
        "100|1\n10\n5|abcde",
        "100|\n1\n|abcde",
        "-5|0\n|",
        "x|1\n10\n5\n|abcde"
      })
  void aMapThatCannotBeIsToldAndNothingWrittenElsewhere(String bad) throws Exception {
    String[] parts = bad.split("\\|", -1);
    sparse("s", parts[0], parts[1], parts[2]);
    assertThatThrownBy(this::extract).isInstanceOf(IOException.class);
    assertNothingOutside();
  }

  /** Whoever may write to what is backed up can make one, of holes alone, where larger ones fit. */
  @Test
  void aFileThatIsTooLargeForHereIsToldAndTheRestRestored() throws Exception {
    String largest = "9223372036854775807";
    sparse("holes", largest, "1\n" + largest + "\n0\n", "");
    sparse("data", largest, "1\n10\n5\n", "abcde");
    add(Entry.Type.FILE, "z", "after them", null);
    assertThat(extract().files()).isEqualTo(1);
    assertThat(warnings).hasSize(2).allMatch(told -> told.contains("not restored"));
    assertThat(target.resolve("z")).hasContent("after them");
    assertThat(target.resolve("holes")).doesNotExist();
  }

  /** To reckon with it exactly would take a number of that many digits. */
  @ParameterizedTest
  @ValueSource(strings = {"1E-1000000", "-1E-1000000", "1E1000000", "0E-2000000000"})
  void aTimeOfMoreDigitsThanAnyIsRefused(String time) throws Exception {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    PaxRecords.add(records, "mtime", time.getBytes(StandardCharsets.US_ASCII));
    byte[] pax = TarHeaders.of(MadeEntries.file("pax", records.size()));
    pax[156] = 'x';
    tar.writeBytes(pax);
    tar.writeBytes(records.toByteArray());
    tar.writeBytes(new byte[TarHeaders.padding(records.size())]);
    tar.writeBytes(TarHeaders.of(MadeEntries.file("f", 0)));
    assertThatThrownBy(this::extract).isInstanceOf(IOException.class).hasMessageContaining("time");
  }

  @Test
  void aSparseFileDoesNotLeadOutEither() throws Exception {
    sparse("../evil", "5", "1\n0\n5\n", "abcde");
    assertThatThrownBy(this::extract).isInstanceOf(IOException.class);
    assertNothingOutside();
  }

  @Test
  void dataOfMoreThanAHeaderCanSayInDigitsIsSaidInBinary() throws Exception {
    long stored = 9L << 30;
    Entry sparse =
        new Entry(
            RawPath.parse("s"),
            Entry.Type.FILE,
            0644,
            4_000_000_000L,
            0,
            null,
            null,
            -5,
            5,
            20L << 30,
            null,
            null,
            null,
            null,
            null,
            List.of(new resguardo.core.version.Extent(1, stored)));
    TarReader.Item read =
        new TarReader(new ByteArrayInputStream(TarHeaders.of(sparse))).next().orElseThrow();
    assertThat(read.size()).isEqualTo(20L << 30);
    assertThat(read.data()).isEqualTo(sparse.data());
    assertThat(read.uid()).isEqualTo(4_000_000_000L);
    assertThat(read.mtimeSeconds()).isEqualTo(-5);
  }

  @Test
  void entriesMayComeInAnyOrderAndSayTheirPlaceInAnyWay() throws Exception {
    add(Entry.Type.FILE, "a/b/1", "1", null);
    add(Entry.Type.FILE, "c/2", "2", null);
    add(Entry.Type.FILE, "./a/./b//3", "3", null);
    add(Entry.Type.FILE, "4", "4", null);
    add(Entry.Type.FOLDER, "a/b", "", null);
    add(Entry.Type.FILE, "a/.5", "5", null);
    add(Entry.Type.HARD_LINK, "c/6", "", "a/b/1");
    extract();
    assertThat(target.resolve("a/b/1")).hasContent("1");
    assertThat(target.resolve("c/2")).hasContent("2");
    assertThat(target.resolve("a/b/3")).hasContent("3");
    assertThat(target.resolve("4")).hasContent("4");
    assertThat(target.resolve("a/.5")).hasContent("5");
    assertThat(Files.isSameFile(target.resolve("c/6"), target.resolve("a/b/1"))).isTrue();
    assertThat(Files.getLastModifiedTime(target.resolve("a/b")).toInstant())
        .isEqualTo(java.time.Instant.ofEpochSecond(1_600_000_000, 5));
  }

  @Test
  void aPathMayBeDeeperThanAnyCallTakesAtOnce() throws Exception {
    String folder = "n".repeat(40) + "/";
    for (int depth = 1; depth <= 300; depth++) {
      add(Entry.Type.FOLDER, folder.repeat(depth), "", null);
      add(Entry.Type.FILE, folder.repeat(depth) + "f", "at " + depth, null);
    }
    add(Entry.Type.FILE, folder.repeat(150) + "g", "back in between", null);
    assertThat(extract().files()).isEqualTo(301);
    String script = "cd \"$0\"; for i in $(seq 300); do cd n*; cat f; [ ! -e g ] || cat g; done";
    Process process =
        new ProcessBuilder("bash", "-c", script, target.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said)
        .contains("at 1at 2")
        .contains("at 150back in betweenat 151")
        .endsWith("at 300");
    new ProcessBuilder("rm", "-rf", target.resolve("n".repeat(40)).toString()).start().waitFor();
  }

  @Test
  void aFolderInTheWayIsToldAndStays() throws Exception {
    Files.createDirectories(target.resolve("f/in it"));
    add(Entry.Type.FILE, "f", "a file", null);
    assertThatThrownBy(this::extract).hasMessageContaining("f is in the way: it is a folder");
    assertThat(target.resolve("f/in it")).isDirectory();
  }

  @Test
  void aFileInTheWayOfAFolderIsToldAndStays() throws Exception {
    Files.writeString(target.resolve("d"), "a file");
    add(Entry.Type.FOLDER, "d", "", null);
    assertThatThrownBy(this::extract).hasMessageContaining("d is in the way: it is no folder");
    assertThat(target.resolve("d")).hasContent("a file");
  }

  @Test
  void nothingIsHeldOpenAfterwardsAlsoWhenItFails() throws Exception {
    add(Entry.Type.FILE, "a/b/c/1", "1", null);
    add(Entry.Type.HARD_LINK, "a/2", "", "a/b/c/1");
    add(Entry.Type.HARD_LINK, "a/3", "", "a/b/nothing");
    extract();
    long before = openBelowTarget();
    add(Entry.Type.FILE, "a/b/../evil", "evil", null);
    assertThatThrownBy(this::extract).isInstanceOf(IOException.class);
    assertThat(before).isZero();
    assertThat(openBelowTarget()).isZero();
  }

  private long openBelowTarget() throws IOException {
    long open = 0;
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      for (Path one : all.toList()) {
        boolean link = Files.isSymbolicLink(one); // the one of the listing is gone by now
        open += link && Files.readSymbolicLink(one).startsWith(target.toRealPath()) ? 1 : 0;
      }
    }
    return open;
  }

  @Test
  void mutatedArchivesAreToldAndNeverTouchWhatIsOutside() throws Exception {
    add(Entry.Type.FOLDER, "d", "", null);
    add(Entry.Type.FILE, "d/" + "n".repeat(120), "long name", null);
    add(Entry.Type.FILE, "d/f", "content", null);
    add(Entry.Type.HARD_LINK, "d/h", "", "d/f");
    add(Entry.Type.SYMLINK, "d/s", "", "../../../outside");
    sparse("d/sparse", "100000", "2\n10\n5\n100000\n0\n", "abcde");
    byte[] good = tar.toByteArray();
    Random random = new Random(11);
    for (int i = 0; i < 5_000; i++) {
      byte[] bad = good.clone();
      for (int j = 0; j <= random.nextInt(4); j++) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      int length = random.nextInt(3) == 0 ? random.nextInt(bad.length) : bad.length;
      Path own = Files.createDirectory(target.resolve("t" + i));
      try {
        new Extractor(own, false, warnings::add).run(new ByteArrayInputStream(bad, 0, length));
      } catch (IOException | IllegalArgumentException told) {
        assertThat(told).isNotNull();
      }
    }
    assertNothingOutside();
  }

  @Test
  void whatIsNotOfWhatWasBackedUpIsRefused() throws Exception {
    for (String other : List.of("etc/passwd", "srv/database", "srv", "srv/data/./x")) {
      tar.reset();
      add(Entry.Type.FOLDER, "srv/data", "", null);
      add(Entry.Type.FILE, other, "evil", null);
      assertThatThrownBy(() -> extractOnly("srv/data")).hasMessageContaining("not of what was");
      assertThat(Files.isRegularFile(target.resolve(other))).isFalse();
    }
    tar.reset();
    add(Entry.Type.HARD_LINK, "srv/data/l", "", "etc/shadow");
    assertThatThrownBy(() -> extractOnly("srv/data")).hasMessageContaining("etc/shadow");
    tar.reset();
    add(Entry.Type.FILE, "srv/data/in", "good", null);
    add(Entry.Type.HARD_LINK, "srv/data/l", "", "srv/data/in");
    add(Entry.Type.SYMLINK, "srv/data/s", "", "/etc/shadow");
    extractOnly("srv/data");
    assertThat(target.resolve("srv/data/l")).hasContent("good");
  }

  private void extractOnly(String path) throws IOException {
    byte[] whole = Arrays.copyOf(tar.toByteArray(), tar.size() + 1024);
    new Extractor(target, false, warnings::add)
        .only(RawPath.parse(path))
        .run(new ByteArrayInputStream(whole));
  }

  /** As somebody may do who has a folder above it, after it was looked where the target is. */
  @Test
  void aLinkThatTakesThePlaceOfAFolderAboveTheTargetLeadsNowhere() throws Exception {
    Path theirs = Files.createDirectory(target.resolve("theirs"));
    Path allowed = Files.createDirectory(theirs.resolve("in")).toRealPath();
    Path elsewhere = Files.createDirectories(target.resolve("elsewhere/in"));
    Files.move(theirs, target.resolve("moved"));
    Files.createSymbolicLink(theirs, elsewhere.getParent());
    assertThatThrownBy(() -> new Extractor(allowed, false, warnings::add))
        .hasMessageContaining("is another folder now");
    new Extractor(elsewhere.toRealPath(), false, warnings::add)
        .run(new ByteArrayInputStream(new byte[1024]));
  }

  /** A file has its own mode at once, which may let all read it: a folder may be what does not. */
  @Test
  void aFolderIsForNobodyElseToEnterUntilAllIsInIt() throws Exception {
    add(Entry.Type.FOLDER, "f", "", null);
    add(Entry.Type.FILE, "f/secret", "for few", null);
    List<Set<PosixFilePermission>> seen = new ArrayList<>();
    Extractor.Watcher watcher =
        (files, bytes) -> {
          try {
            seen.add(Files.getPosixFilePermissions(target.resolve("f")));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        };
    byte[] whole = Arrays.copyOf(tar.toByteArray(), tar.size() + 1024);
    new Extractor(target, false, warnings::add, watcher).run(new ByteArrayInputStream(whole));
    assertThat(seen).isNotEmpty().containsOnly(PosixFilePermissions.fromString("rwx------"));
    assertThat(Files.getPosixFilePermissions(target.resolve("f")))
        .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
  }

  @Test
  void theModeOfASpecialFileIsNotSetThroughALinkInItsPlace() throws Exception {
    Path outside = folder.resolve("outside");
    Set<PosixFilePermission> before = Files.getPosixFilePermissions(outside);
    Files.createSymbolicLink(target.resolve("fifo"), outside);
    try (OpenFolders folders = OpenFolders.below(target)) {
      SpecialFiles.Form fifo = new SpecialFiles.Form(0010000, 0);
      assertThat(Made.held(folders.of(RawPath.parse("fifo")), fifo)).isEmpty();
    }
    assertThat(Files.getPosixFilePermissions(outside)).isEqualTo(before);
  }
}
