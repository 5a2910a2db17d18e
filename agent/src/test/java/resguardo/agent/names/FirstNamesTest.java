package resguardo.agent.names;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.RawPath;

class FirstNamesTest {
  @TempDir Path folder;

  private static RawPath name(int number) {
    return RawPath.parse("set/" + "d".repeat(number % 90) + "/" + number);
  }

  @Test
  void eachFileHasTheNameThatItCameByFirst() throws Exception {
    Random random = new Random(1);
    Map<Long, RawPath> known = new HashMap<>();
    try (FirstNames names = new FirstNames(1 << 20, folder)) {
      for (int i = 0; i < 60_000; i++) {
        long inode = random.nextInt(30_000);
        long device = inode % 3;
        assertThat(names.first(device, inode, name(i))).isEqualTo(known.get(inode));
        known.putIfAbsent(inode, name(i));
      }
      assertThat(names.forgotten()).isZero();
      assertThat(names.first(7, 1, name(1))).isNull(); // of another file system
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whatThereIsNoRoomForIsForgottenAndTheOthersAreKnown() throws Exception {
    try (FirstNames names = new FirstNames(50_000, folder)) {
      for (int i = 0; i < 10_000; i++) {
        assertThat(names.first(1, i, name(i))).isNull();
      }
      long kept = 10_000 - names.forgotten();
      assertThat(kept).isBetween(2000L, 4096L);
      for (int i = 0; i < kept; i++) {
        assertThat(names.first(1, i, name(0))).isEqualTo(name(i));
      }
      assertThat(names.first(1, kept, name(0))).isNull();
    }
  }

  @Test
  void whereNothingCanBePutAsideNothingIsRemembered() throws Exception {
    try (FirstNames names = new FirstNames(1 << 20, folder.resolve("gone"))) {
      assertThat(names.first(1, 2, name(1))).isNull();
      assertThat(names.first(1, 2, name(2))).isNull();
      assertThat(names.forgotten()).isEqualTo(2);
    }
  }
}
