package resguardo.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlackoutTest {
  private static final ZoneId MADRID = ZoneId.of("Europe/Madrid");

  private static Instant utc(String time) {
    return LocalDateTime.parse(time).toInstant(ZoneOffset.UTC);
  }

  /** 2026-11-26 is a Thursday. */
  @ParameterizedTest
  @CsvSource({
    "08:00-18:00, 2026-11-26T08:00, 2026-11-26T18:00",
    "08:00-18:00, 2026-11-26T17:59:59, 2026-11-26T18:00",
    "08:00-18:00, 2026-11-26T18:00, ",
    "08:00-18:00, 2026-11-26T07:59:59, ",
    "22:00-06:00, 2026-11-26T23:00, 2026-11-27T06:00",
    "22:00-06:00, 2026-11-26T05:00, 2026-11-26T06:00",
    "thu 22:00-06:00, 2026-11-26T05:00, ",
    "thu 22:00-06:00, 2026-11-27T05:00, 2026-11-27T06:00",
    "sat-mon 00:00-00:00, 2026-11-26T05:00, ",
    "sat-mon 00:00-00:00, 2026-11-30T05:00, 2026-12-01T00:00",
    "'mon,wed-thu 9:00-10:00', 2026-11-26T09:30, 2026-11-26T10:00",
  })
  void itLastsFromItsBeginningToItsEnd(String text, String now, String end) {
    assertThat(Blackout.parse(text, ZoneOffset.UTC).endOf(utc(now)).map(Instant::toString))
        .isEqualTo(java.util.Optional.ofNullable(end).map(time -> utc(time).toString()));
  }

  @Test
  void itsTimesAreLocalAndFollowTheClock() {
    Blackout night = Blackout.parse("01:00-05:00", MADRID);
    // In the night of 2027-03-28 the clock goes from 2 to 3: five o'clock is 3:00 UTC, not 4:00.
    assertThat(night.endOf(utc("2027-03-27T01:00"))).contains(utc("2027-03-27T04:00"));
    assertThat(night.endOf(utc("2027-03-28T01:30"))).contains(utc("2027-03-28T03:00"));
  }

  @Test
  void severalThatMeetLastAsOne() {
    List<Blackout> all =
        List.of(
            Blackout.parse("08:00-12:00", ZoneOffset.UTC),
            Blackout.parse("11:00-14:00", ZoneOffset.UTC),
            Blackout.parse("14:00-15:00", ZoneOffset.UTC));
    assertThat(Blackout.endOfAll(all, utc("2026-11-26T09:00"))).contains(utc("2026-11-26T15:00"));
    assertThat(Blackout.endOfAll(all, utc("2026-11-26T07:00"))).contains(utc("2026-11-26T07:00"));
  }

  @Test
  void whatLeavesNoTimeIsFoundOut() {
    List<Blackout> all = List.of(Blackout.parse("00:00-00:00", ZoneOffset.UTC));
    assertThat(Blackout.endOfAll(all, utc("2026-11-26T09:00"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "8-18", "25:00-26:00", "08:00", "foo 08:00-09:00", "mon-tue-wed 1:00-2:00"})
  void whatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> Blackout.parse(text, ZoneOffset.UTC))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void itIsShownAsItIsWritten() {
    assertThat(Blackout.parse("mon-wed 8:00-18:30", MADRID))
        .hasToString("mon,tue,wed 08:00-18:30 Europe/Madrid");
    assertThat(Blackout.parse("8:00-18:30", MADRID)).hasToString("08:00-18:30 Europe/Madrid");
  }
}
