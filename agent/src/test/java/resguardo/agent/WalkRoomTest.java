package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static resguardo.core.BackupOptions.NONE;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

/** What somebody who makes folders and files on a node cannot have a walk hold in memory. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WalkRoomTest {
  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  @TempDir Path folder;

  private Path set;

  @BeforeEach
  void makeSet() throws IOException {
    set = Files.createDirectory(folder.resolve("set"));
  }

  private static Map<String, Entry> walk(Path set, SourceWalker.Room room, List<String> told)
      throws Exception {
    Map<String, Entry> found = new LinkedHashMap<>();
    SourceWalker.walk(
        set,
        RawPath.parse("set"),
        NONE,
        new SourceWalker.Visitor() {
          @Override
          public void visit(Found one) {
            found.put(one.name().text(), one.entry());
          }

          @Override
          public void notLookedInto(RawPath folder, String why) {
            told.add(folder + ": " + why);
          }

          @Override
          public void linksForgotten(long files) {
            told.add(files + " forgotten");
          }
        },
        room);
    return found;
  }

  @Test
  void aPathThatIsLongerThanAnyIsNotLookedIntoAndTheRestIs() throws Exception {
    SourceWalkerTest.python(
        """
        import os,sys
        os.chdir(sys.argv[1])
        open('z', 'w').write('after')
        for i in range(300):
          os.mkdir('d'*255); os.chdir('d'*255)
        """,
        set);
    try {
      List<String> told = new ArrayList<>();
      List<Entry> found = new ArrayList<>(walk(set, Walks.AMPLE, told).values());
      assertThat(found).hasSize(1 + (RawPath.LONGEST - 3) / 256 + 1);
      assertThat(found).allMatch(one -> one.name().length() <= RawPath.LONGEST);
      assertThat(found.stream().filter(one -> one.warning() != null).toList())
          .singleElement()
          .isEqualTo(found.get(found.size() - 2));
      assertThat(found.get(found.size() - 2).warning()).isEqualTo(Entry.Warning.UNREADABLE);
      assertThat(found.get(found.size() - 1).name().text()).isEqualTo("set/z");
      assertThat(told).singleElement().asString().contains("longer than 16 KiB");
      Path work = Files.createDirectory(folder.resolve("work"));
      Rounds.Round round = new Rounds(set, RawPath.parse("set"), work, THREADS).next(true);
      assertThat(round.totals().files()).isEqualTo(1);
      assertThat(round.totals().warnings()).isEqualTo(1);
    } finally {
      SourceWalkerTest.python(
          "import os,sys; os.chdir(sys.argv[1]); os.system('rm -rf ' + 'd'*255)", set);
    }
  }

  private SourceWalker.Room room(long names, long links) {
    return new SourceWalker.Room(names, links, folder);
  }

  /** More than fit in memory, in folders in each other. */
  private void makeMany() throws IOException {
    for (String in : List.of("a", "b", "b/sub", "c")) {
      Files.createDirectories(set.resolve(in));
    }
    for (int i = 0; i < 1000; i++) {
      Files.createFile(set.resolve("a/" + "n".repeat(200) + i));
      Files.createFile(set.resolve("b/few" + i));
      Files.createFile(set.resolve("b/sub/few" + i));
    }
    Files.createFile(set.resolve("c/one"));
  }

  @Test
  void moreNamesThanFitInMemoryAllComeInTheirOrder() throws Exception {
    makeMany();
    List<String> told = new ArrayList<>();
    List<String> names = List.copyOf(walk(set, room(200_000, 0), told).keySet());
    assertThat(names).hasSize(1 + 4 + 3000 + 1);
    assertThat(names).isEqualTo(List.copyOf(walk(set, Walks.AMPLE, told).keySet()));
    assertThat(told).isEmpty();
    assertThat(folder).isDirectoryNotContaining(file -> !file.equals(set));
  }

  @Test
  void aFolderForWhoseNamesThereIsNoRoomIsToldAndTheRestIsLookedInto() throws Exception {
    makeMany();
    List<String> told = new ArrayList<>();
    SourceWalker.Room diskIsFull = new SourceWalker.Room(350_000, 0, folder.resolve("gone"));
    Map<String, Entry> found = walk(set, diskIsFull, told);
    assertThat(found.keySet())
        .contains("set/b/few0", "set/b/few999", "set/b/sub/few0", "set/c/one");
    assertThat(found.keySet()).noneMatch(name -> name.startsWith("set/a/"));
    assertThat(found.get("set/a").warning()).isEqualTo(Entry.Warning.UNREADABLE);
    assertThat(told).containsExactly("set/a: " + SourceWalker.NO_ROOM);
    Map<String, Entry> withLess = walk(set, room(50_000, 0), told);
    assertThat(withLess.keySet()).contains("set/b/few999", "set/c/one");
    assertThat(withLess.get("set/b/sub").warning()).isEqualTo(Entry.Warning.UNREADABLE);
  }

  /** For the thread that calls it, as far as files go. */
  private interface FileUser extends Library {
    int setfsuid(int id);
  }

  /** As a mount point of a user is to root, or what is in a folder that may be listed only. */
  @Test
  void whatCannotBeLookedAtIsMarkedAndTheRestIsBackedUp() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (String in : List.of("a", "b", "c")) {
      Files.createDirectory(set.resolve(in));
      Files.writeString(set.resolve(in + "/file"), "x");
    }
    Files.setPosixFilePermissions(set.resolve("b"), PosixFilePermissions.fromString("r--r--r--"));
    FileUser user = Native.load("c", FileUser.class);
    int before = user.setfsuid(65_534);
    Map<String, Entry> found;
    try {
      found = walk(set, Walks.AMPLE, new ArrayList<>());
    } finally {
      user.setfsuid(before);
      Files.setPosixFilePermissions(set.resolve("b"), PosixFilePermissions.fromString("rwx------"));
    }
    assertThat(found.keySet())
        .containsExactly(
            "set", "set/a", "set/a/file", "set/b", "set/b/file", "set/c", "set/c/file");
    assertThat(found.get("set/b/file").warning()).isEqualTo(Entry.Warning.UNREADABLE);
    assertThat(found.get("set/b").warning()).isNull();
    assertThat(found.get("set/c/file").warning()).isNull();
  }

  @Test
  void namesOfFoldersInEachOtherTakeRoomToo() throws Exception {
    SourceWalkerTest.python(
        """
        import os,sys
        os.chdir(sys.argv[1])
        for i in range(50):
          os.mkdir('d'*250); os.chdir('d'*250)
        """,
        set);
    try {
      List<String> told = new ArrayList<>();
      assertThat(walk(set, room(100_000, 0), told)).hasSizeBetween(20, 30);
      assertThat(told).hasSize(1);
      assertThat(walk(set, room(500_000, 0), told)).hasSize(51);
    } finally {
      SourceWalkerTest.python(
          "import os,sys; os.chdir(sys.argv[1]); os.system('rm -rf ' + 'd'*250)", set);
    }
  }

  @Test
  void aFileWithSeveralNamesThatThereIsNoRoomToRememberIsAFileUnderEach() throws Exception {
    for (String name : List.of("a", "b", "c")) {
      Files.writeString(set.resolve(name + "1"), name);
      Files.createLink(set.resolve(name + "2"), set.resolve(name + "1"));
    }
    List<String> told = new ArrayList<>();
    Map<String, Entry> found = walk(set, room(1 << 20, 0), told);
    assertThat(found.get("set/a2").type()).isEqualTo(Entry.Type.HARD_LINK);
    assertThat(found.get("set/b2").link()).isEqualTo(RawPath.parse("set/b1"));
    assertThat(told).isEmpty();
    SourceWalker.Room diskIsFull = new SourceWalker.Room(1 << 20, 0, folder.resolve("gone"));
    Map<String, Entry> files = walk(set, diskIsFull, told);
    assertThat(files.get("set/c1").type()).isEqualTo(Entry.Type.FILE);
    assertThat(files.get("set/c2").type()).isEqualTo(Entry.Type.FILE);
    assertThat(told).containsExactly("6 forgotten");
  }
}
