package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a worker keeps in a file beside a query, and how much of it. */
class SpoolFileTest {
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  @Test
  void itTakesNoMoreRoomThanItLeavesToOthers() throws Exception {
    long total = 100L * MIB;
    long[] used = {0};
    byte[] some = new byte[MIB];
    try (SpoolFile file = new SpoolFile(folder, () -> total - used[0])) {
      assertThatThrownBy(
              () -> {
                for (; used[0] < total; used[0] += MIB) {
                  file.append(some, MIB);
                }
              })
          .isInstanceOf(SpoolException.class)
          .hasMessageContaining("has no room in " + folder);
      assertThat(file.end()).isBetween(30L * MIB, 50L * MIB + SpoolFile.LOOK);
      assertThatThrownBy(() -> file.appendZeros(total)).isInstanceOf(SpoolException.class);
    }
  }

  @Test
  void whereItIsNotKnownHowMuchIsLeftItGoesOn() throws Exception {
    try (SpoolFile file = new SpoolFile(folder, () -> 0)) {
      assertThat(file.appendZeros(1L << 40)).isZero();
      byte[] last = {1, 2, 3};
      file.write((1L << 40) - 3, last, 0, 3);
      byte[] read = new byte[4];
      file.read((1L << 40) - 4, read, 4);
      assertThat(read).containsExactly(0, 1, 2, 3);
    }
  }

  @Test
  void whereThereIsNoFolderItSaysSo() {
    assertThatThrownBy(() -> new SpoolFile(folder.resolve("absent")))
        .isInstanceOf(SpoolException.class)
        .hasMessageContaining("cannot be kept in " + folder.resolve("absent"));
  }
}
