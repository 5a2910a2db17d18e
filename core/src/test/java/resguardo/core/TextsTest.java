package resguardo.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextsTest {
  @Test
  void whatIsCutInsideKeepsItsBeginAndItsEnd() {
    assertThat(Texts.cutInside("123456789", 9)).isEqualTo("123456789");
    assertThat(Texts.cutInside("1234567890", 9)).isEqualTo("123456…890");
    assertThat(Texts.cutInside("", 0)).isEmpty();
    assertThat(Texts.cutInside("12", 0)).isEqualTo("…");
  }

  @Test
  void noCharacterIsCutInTwo() {
    String two = "\ud83d\ude00";
    assertThat(Texts.cutInside(two.repeat(4), 3)).isEqualTo(two + two + "…" + two);
    assertThat(Texts.cut(two.repeat(4), 3)).isEqualTo(two.repeat(3) + "…");
  }
}
