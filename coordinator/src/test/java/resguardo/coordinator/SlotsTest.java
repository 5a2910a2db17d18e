package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.Schedule;

class SlotsTest {
  private static final Instant SINCE = Instant.parse("2026-01-02T03:04:05Z");
  private static final ZoneId MADRID = ZoneId.of("Europe/Madrid");

  private static Schedule.Cron cron(String expression, ZoneId zone) {
    return new Schedule.Cron(expression, zone);
  }

  @Test
  void aFrequencyIsDueAtOnceAndThenEachTimeItHasGoneBy() {
    Schedule every = new Schedule.Every(10);
    assertThat(Slots.due(every, SINCE, null, SINCE)).contains(new Slots.Due(SINCE, 0));
    assertThat(Slots.due(every, SINCE, SINCE, SINCE.plusSeconds(9))).isEmpty();
    assertThat(Slots.due(every, SINCE, SINCE, SINCE.plusSeconds(10)))
        .contains(new Slots.Due(SINCE.plusSeconds(10), 0));
    assertThat(Slots.due(every, SINCE, null, SINCE.minusSeconds(1))).isEmpty();
  }

  @Test
  void ofSlotsThatWentByOnlyTheNewestIsRunAndTheOthersAreCounted() {
    Schedule every = new Schedule.Every(10);
    assertThat(Slots.due(every, SINCE, SINCE, SINCE.plusSeconds(35)))
        .contains(new Slots.Due(SINCE.plusSeconds(30), 2));
    assertThat(Slots.due(every, SINCE, null, SINCE.plusSeconds(35)))
        .contains(new Slots.Due(SINCE.plusSeconds(30), 3));
    Schedule hourly = cron("0 * * * *", ZoneId.of("UTC"));
    assertThat(
            Slots.due(
                hourly,
                SINCE,
                Instant.parse("2026-01-02T04:00:00Z"),
                Instant.parse("2026-01-02T07:30:00Z")))
        .contains(new Slots.Due(Instant.parse("2026-01-02T07:00:00Z"), 2));
  }

  @Test
  void aScheduleThatWasDoneUnderAnEarlierGenerationStartsAfresh() {
    Schedule every = new Schedule.Every(10);
    assertThat(Slots.due(every, SINCE, SINCE.minusSeconds(500), SINCE.plusSeconds(5)))
        .contains(new Slots.Due(SINCE, 0));
  }

  @Property
  void runningWhateverIsDueRunsEverySlotOnceWhenSomeoneLooksEachSecond(
      @ForAll @IntRange(min = 1, max = 20) int seconds,
      @ForAll @IntRange(min = 0, max = 100) int length) {
    List<Instant> run = new ArrayList<>();
    Instant done = null;
    for (int second = 0; second <= length; second++) {
      Optional<Slots.Due> due =
          Slots.due(new Schedule.Every(seconds), SINCE, done, SINCE.plusSeconds(second));
      if (due.isPresent()) {
        assertThat(due.get().missed()).isZero();
        done = due.get().slot();
        run.add(done);
      }
    }
    assertThat(run).hasSize(length / seconds + 1).doesNotHaveDuplicates();
  }

  @Test
  void aCronTimeIsDueInTheSecondThatItNamesInItsZone() {
    Schedule daily = cron("0 3 * * *", MADRID);
    Instant three = Instant.parse("2026-07-01T01:00:00Z");
    assertThat(Slots.due(daily, SINCE, three.minusSeconds(86_400), three))
        .contains(new Slots.Due(three, 0));
    assertThat(Slots.due(daily, SINCE, three.minusSeconds(86_400), three.minusSeconds(1)))
        .isEmpty();
    assertThat(Slots.due(daily, SINCE, three, three.plusSeconds(3600))).isEmpty();
    assertThat(Slots.next(daily, SINCE, three)).contains(three.plusSeconds(86_400));
  }

  @Test
  void aTimeThatSummerTimeLeavesOutIsDueInTheMomentOfTheChange() {
    // In Madrid 02:00 to 03:00 of 29 March 2026 does not exist.
    Schedule inTheGap = cron("30 2 * * *", MADRID);
    Instant before = Instant.parse("2026-03-28T12:00:00Z");
    assertThat(Slots.next(inTheGap, SINCE, before)).contains(Instant.parse("2026-03-29T01:00:00Z"));
  }

  @Test
  void aTimeThatComesTwiceIsDueOnce() {
    // In Madrid 02:00 to 03:00 of 25 October 2026 comes twice: 02:30 is 00:30Z, and again 01:30Z.
    Schedule twice = cron("30 2 * * *", MADRID);
    Instant first = Slots.next(twice, SINCE, Instant.parse("2026-10-24T12:00:00Z")).orElseThrow();
    assertThat(first).isEqualTo(Instant.parse("2026-10-25T00:30:00Z"));
    assertThat(Slots.next(twice, SINCE, first)).contains(Instant.parse("2026-10-26T01:30:00Z"));
    assertThat(Slots.due(twice, SINCE, first, Instant.parse("2026-10-25T12:00:00Z"))).isEmpty();
  }

  @Property
  void lookingForwardAndLookingBackFindTheSameTimesAcrossEveryChangeOfTheClock(
      @ForAll @IntRange(min = 0, max = 365 * 24 * 60) int minute,
      @ForAll("expressions") String expression) {
    Schedule cron = cron(expression, MADRID);
    Instant from = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(minute * 60L);
    Instant next = Slots.next(cron, Instant.EPOCH, from).orElseThrow();
    assertThat(next).isAfter(from);
    assertThat(Slots.due(cron, Instant.EPOCH, from, next)).contains(new Slots.Due(next, 0));
    assertThat(Slots.due(cron, Instant.EPOCH, from, next.minusSeconds(1))).isEmpty();
  }

  @Provide
  Arbitrary<String> expressions() {
    return Arbitraries.of(
        "*/30 * * * *", "30 2 * * *", "0 3 * * *", "15 * * * *", "0 0 1 * *", "59 1,2,3 * * 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "* * * *", "60 * * * *", "* * 32 * *", "0 0 0 0 0 0 0"})
  void whatIsNoCronExpressionIsRefusedWithAReason(String expression) {
    assertThat(Slots.refusal(cron(expression, MADRID))).isPresent();
  }

  @Test
  void usableSchedulesAreNotRefused() {
    assertThat(Slots.refusal(cron("*/5 1-3 * * 1,5", MADRID))).isEmpty();
    assertThat(Slots.refusal(new Schedule.Every(1))).isEmpty();
  }
}
