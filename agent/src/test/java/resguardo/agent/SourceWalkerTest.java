package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static resguardo.core.BackupOptions.NONE;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import resguardo.agent.names.FirstNames;
import resguardo.archive.SourceFolder;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.SourcePath;
import resguardo.core.version.Entry;
import resguardo.core.version.Totals;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SourceWalkerTest {
  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  @TempDir Path folder;

  private Path set;

  @BeforeEach
  void makeSet() throws IOException {
    set = Files.createDirectory(folder.resolve("set"));
  }

  private Map<String, Entry> walk() throws Exception {
    Map<String, Entry> found = new LinkedHashMap<>();
    Walks.walk(set, RawPath.parse("set"), NONE, f -> found.put(f.name().text(), f.entry()));
    return found;
  }

  static void python(String script, Path argument) throws Exception {
    Process process =
        new ProcessBuilder("python3", "-c", script, argument.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private Rounds.Round round() throws Exception {
    Path work = Files.createTempDirectory(folder, "work");
    return new Rounds(set, RawPath.parse("set"), work, THREADS).next(true);
  }

  private Totals totals() throws Exception {
    return round().totals();
  }

  @Test
  void everyOddNameIsFoundWithItsBytesInTheOrderOfTheFormat() throws Exception {
    python(
        """
        import os,sys
        os.chdir(os.fsencode(sys.argv[1]))
        for n in [b'1', b'a-1', b'two words', b'new\\nline', b'tab\\tbed', b'back\\\\slash', b'-rf', 'caf\\u00e9'.encode(),
                  'cafe\\u0301'.encode(), b'n'*255, b'x\\xff\\xfe', b'%41', b'\\xef\\xbf\\xbd', b'a', b'a.b']:
          open(n, 'wb').write(n)
        os.mkdir(b'd\\xff'); open(b'd\\xff/in', 'w').write('x')
        os.symlink(b'to\\xff', b'l\\xff')
        """,
        set);
    Map<String, Entry> found = walk();
    assertThat(found.keySet())
        .contains(
            "set",
            "set/1",
            "set/a-1",
            "set/two words",
            "set/new\nline",
            "set/tab\tbed",
            "set/back\\slash",
            "set/-rf")
        .contains(
            "set/caf\u00e9",
            "set/cafe\u0301",
            "set/" + "n".repeat(255),
            "%:set/x%FF%FE",
            "set/%41",
            "set/\uFFFD")
        .contains("%:set/d%FF", "%:set/d%FF/in", "%:set/l%FF")
        .hasSize(19);
    assertThat(found.values().stream().map(Entry::name).toList()).isSorted();
    assertThat(found.get("%:set/l%FF").link())
        .isEqualTo(RawPath.ofBytes(new byte[] {'t', 'o', (byte) 0xff}));
  }

  @Test
  void aPathDeeperThanTheSystemTakesIsWalkedAndArchived() throws Exception {
    python(
        """
        import os,sys
        os.chdir(sys.argv[1])
        for i in range(60):
          os.mkdir('d'*100); os.chdir('d'*100)
        open('bottom', 'w').write('deep')
        """,
        set);
    try {
      Map<String, Entry> found = walk();
      assertThat(found).hasSize(62);
      Entry bottom = new ArrayList<>(found.values()).get(61);
      assertThat(bottom.name().length()).isGreaterThan(6000);
      assertThat(bottom.size()).isEqualTo(4);
      assertThat(round().totals().files()).isEqualTo(1);
    } finally {
      // JUnit cannot take so deep a folder away.
      python("import shutil,sys,os; os.chdir(sys.argv[1]); os.system('rm -rf ' + 'd'*100)", set);
    }
  }

  @Test
  void foldersInEachOtherWithoutEndAreLookedIntoUpToABound() throws Exception {
    python(
        """
        import os,sys
        os.chdir(sys.argv[1])
        for i in range(1100):
          os.mkdir('d'); os.chdir('d')
        """,
        set);
    try {
      List<Entry> found = new ArrayList<>(walk().values());
      assertThat(found).hasSize(SourceWalker.DEEPEST + 1);
      assertThat(found.get(SourceWalker.DEEPEST).warning()).isEqualTo(Entry.Warning.UNREADABLE);
      assertThat(found.subList(0, SourceWalker.DEEPEST)).allMatch(one -> one.warning() == null);
    } finally {
      python("import os,sys; os.chdir(sys.argv[1]); os.system('rm -rf d')", set);
    }
  }

  @Test
  void whatIsNoFileIsRecordedAndNeverOpened() throws Exception {
    python("import os,sys; os.mkfifo(sys.argv[1] + '/fifo')", set);
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(set.resolve("socket")));
      Files.createSymbolicLink(set.resolve("loop"), Path.of("loop"));
      Files.createSymbolicLink(set.resolve("out"), Path.of("/etc"));
      Map<String, Entry> found = walk();
      assertThat(found.get("set/fifo").type()).isEqualTo(Entry.Type.FIFO);
      assertThat(found.get("set/socket").type()).isEqualTo(Entry.Type.SOCKET);
      assertThat(found.get("set/loop").type()).isEqualTo(Entry.Type.SYMLINK);
      assertThat(found.get("set/out").link()).isEqualTo(RawPath.parse("/etc"));
      assertThat(found).hasSize(5);
      assertThat(round().totals().entries()).isEqualTo(5);
    }
  }

  @Test
  void ofSeveralNamesOfAFileTheFirstHasTheContent() throws Exception {
    Files.writeString(set.resolve("b"), "shared");
    Files.createLink(set.resolve("a"), set.resolve("b"));
    Files.createDirectory(set.resolve("0"));
    Files.createLink(set.resolve("0/z"), set.resolve("b"));
    Map<String, Entry> found = walk();
    assertThat(found.get("set/0/z").type()).isEqualTo(Entry.Type.FILE);
    assertThat(found.get("set/a").type()).isEqualTo(Entry.Type.HARD_LINK);
    assertThat(found.get("set/a").link()).isEqualTo(RawPath.parse("set/0/z"));
    assertThat(found.get("set/b").link()).isEqualTo(RawPath.parse("set/0/z"));
    assertThat(totals().files()).isEqualTo(1);
  }

  @Test
  void metadataIsRecordedToTheNanosecond() throws Exception {
    Path file = Files.writeString(set.resolve("f"), "abc");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
    // Java cannot set such a time, but read it.
    python("import os,sys; os.utime(sys.argv[1], ns=(0, -1876543211))", file);
    Entry entry = walk().get("set/f");
    assertThat(entry.mode()).isEqualTo(0751);
    assertThat(entry.mtimeSeconds()).isEqualTo(-2);
    assertThat(entry.mtimeNanos()).isEqualTo(123_456_789);
    assertThat(entry.size()).isEqualTo(3);
    assertThat(entry.uid()).isEqualTo(((Number) Files.getAttribute(file, "unix:uid")).longValue());
    assertThat(entry.user()).isEqualTo(Files.getOwner(file).getName());
  }

  @Test
  void aSingleFileIsASetToo() throws Exception {
    Path file = Files.writeString(set.resolve("only 1"), "x");
    List<Entry> found = new ArrayList<>();
    Walks.walk(file, SourcePath.parse("/srv/only 1").memberName(), NONE, f -> found.add(f.entry()));
    assertThat(found).extracting(e -> e.name().text()).containsExactly("srv/only 1");
  }

  /** Linux has a file system of its own mounted there, and all may write to it. */
  @Test
  void ofAnotherFileSystemOnlyTheFolderIsKeptWhereOneIsAskedFor() throws Exception {
    Path mounted = Path.of("/dev/shm");
    assertThat(FileState.of(mounted).device()).isNotEqualTo(FileState.of(Path.of("/dev")).device());
    Path inside = Files.createTempFile(mounted, "resguardo", ".test");
    try {
      String name = inside.toString().substring(1);
      assertThat(walkDev(false)).contains("dev/shm", name);
      assertThat(walkDev(true)).contains("dev", "dev/shm", "dev/null").doesNotContain(name);
    } finally {
      Files.delete(inside);
    }
  }

  private static List<String> walkDev(boolean oneFileSystem) throws Exception {
    BackupOptions options =
        new BackupOptions(
            List.of(), oneFileSystem, BackupOptions.Codec.GZIP, null, List.of(), false, null);
    List<String> found = new ArrayList<>();
    Walks.walk(Path.of("/dev"), RawPath.parse("dev"), options, f -> found.add(f.name().text()));
    return found;
  }

  @Test
  void aRootThatIsNotThereIsNotAnEmptySet() {
    assertThatThrownBy(() -> Walks.walk(set.resolve("nothing"), RawPath.parse("x"), NONE, f -> {}))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aFileThatCannotBeReadIsRecordedAndTheRestIsArchived() throws Exception {
    Files.writeString(set.resolve("a"), "1");
    Files.writeString(set.resolve("b"), "2");
    List<Entry> entries = new ArrayList<>();
    Walks.walk(
        set,
        RawPath.parse("set"),
        NONE,
        found -> {
          if (found.type() == Entry.Type.FILE) {
            Files.delete(found.path()); // gone between the look and the reading
            entries.add(FileReader.small(found).entry());
          }
        });
    assertThat(entries)
        .hasSize(2)
        .allSatisfy(e -> assertThat(e.warning()).isEqualTo(Entry.Warning.UNREADABLE));
  }

  @Test
  void twoAgentsThatRememberNothingMakeTheSameArchive() throws Exception {
    Files.writeString(set.resolve("a"), "1");
    Files.createDirectories(set.resolve("d/e"));
    Files.write(set.resolve("d/large"), new byte[3_000_000]);
    Files.createSymbolicLink(set.resolve("l"), Path.of("a"));
    Rounds.Round first = round();
    Rounds.Round second = round();
    assertThat(second.totals()).isEqualTo(first.totals());
    assertThat(second.archive()).isEqualTo(first.archive());
    assertThat(first.totals().entries()).isEqualTo(6);
  }

  @Test
  void whatAPersonWouldCallAChangeChangesTheFingerprint() throws Exception {
    Path file = Files.writeString(set.resolve("a"), "1");
    FileTime time = Files.getLastModifiedTime(file);
    List<Totals> seen = new ArrayList<>();
    seen.add(totals());
    Files.writeString(file, "2");
    Files.setLastModifiedTime(file, time); // the same size and time, another content
    seen.add(totals());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    seen.add(totals());
    Files.setLastModifiedTime(file, FileTime.fromMillis(5));
    seen.add(totals());
    Files.move(file, set.resolve("b"));
    seen.add(totals());
    Files.delete(set.resolve("b"));
    seen.add(totals());
    assertThat(seen.stream().map(Totals::fingerprint)).doesNotHaveDuplicates();
  }

  @Test
  void onlyWhatReallyLiesBelowAnAllowedRootIsAllowed() throws Exception {
    Path secret = Files.createDirectory(folder.resolve("secret"));
    Files.createSymbolicLink(set.resolve("way out"), secret);
    Files.createDirectory(set.resolve("in"));
    Files.createSymbolicLink(folder.resolve("way in"), set);
    AllowList allow = new AllowList(List.of(set));
    assertThat(allow.resolve(source(set.resolve("in")))).isEqualTo(set.resolve("in").toRealPath());
    assertThat(allow.resolve(source(set))).isEqualTo(set.toRealPath());
    assertThat(allow.resolve(source(folder.resolve("way in/in"))))
        .isEqualTo(set.resolve("in").toRealPath());
    for (Path refused :
        List.of(
            secret, folder, set.resolve("way out"), Path.of(set + "ter"), Path.of("/nowhere"))) {
      assertThatThrownBy(() -> allow.resolve(source(refused)))
          .isInstanceOfSatisfying(
              AllowList.RefusedException.class, e -> assertThat(e.missing()).isFalse());
    }
    assertThatThrownBy(() -> allow.resolve(source(set.resolve("gone"))))
        .isInstanceOfSatisfying(
            AllowList.RefusedException.class, e -> assertThat(e.missing()).isTrue());
    assertThatThrownBy(() -> new AllowList(List.of()).resolve(source(set)))
        .isInstanceOf(AllowList.RefusedException.class);
  }

  private static SourcePath source(Path path) {
    return SourcePath.parse(path.toString());
  }

  /** Somebody on the node who may write there puts a link to what is not theirs in the way. */
  @Test
  void aLinkThatTakesThePlaceOfAFolderWhileItIsWalkedOverLeadsNowhere() throws Exception {
    Path secrets = Files.createDirectory(folder.resolve("secrets"));
    Files.writeString(secrets.resolve("shadow"), "root's own");
    Path mine = Files.createDirectory(set.resolve("mine"));
    Files.writeString(mine.resolve("shadow"), "mine");
    Files.createDirectory(mine.resolve("sub"));
    Files.createDirectory(secrets.resolve("sub"));
    Files.writeString(secrets.resolve("sub/deep"), "root's own");
    Map<String, String> read = new LinkedHashMap<>();
    Walks.walk(
        set,
        RawPath.parse("set"),
        NONE,
        found -> {
          if (found.name().text().equals("set/mine")) {
            Files.move(mine, set.resolve("moved"));
            Files.createSymbolicLink(mine, secrets);
          }
          if (found.type() == Entry.Type.FILE) {
            read.put(
                found.name().text(),
                new String(FileReader.small(found).bytes(), StandardCharsets.UTF_8));
          }
        });
    assertThat(read).containsEntry("set/mine/shadow", "mine").doesNotContainValue("root's own");
  }

  @Test
  void aLinkThatTakesThePlaceOfAFolderBeforeItIsOpenedIsNotFollowed() throws Exception {
    Path secrets = Files.createDirectory(folder.resolve("secrets"));
    Files.writeString(secrets.resolve("shadow"), "root's own");
    Files.createDirectory(set.resolve("a"));
    Path mine = Files.createDirectory(set.resolve("mine"));
    Found folderThatWas = found(mine);
    Files.delete(mine);
    Files.createSymbolicLink(mine, secrets);
    assertThatThrownBy(() -> SourceFolder.open(folderThatWas.path()).close())
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> SourceFolder.at(mine.resolve("sub")).close())
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aFolderOfAnotherPathThanItHadIsNotTaken() throws Exception {
    Path real = folder.toRealPath();
    Path elsewhere = Files.createDirectories(real.resolve("elsewhere/in"));
    Files.createSymbolicLink(real.resolve("way"), elsewhere.getParent());
    assertThatThrownBy(() -> SourceFolder.at(real.resolve("way/in")).close())
        .isInstanceOf(NoSuchFileException.class);
    SourceFolder.at(elsewhere).close();
  }

  /** To open it would wait until somebody writes to it, which nobody need ever do. */
  @Test
  void aFifoThatTakesThePlaceOfAFileIsNotWaitedFor() throws Exception {
    Path file = set.resolve("f");
    Files.writeString(file, "x");
    Found found = found(file);
    Files.delete(file);
    python("import os,sys; os.mkfifo(sys.argv[1])", file);
    assertThatThrownBy(() -> FileReader.large(found).close()).isInstanceOf(IOException.class);
    assertThat(FileReader.small(found).settled()).isFalse();
    Path rules = set.resolve(".resguardoignore");
    python("import os,sys; os.mkfifo(sys.argv[1])", rules);
    assertThat(walk().get("set/.resguardoignore").warning())
        .isEqualTo(Entry.Warning.RULES_NOT_USED);
  }

  private Found found(Path path) throws Exception {
    try (FirstNames none = new FirstNames(0, folder)) {
      return new Entries(none).found(RawPath.parse("set/x"), path, FileState.of(path));
    }
  }
}
