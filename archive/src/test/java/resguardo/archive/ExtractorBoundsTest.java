package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;
import resguardo.testkit.versions.MadeEntries;

/** What hostile sets, and hostile neighbours, cannot have a restore do. */
class ExtractorBoundsTest {
  @TempDir Path folder;

  private Path target;
  private final List<String> warnings = new ArrayList<>();
  private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

  @BeforeEach
  void makeTarget() throws IOException {
    target = Files.createDirectory(folder.toRealPath().resolve("target"));
  }

  private void add(Entry.Type type, String name, String link) {
    RawPath to = link == null ? null : RawPath.parse(link);
    tar.writeBytes(
        TarHeaders.of(
            new Entry(
                RawPath.parse(name), type, 0750, 0, 0, null, null, 5, 6, 0, null, to, null, null)));
  }

  private void extract(Extractor.Watcher watcher) throws IOException {
    byte[] whole = Arrays.copyOf(tar.toByteArray(), tar.size() + 1024);
    new Extractor(target, false, warnings::add, watcher).run(new ByteArrayInputStream(whole));
  }

  private void extract() throws IOException {
    extract((files, bytes) -> {});
  }

  /** With all that an agent has; names of 96 MB do not fit. */
  @Test
  void foldersWhoseNamesAreLargerThanTheMemoryAreRestored() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx72m",
                "-cp",
                System.getProperty("java.class.path"),
                LongFolders.class.getName(),
                target.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).endsWith("[]");
    assertThat(process.waitFor()).isZero();
    String script =
        "cd $0; while cd $1 2>/dev/null; do i=$((i+1)); [ $((i%25)) != 0 ] || stat -c '%a %Y' .;"
            + " done; echo $i";
    Process look =
        new ProcessBuilder("bash", "-c", script, target.toString(), LongFolders.NAME).start();
    List<String> seen =
        new String(look.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    List<String> expected = new ArrayList<>();
    for (int depth = 25; depth <= LongFolders.DEEP; depth += 25) {
      expected.add("751 " + (LongFolders.TIME + depth));
    }
    expected.add("" + LongFolders.DEEP);
    assertThat(seen).isEqualTo(expected);
    new ProcessBuilder("find", target.toString(), "-mindepth", "1", "-delete").start().waitFor();
  }

  /** More than one block of what is finished last has. */
  @Test
  void linksComeInTheirOrderAndFoldersAfterThemHoweverManyTheyAre() throws Exception {
    String to = "t".repeat(1_000);
    int many = 1_200;
    add(Entry.Type.FOLDER, "f", null);
    for (int i = 0; i < many; i++) {
      add(Entry.Type.SYMLINK, "f/" + i, to + i);
    }
    add(Entry.Type.HARD_LINK, "f/again", "f/0");
    add(Entry.Type.SYMLINK, "f/0", "the last counts");
    add(Entry.Type.FOLDER, "f/below", null);
    extract();
    assertThat(warnings).isEmpty();
    Path f = target.resolve("f");
    for (int i = 1; i < many; i++) {
      assertThat(Files.readSymbolicLink(f.resolve("" + i)).toString()).isEqualTo(to + i);
    }
    assertThat(Files.readSymbolicLink(f.resolve("again")).toString()).isEqualTo(to + 0);
    assertThat(Files.readSymbolicLink(f.resolve("0")).toString()).isEqualTo("the last counts");
    for (Path one : List.of(f, f.resolve("below"))) {
      assertThat(Files.getLastModifiedTime(one).toMillis()).isEqualTo(5_000);
      assertThat(Files.getPosixFilePermissions(one))
          .isEqualTo(PosixFilePermissions.fromString("rwxr-x---"));
    }
  }

  /** As whoever has the folder above them may do while it is restored. */
  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aFolderThatTakesThePlaceOfOneIsLeftAsItIs(boolean wasThere) throws Exception {
    Path secret = Files.createDirectory(target.resolve("secret"));
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rwx------"));
    if (wasThere) {
      Files.createDirectory(target.resolve("f"));
    }
    add(Entry.Type.FOLDER, "f", null);
    add(Entry.Type.FILE, "file", null);
    add(Entry.Type.FOLDER, "g", null);
    extract(
        (files, bytes) -> {
          try {
            if (Files.exists(secret)) { // the first time
              Files.move(target.resolve("f"), target.resolve("moved"));
              Files.move(secret, target.resolve("f"));
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    assertThat(warnings).hasSize(1).first().asString().contains("f is another folder now");
    assertThat(Files.getPosixFilePermissions(target.resolve("f")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(Files.getPosixFilePermissions(target.resolve("g")))
        .isEqualTo(PosixFilePermissions.fromString("rwxr-x---"));
  }

  @Test
  void whatTakesThePlaceOfALinkOrASpecialFileIsNotTakenForIt() throws Exception {
    SpecialFiles.Form fifo = SpecialFiles.Form.of('6', new Entry.Device(0, 0));
    Files.writeString(target.resolve("file"), "somebody else's");
    Files.createSymbolicLink(target.resolve("link"), Path.of("file"));
    new ProcessBuilder("mkfifo", target.resolve("fifo").toString()).start().waitFor();
    try (OpenFolders folders = OpenFolders.below(target)) {
      for (SpecialFiles.Form form : List.of(fifo, SpecialFiles.Form.LINK)) {
        for (String name : List.of("file", "link", "fifo", "gone")) {
          boolean same = name.equals(form == fifo ? "fifo" : "link");
          var held = Made.held(folders.of(RawPath.parse(name)), form);
          assertThat(held.isPresent()).as(name).isEqualTo(same);
          held.ifPresent(Made.Held::close);
        }
      }
    }
    SpecialFiles.Form zero = SpecialFiles.Form.of('3', new Entry.Device(1, 5));
    try (OpenFolders devices = OpenFolders.below(Path.of("/dev").toRealPath())) {
      assertThat(Made.held(devices.of(RawPath.parse("null")), zero)).isEmpty();
      assertThat(Made.held(devices.of(RawPath.parse("zero")), zero))
          .hasValueSatisfying(Made.Held::close);
    }
  }

  @Test
  void aLinkAndAFifoHaveTheirOwnTimesAndModes() throws Exception {
    Path outside = Files.writeString(folder.resolve("outside"), "untouched");
    long before = Files.getLastModifiedTime(outside).toMillis();
    add(Entry.Type.SYMLINK, "l", outside.toString());
    add(Entry.Type.FIFO, "p", null);
    extract();
    assertThat(warnings).isEmpty();
    for (String name : List.of("l", "p")) {
      assertThat(
              Files.getLastModifiedTime(target.resolve(name), LinkOption.NOFOLLOW_LINKS).toMillis())
          .isEqualTo(5_000);
    }
    assertThat(Files.getPosixFilePermissions(target.resolve("p")))
        .isEqualTo(PosixFilePermissions.fromString("rwxr-x---"));
    assertThat(Files.getLastModifiedTime(outside).toMillis()).isEqualTo(before);
  }

  @Test
  void aLinkAndAFifoHaveTheirOwnOwnersAndNothingBehindThemChanges() throws Exception {
    assumeTrue(Extractor.maySetOwners());
    Path outside = Files.writeString(folder.resolve("outside"), "untouched");
    for (Entry.Type type : List.of(Entry.Type.SYMLINK, Entry.Type.FIFO)) {
      RawPath to = type == Entry.Type.SYMLINK ? RawPath.parse(outside.toString()) : null;
      RawPath name = RawPath.parse(type.name());
      tar.writeBytes(
          TarHeaders.of(
              new Entry(
                  name, type, 0750, 123, 0xFFFF_FFFEL, null, null, 5, 6, 0, null, to, null, null)));
    }
    byte[] whole = Arrays.copyOf(tar.toByteArray(), tar.size() + 1024);
    new Extractor(target, true, warnings::add).run(new ByteArrayInputStream(whole));
    assertThat(warnings).isEmpty();
    for (String name : List.of("SYMLINK", "FIFO")) {
      Path made = target.resolve(name);
      assertThat(Files.readAttributes(made, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS))
          .containsEntry("uid", 123)
          .containsEntry("gid", 0xFFFF_FFFE);
    }
    assertThat(Files.getAttribute(outside, "unix:uid")).isEqualTo(0);
  }

  private void records(ByteArrayOutputStream records) {
    byte[] pax = TarHeaders.of(MadeEntries.file("pax", records.size()));
    pax[156] = 'x';
    tar.writeBytes(pax);
    tar.writeBytes(records.toByteArray());
    tar.writeBytes(new byte[TarHeaders.padding(records.size())]);
  }

  private void owned(String key, String id) {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    PaxRecords.add(records, key, id.getBytes(StandardCharsets.US_ASCII));
    records(records);
    tar.writeBytes(TarHeaders.of(MadeEntries.file("f", 0)));
  }

  /** Cut to 32 bits, the first two are root. */
  @ParameterizedTest
  @CsvSource({
    "uid,4294967296",
    "gid,4294967296",
    "uid,4294967295",
    "gid,-1",
    "uid,9223372036854775807"
  })
  void aUserOrGroupThatNoneHasIsRefused(String key, String id) {
    owned(key, id);
    assertThatThrownBy(this::extract).isInstanceOf(IOException.class).hasMessageContaining(id);
    assertThat(target.resolve("f")).doesNotExist();
  }

  @Test
  void theLargestUserIsRestored() throws Exception {
    owned("uid", "4294967294");
    extract();
    assertThat(target.resolve("f")).exists();
  }

  @Test
  void ofManyAttributesThatCannotBeSetTheFirstAreTold() throws Exception {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (int i = 0; i < 10_000; i++) {
      PaxRecords.addAttribute(records, RawPath.parse("nobodys." + i), new byte[] {1});
    }
    records(records);
    tar.writeBytes(TarHeaders.of(MadeEntries.file("f", 0)));
    extract();
    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0)).contains("f lacks attributes").endsWith("and 9980 more");
    assertThat(warnings.get(0).length()).isLessThan(5_000);
  }

  /** Else what a node has chosen runs as whoever looks at its files. */
  @Test
  void whoSetsNoOwnersRestoresNothingThatRunsAsThem() throws Exception {
    for (Entry.Type type : List.of(Entry.Type.FILE, Entry.Type.FOLDER)) {
      tar.writeBytes(
          TarHeaders.of(
              new Entry(
                  RawPath.parse(type.name()),
                  type,
                  06755,
                  0,
                  0,
                  null,
                  null,
                  0,
                  0,
                  0,
                  type == Entry.Type.FILE ? Sha256.of(new byte[0]) : null,
                  null,
                  null,
                  null)));
    }
    byte[] whole = Arrays.copyOf(tar.toByteArray(), tar.size() + 1024);
    new Extractor(target, false, warnings::add).run(new ByteArrayInputStream(whole));
    assertThat((int) Files.getAttribute(target.resolve("FILE"), "unix:mode") & 07777)
        .isEqualTo(0755);
    assertThat((int) Files.getAttribute(target.resolve("FOLDER"), "unix:mode") & 07777)
        .isEqualTo(02755);
    assertThat(warnings).hasSize(2).allMatch(one -> one.contains("does not set its user or group"));
    Path own = Files.createDirectory(folder.resolve("owned"));
    assumeTrue(Extractor.maySetOwners());
    new Extractor(own, true, warnings::add).run(new ByteArrayInputStream(whole));
    assertThat((int) Files.getAttribute(own.resolve("FILE"), "unix:mode") & 07777).isEqualTo(06755);
    assertThat(warnings).hasSize(2);
  }

  /** Linux asks for the right to write, though what is written to is open. */
  @Test
  void whoIsNotRootRestoresAttributesOfWhatCannotBeWrittenTo() throws Exception {
    assumeTrue(Extractor.maySetOwners());
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path own = Files.createDirectory(folder.resolve("own"));
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    PaxRecords.addAttribute(records, RawPath.parse("user.x"), new byte[] {1});
    records(records);
    tar.writeBytes(
        TarHeaders.of(
            new Entry(
                RawPath.parse("f"),
                Entry.Type.FILE,
                0444,
                0,
                0,
                null,
                null,
                0,
                0,
                0,
                Sha256.of(new byte[0]),
                null,
                null,
                null)));
    byte[] whole = Arrays.copyOf(tar.toByteArray(), tar.size() + 1024);
    FutureTask<Void> asNobody =
        new FutureTask<>(
            () -> {
              // Of this thread alone, which loses root's power over files with it.
              NativeLibrary.getInstance("c")
                  .getFunction("setfsuid")
                  .invokeInt(new Object[] {65534});
              new Extractor(own, false, warnings::add).run(new ByteArrayInputStream(whole));
              return null;
            });
    new Thread(asNobody).start();
    asNobody.get();
    assertThat(warnings).isEmpty();
    assertThat(Files.getAttribute(own.resolve("f"), "unix:uid")).isEqualTo(65534);
    assertThat(Files.getPosixFilePermissions(own.resolve("f")))
        .isEqualTo(PosixFilePermissions.fromString("r--r--r--"));
    assertThat(
            Files.getFileAttributeView(own.resolve("f"), UserDefinedFileAttributeView.class).list())
        .containsExactly("x");
  }
}
