package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Work that was lost with its worker is not waited for without end. */
class SilenceTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final Silence silence = new Silence(nanos::get);

  private void pass(long nanoseconds) {
    nanos.addAndGet(nanoseconds);
  }

  @Test
  void whatHasNotBegunMayWaitForLong() {
    pass(Silence.LONGEST.toNanos() * 100);
    assertThat(silence.isLong()).isFalse();
  }

  @Test
  void whatHadBegunAndIsNotHeardOfIsLost() {
    silence.heard();
    pass(Silence.LONGEST.toNanos());
    assertThat(silence.isLong()).isFalse();
    pass(1);
    assertThat(silence.isLong()).isTrue();
    silence.heard();
    assertThat(silence.isLong()).isFalse();
  }
}
