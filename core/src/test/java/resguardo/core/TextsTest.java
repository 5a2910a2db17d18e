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

  /** Programs that read logs begin another line at any of these. */
  @Test
  void whatIsShownIsOneLineForWhoeverReadsIt() {
    assertThat(Texts.shown("a\nb\u2028c\u2029d\u0085e\u202ef"))
        .isEqualTo("a\\u000ab\\u2028c\\u2029d\\u0085e\\u202ef");
    assertThat(Texts.whole("a b\u00a0c\ud83d\ude00")).isEqualTo("a b\u00a0c\ud83d\ude00");
  }

  @Test
  void noCharacterIsCutInTwo() {
    String two = "\ud83d\ude00";
    assertThat(Texts.cutInside(two.repeat(4), 3)).isEqualTo(two + two + "…" + two);
    assertThat(Texts.cut(two.repeat(4), 3)).isEqualTo(two.repeat(3) + "…");
  }
}
