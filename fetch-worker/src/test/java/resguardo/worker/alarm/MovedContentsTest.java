package resguardo.worker.alarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import resguardo.core.Sha256;

class MovedContentsTest {
  private static Sha256 content(int number) {
    return Sha256.of(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
  }

  @Property(tries = 200)
  void allThatWentAndCameIsCountedInWhateverOrder(
      @ForAll @IntRange(min = 0, max = 200) int onlyGone,
      @ForAll @IntRange(min = 0, max = 200) int both,
      @ForAll @IntRange(min = 0, max = 200) int onlyCame) {
    MovedContents moved = new MovedContents();
    for (int i = 0; i < onlyGone + both; i++) {
      moved.gone(content(i), marked(i % 2 == 0, MovedContents.Mark.SUSPECT));
    }
    for (int i = onlyGone + both + onlyCame - 1; i >= onlyGone; i--) {
      moved.came(content(i), marked(i % 3 == 0, MovedContents.Mark.GROWN));
    }
    MovedContents.Moved found = moved.moved();
    assertThat(found.all()).isEqualTo(both);
    assertThat(found.suspectGone()).isEqualTo(every(2, onlyGone, both));
    assertThat(found.grownCame()).isEqualTo(every(3, onlyGone, both));
  }

  private static MovedContents.Mark marked(boolean so, MovedContents.Mark mark) {
    return so ? mark : MovedContents.Mark.NONE;
  }

  private static long every(int nth, int from, int many) {
    return java.util.stream.IntStream.range(from, from + many).filter(i -> i % nth == 0).count();
  }

  @Test
  void ofEqualFilesOneIsHeldAgainstOne() {
    MovedContents moved = new MovedContents();
    for (int i = 0; i < 5; i++) {
      moved.gone(content(1), MovedContents.Mark.NONE);
    }
    for (int i = 0; i < 3; i++) {
      moved.came(content(1), MovedContents.Mark.NONE);
    }
    assertThat(moved.moved().all()).isEqualTo(3);
  }

  @Test
  void ofMoreThanAreKeptASampleIsCountedUp() {
    MovedContents moved = new MovedContents(4096);
    for (int i = 0; i < 100_000; i++) {
      moved.gone(content(i), MovedContents.Mark.SUSPECT);
    }
    for (int i = 40_000; i < 100_000; i++) {
      moved.came(content(i), MovedContents.Mark.NONE);
    }
    MovedContents.Moved found = moved.moved();
    assertThat(found.all()).isCloseTo(60_000, within(6_000L));
    assertThat(found.suspectGone()).isEqualTo(found.all());
    assertThat(found.suspectCame()).isZero();
  }
}
