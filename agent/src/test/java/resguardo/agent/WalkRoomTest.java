package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static resguardo.core.BackupOptions.NONE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private static final SourceWalker.Room AMPLE = new SourceWalker.Room(1 << 30, 1 << 30);

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
      List<Entry> found = new ArrayList<>(walk(set, AMPLE, told).values());
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

  @Test
  void aFolderWhoseNamesTakeMoreThanThereIsRoomForIsToldAndTheRestIsLookedInto() throws Exception {
    for (String in : List.of("a", "b", "b/sub", "c")) {
      Files.createDirectories(set.resolve(in));
    }
    for (int i = 0; i < 100; i++) {
      Files.createFile(set.resolve("a/" + "n".repeat(200) + i));
      Files.createFile(set.resolve("b/few" + i));
      Files.createFile(set.resolve("b/sub/few" + i));
    }
    Files.createFile(set.resolve("c/one"));
    List<String> told = new ArrayList<>();
    Map<String, Entry> found = walk(set, new SourceWalker.Room(5000, 1 << 20), told);
    assertThat(found.keySet()).contains("set/b/few0", "set/b/few99", "set/c/one");
    assertThat(found.keySet()).noneMatch(name -> name.matches("set/(a|b/sub)/.*"));
    assertThat(found.get("set/a").warning()).isEqualTo(Entry.Warning.UNREADABLE);
    assertThat(found.get("set/b/sub").warning()).isEqualTo(Entry.Warning.UNREADABLE);
    assertThat(told)
        .containsExactly("set/a: " + SourceWalker.NO_ROOM, "set/b/sub: " + SourceWalker.NO_ROOM);
    assertThat(walk(set, AMPLE, told)).hasSize(1 + 4 + 300 + 1);
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
      assertThat(walk(set, new SourceWalker.Room(100_000, 0), told)).hasSizeBetween(20, 30);
      assertThat(told).hasSize(1);
      assertThat(walk(set, new SourceWalker.Room(400_000, 0), told)).hasSize(51);
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
    Map<String, Entry> found = walk(set, new SourceWalker.Room(1 << 20, 300), new ArrayList<>());
    assertThat(found.get("set/a2").type()).isEqualTo(Entry.Type.HARD_LINK);
    assertThat(found.get("set/b2").link()).isEqualTo(RawPath.parse("set/b1"));
    assertThat(found.get("set/c1").type()).isEqualTo(Entry.Type.FILE);
    assertThat(found.get("set/c2").type()).isEqualTo(Entry.Type.FILE);
  }
}
