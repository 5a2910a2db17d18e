package resguardo.agent.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.SourceFolder;

class NamesRoomTest {
  private static final byte[] NOTICED = "notice me".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path folder;
  @TempDir Path scratch;

  private static List<String> make(Path folder, int count, int seed) throws IOException {
    Random random = new Random(seed);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = i + "x".repeat(random.nextInt(200)) + (random.nextBoolean() ? "é" : "~");
      Files.createFile(folder.resolve(name));
      names.add(name);
    }
    names.sort((a, b) -> Arrays.compareUnsigned(utf8(a), utf8(b)));
    return names;
  }

  private static byte[] utf8(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> rest(Names names) throws IOException {
    List<String> all = new ArrayList<>();
    for (byte[] name = names.next(); name != null; name = names.next()) {
      all.add(new String(name, StandardCharsets.UTF_8));
    }
    return all;
  }

  @Test
  void namesComeInOrderHoweverSmallThePartsAre() throws Exception {
    List<String> made = make(folder, 700, 1);
    for (long memory : new long[] {200_000, 400_000, 10_000_000}) {
      try (NamesRoom room = new NamesRoom(memory, scratch, NOTICED);
          SourceFolder open = SourceFolder.open(folder);
          Names names = room.of(open, 0)) {
        assertThat(rest(names)).isEqualTo(made);
        assertThat(names.longest()).isBetween(190, 206);
        assertThat(names.sawNoticed()).isFalse();
        assertThat(scratch).isEmptyDirectory(); // it has no name
      }
    }
  }

  @Test
  void whatLiesBelowTakesItsRoomAndGivesItBack() throws Exception {
    List<String> made = make(folder, 500, 2);
    Path below = Files.createDirectory(scratch.resolve("below"));
    List<String> within = make(below, 500, 3);
    Files.createFile(below.resolve("notice me"));
    within.add(within.size(), "notice me");
    within.sort((a, b) -> Arrays.compareUnsigned(utf8(a), utf8(b)));
    try (NamesRoom room = new NamesRoom(150_000, scratch, NOTICED);
        SourceFolder open = SourceFolder.open(folder);
        Names names = room.of(open, 1000)) {
      List<String> all = new ArrayList<>();
      for (byte[] name = names.next(); name != null; name = names.next()) {
        all.add(new String(name, StandardCharsets.UTF_8));
        if (all.size() % 100 == 0) {
          try (SourceFolder other = SourceFolder.open(below);
              Names others = room.of(other, 1000)) {
            assertThat(rest(others)).isEqualTo(within);
            assertThat(others.sawNoticed()).isTrue();
          }
        }
      }
      assertThat(all).isEqualTo(made);
    }
  }

  @Test
  void whereThereIsNoRoomNothingIsTaken() throws Exception {
    make(folder, 300, 4);
    Path few = Files.createDirectory(scratch.resolve("few"));
    List<String> made = make(few, 3, 5);
    for (Path where : List.of(scratch, scratch.resolve("gone"))) {
      try (NamesRoom room = new NamesRoom(8_000, where, NOTICED)) {
        for (int i = 0; i < 10; i++) {
          try (SourceFolder open = SourceFolder.open(folder)) {
            assertThatExceptionOfType(NamesRoom.NoRoomException.class)
                .isThrownBy(() -> room.of(open, 100));
          }
          try (SourceFolder open = SourceFolder.open(few);
              Names names = room.of(open, 100)) {
            assertThat(rest(names)).isEqualTo(made);
          }
        }
      }
    }
  }
}
