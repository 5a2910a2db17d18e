package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A flood of bad messages is told, and fills no log. */
class SeldomTest {
  private long nanos = Long.MAX_VALUE - 5;
  private final Seldom seldom = new Seldom(() -> nanos);
  private final List<String> said = new ArrayList<>();

  private void happens(int times) {
    for (int i = 0; i < times; i++) {
      seldom.happens(more -> said.add("it happened" + more));
    }
  }

  @Test
  void theFirstIsSaidAtOnceAndTheOthersAreCountedAndSaidAMinuteLater() {
    happens(1000);
    assertThat(said).containsExactly("it happened");
    nanos += Duration.ofSeconds(59).toNanos();
    happens(1);
    assertThat(said).hasSize(1);
    nanos += Duration.ofSeconds(1).toNanos();
    happens(500);
    assertThat(said)
        .containsExactly("it happened", "it happened; and 1000 more since the last time");
    nanos += Duration.ofMinutes(1).toNanos();
    happens(1);
    nanos += Duration.ofHours(1).toNanos();
    happens(1);
    assertThat(said).hasSize(4).last().isEqualTo("it happened");
  }
}
