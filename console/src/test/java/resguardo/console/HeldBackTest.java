package resguardo.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

class HeldBackTest {
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private int opened;

  private final HeldBack out =
      new HeldBack(
          () -> {
            opened++;
            return sent;
          });

  @Test
  void theLastBytesComeOnlyWhenAllAreRight() throws Exception {
    out.write(new byte[] {1, 2, 3});
    assertThat(opened).as("an error can still be told").isZero();
    out.write(new byte[] {4, 5});
    assertThat(sent.toByteArray()).containsExactly(1, 2, 3);
    out.release();
    assertThat(sent.toByteArray()).containsExactly(1, 2, 3, 4, 5);
    assertThat(opened).isEqualTo(1);
  }

  @Test
  void anEmptyFileIsOneToo() throws Exception {
    out.release();
    assertThat(opened).isEqualTo(1);
    assertThat(sent.toByteArray()).isEmpty();
  }
}
