package resguardo.agent.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangedStatesTest {
  @TempDir Path folder;

  @Test
  void theyAreTakenInTheOrderInWhichTheyCame() throws Exception {
    Random random = new Random(1);
    Deque<ChangedStates.Changed> expected = new ArrayDeque<>();
    try (ChangedStates states = new ChangedStates(folder)) {
      for (int i = 0; i < 200_000; i++) {
        boolean grows = i / 40_000 % 2 == 0;
        if (random.nextInt(5) > 0 == grows) {
          expected.add(new ChangedStates.Changed(i, random.nextLong()));
          states.add(expected.getLast().line(), expected.getLast().state());
        } else if (!expected.isEmpty()) {
          assertThat(states.isEmpty()).isFalse();
          assertThat(states.peek()).isEqualTo(expected.remove());
          states.remove();
        }
      }
      assertThat(expected).hasSizeGreaterThan(3 * ChangedStates.BLOCK);
      while (!expected.isEmpty()) {
        assertThat(states.peek()).isEqualTo(expected.remove());
        states.remove();
      }
      assertThat(states.isEmpty()).isTrue();
      assertThat(states.peek()).isNull();
    }
    assertThat(folder).isEmptyDirectory();
  }
}
