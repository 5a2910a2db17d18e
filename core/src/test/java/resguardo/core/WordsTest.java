package resguardo.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WordsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-a",
        "A",
        "a.b",
        "a/b",
        "a b",
        "é",
        "a\n",
        "1234567890123456789012345678901234567890123456789012345678901234"
      })
  void whatIsNoNodeNameIsRefused(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> new NodeName(name));
  }

  @Test
  void aSourcePathIsBroughtIntoItsPlainestForm() {
    assertThat(SourcePath.parse("//srv//data 1-2/").text()).isEqualTo("/srv/data 1-2");
    assertThat(SourcePath.parse("/").text()).isEqualTo("/");
    assertThat(SourcePath.parse("/srv/data").memberName().text()).isEqualTo("srv/data");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a/b", "/a/../b", "/..", "/./a", "./a", "%:a"})
  void pathsThatAreRelativeOrHaveDotsAreRefused(String path) {
    assertThatIllegalArgumentException().isThrownBy(() -> SourcePath.parse(path));
  }

  @Property
  void versionNumbersSortAsTheirTextsDo(
      @ForAll @LongRange(min = 1, max = 999_999_999) long a,
      @ForAll @LongRange(min = 1, max = 999_999_999) long b) {
    Serial one = new Serial(a);
    Serial two = new Serial(b);
    assertThat(Integer.signum(one.text().compareTo(two.text()))).isEqualTo(Long.signum(a - b));
    assertThat(Serial.parse(one.text())).isEqualTo(one);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "1", "000000", "0000001", "x000001", "x", "1000000", "w000001", "-00001"})
  void textsThatNoVersionNumberHasAreRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Serial.parse(text));
  }

  @Test
  void theSameSlotHasTheSameJobAndAnotherGenerationOrPathAnother() {
    Instant slot = Instant.parse("2026-01-02T03:04:05Z");
    RegistrationKey key = new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
    RegistrationKey other = new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv2"));
    assertThat(JobId.of(key, 1, slot)).isEqualTo(JobId.of(key, 1, slot));
    assertThat(JobId.of(key, 2, slot)).isNotEqualTo(JobId.of(key, 1, slot));
    assertThat(JobId.of(other, 1, slot)).isNotEqualTo(JobId.of(key, 1, slot));
  }

  @Test
  void aJobWhoseIdIsNotOfItsSlotIsRefused() {
    Instant slot = Instant.parse("2026-01-02T03:04:05Z");
    RegistrationKey key = new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
    JobId id = JobId.of(key, 1, slot);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FetchJob(id, key, 1, slot.plusSeconds(1), 0, 1));
  }
}
