package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class PastTimeTest {
  /** Two hours after the day began there, and on the day after in UTC it is still the same. */
  private static final ZonedDateTime NOW =
      ZonedDateTime.parse("2026-11-27T02:00+01:00[Europe/Madrid]");

  @ParameterizedTest
  @CsvSource({
    "2026-11-24T10:00:00Z, 2026-11-24T10:00:00Z",
    "2026-11-24T10:00:00+02:00, 2026-11-24T08:00:00Z",
    "2026-11-24T10:00, 2026-11-24T09:00:00Z",
    "24h, 2026-11-26T01:00:00Z",
    "2d, 2026-11-25T01:00:00Z",
    "2026-11-26, 2026-11-26T22:59:59.999999999Z",
    "yesterday, 2026-11-26T22:59:59.999999999Z",
    "today, 2026-11-27T22:59:59.999999999Z"
  })
  void asOfADayIsAsOfItsEndWhereThisMachineIs(String text, Instant time) {
    assertThat(PastTime.asOf(text, NOW)).isEqualTo(time);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-26, 2026-11-25T23:00:00Z",
    "yesterday, 2026-11-25T23:00:00Z",
    "today, 2026-11-26T23:00:00Z",
    "24h, 2026-11-26T01:00:00Z"
  })
  void sinceADayIsSinceItsBegin(String text, Instant time) {
    assertThat(PastTime.since(text, NOW)).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "noon", "2026-13-01", "2026-02-30", "24", "24x", "9999999999y"})
  void whatIsNoTimeIsRefusedWithTheWaysToGiveOne(String text) {
    assertThatThrownBy(() -> PastTime.asOf(text, NOW))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("such as");
  }

  @Test
  void theDayOfAChangeOfTheClockIsAsLongAsItIs() {
    ZonedDateTime now = ZonedDateTime.parse("2026-10-26T12:00+01:00[Europe/Madrid]");
    assertThat(PastTime.since("yesterday", now)).isEqualTo("2026-10-24T22:00:00Z");
    assertThat(PastTime.asOf("yesterday", now)).isEqualTo("2026-10-25T22:59:59.999999999Z");
  }
}
