package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import resguardo.core.Blackout;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Pause;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.RunOrder;
import resguardo.core.Schedule;
import resguardo.core.SchedulingOptions;
import resguardo.core.SourcePath;
import resguardo.core.catalog.FleetSettings;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Event;

/** What operators may say of when things are run, and that the scheduler does so. */
class StartRulesTest {
  /** A Thursday. */
  private static final Instant START = Instant.parse("2026-11-26T06:00:00Z");

  private static final Peer WORKER = new Peer(Role.WORKER, "w-1");
  private static final Schedule HOURLY = new Schedule.Every(3600);

  private final Roster agents = new Roster();
  private final Scheduler scheduler = new Scheduler(agents);

  private static RegistrationKey key(int number) {
    return new RegistrationKey(new NodeName("node" + number), SourcePath.parse("/srv"));
  }

  private static Registration registration(int number, SchedulingOptions rules) {
    return new Registration(
        key(number), HOURLY, null, 1, START, Registration.State.ACTIVE, rules, null);
  }

  private static SchedulingOptions blackout(String text) {
    return new SchedulingOptions(
        null, List.of(Blackout.parse(text, ZoneOffset.UTC)), null, null, null);
  }

  private static Instant at(Duration after) {
    return START.plus(after);
  }

  private List<FetchJob> tick(Duration after) {
    for (int i = 0; i < 20; i++) {
      agents.note(new Event.ProcessAlive(START, Peer.agent(key(i).node()), START), at(after));
    }
    return scheduler.tick(at(after)).stream().map(Scheduler.ToPublish::job).toList();
  }

  /** As it stands in the bucket. */
  private void end(FetchJob job) {
    scheduler.done(job.registration(), job.slot());
  }

  @Test
  void whatIsPausedBeginsWhenItIsResumedAndIsRunOnce() {
    scheduler.put(registration(1, SchedulingOptions.NONE));
    Pause pause = new Pause(key(1).node(), null, START, null, null, Sender.UNKNOWN);
    scheduler.put(FleetSettings.NONE.with(pause, START));
    assertThat(tick(Duration.ZERO)).isEmpty();
    scheduler.put(registration(2, SchedulingOptions.NONE));
    assertThat(tick(Duration.ofHours(3)))
        .extracting(FetchJob::registration)
        .containsExactly(key(2));
    scheduler.put(FleetSettings.NONE);
    List<FetchJob> resumed = tick(Duration.ofHours(3).plusSeconds(1));
    assertThat(resumed).extracting(FetchJob::slot).containsExactly(at(Duration.ofHours(3)));
    assertThat(resumed.get(0).missed()).isEqualTo(3);
  }

  @Test
  void aPauseEndsByItself() {
    scheduler.put(registration(1, SchedulingOptions.NONE));
    Instant until = at(Duration.ofMinutes(90));
    scheduler.put(
        FleetSettings.NONE.with(new Pause(null, null, START, until, null, Sender.UNKNOWN), START));
    assertThat(tick(Duration.ofMinutes(89))).isEmpty();
    assertThat(tick(Duration.ofMinutes(90))).hasSize(1);
  }

  @Test
  void nothingBeginsInABlackoutAndTheNewestSlotAfterIt() {
    scheduler.put(registration(1, blackout("thu 06:00-09:30")));
    assertThat(tick(Duration.ZERO)).isEmpty();
    assertThat(tick(Duration.ofMinutes(209))).isEmpty();
    assertThat(tick(Duration.ofMinutes(210)))
        .extracting(FetchJob::slot)
        .containsExactly(at(Duration.ofHours(3)));
  }

  @Test
  void whatIsUnderWayWhenABlackoutBeginsIsSeenToItsEnd() {
    scheduler.put(registration(1, blackout("thu 06:10-09:30")));
    List<FetchJob> first = tick(Duration.ZERO);
    scheduler.note(
        new Event.JobReturned(at(Duration.ofMinutes(20)), WORKER, first.get(0), "store", false),
        at(Duration.ofMinutes(20)));
    assertThat(tick(Duration.ofMinutes(21))).containsExactly(first.get(0).again());
  }

  @Test
  void aSlotThatCouldNotBeginInTimeIsMissedAndToldOfOnce() {
    SchedulingOptions rules = new SchedulingOptions(null, null, 600L, null, null);
    scheduler.put(registration(1, rules));
    // No agent is there.
    assertThat(scheduler.tick(at(Duration.ofSeconds(601)))).isEmpty();
    assertThat(scheduler.takeSkipped()).extracting(StartRules.Skipped::slot).containsExactly(START);
    assertThat(tick(Duration.ofSeconds(602))).isEmpty();
    assertThat(tick(Duration.ofSeconds(3599))).isEmpty();
    assertThat(scheduler.takeSkipped()).isEmpty();
    List<FetchJob> next = tick(Duration.ofHours(1));
    assertThat(next).extracting(FetchJob::slot).containsExactly(at(Duration.ofHours(1)));
    assertThat(next.get(0).missed()).isEqualTo(1);
  }

  @Test
  void jitterIsTheSameEachTimeAndSpreadsAFleet() {
    SchedulingOptions rules = new SchedulingOptions(599L, null, null, null, null);
    Set<Long> delays = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      delays.add(StartRules.delay(registration(i, rules)).toSeconds());
    }
    assertThat(delays).hasSizeGreaterThan(400).allMatch(delay -> delay >= 0 && delay < 600);
    Registration one = registration(1, rules);
    Duration delay = StartRules.delay(one);
    scheduler.put(one);
    for (int hour = 0; hour < 3; hour++) {
      Duration slot = Duration.ofHours(hour);
      assertThat(tick(slot.plus(delay).minusSeconds(1))).isEmpty();
      List<FetchJob> jobs = tick(slot.plus(delay));
      assertThat(jobs).extracting(FetchJob::slot).containsExactly(at(slot));
      end(jobs.get(0));
    }
  }

  @Test
  void noMoreOfALabelRunAtOnceThanMay() {
    for (int i = 0; i < 9; i++) {
      Map<String, String> labels = Map.of("rack", "r" + i % 3);
      scheduler.put(registration(i, new SchedulingOptions(null, null, null, null, labels)));
    }
    scheduler.put(registration(9, SchedulingOptions.NONE));
    scheduler.put(FleetSettings.NONE.limited("rack", 2));
    List<FetchJob> first = tick(Duration.ZERO);
    assertThat(perRack(first)).isEqualTo(Map.of("r0", 2L, "r1", 2L, "r2", 2L, "none", 1L));
    assertThat(tick(Duration.ofSeconds(1))).isEmpty();
    assertThat(scheduler.limitOn(key(8), at(Duration.ofSeconds(1))))
        .hasValueSatisfying(why -> assertThat(why).contains("rack=r2"));
    FetchJob ended = first.stream().filter(job -> rack(job).equals("r1")).findFirst().orElseThrow();
    end(ended);
    assertThat(tick(Duration.ofSeconds(3))).extracting(StartRulesTest::rack).containsExactly("r1");
  }

  private static Map<String, Long> perRack(List<FetchJob> jobs) {
    return jobs.stream()
        .collect(Collectors.groupingBy(StartRulesTest::rack, Collectors.counting()));
  }

  private static String rack(FetchJob job) {
    int number = Integer.parseInt(job.registration().node().value().substring("node".length()));
    return number == 9 ? "none" : "r" + number % 3;
  }

  @Test
  void theUrgentComeFirst() {
    List<SchedulingOptions.Priority> order =
        List.of(
            SchedulingOptions.Priority.LOW,
            SchedulingOptions.Priority.NORMAL,
            SchedulingOptions.Priority.HIGH);
    for (int i = 0; i < 3; i++) {
      scheduler.put(registration(i, new SchedulingOptions(null, null, null, order.get(i), null)));
    }
    assertThat(tick(Duration.ZERO))
        .extracting(FetchJob::registration)
        .containsExactly(key(2), key(1), key(0));
  }

  @Test
  void anOrderIsRunAtOnceInWhateverBlackoutAndOnlyOnce() {
    Registration quiet = registration(1, blackout("thu 06:00-09:30"));
    Instant now = at(Duration.ofMinutes(10));
    scheduler.put(quiet.ordered(new RunOrder(now, now.plusSeconds(60))));
    assertThat(tick(Duration.ofMinutes(9))).isEmpty();
    List<FetchJob> jobs = tick(Duration.ofMinutes(10));
    assertThat(jobs).extracting(FetchJob::slot).containsExactly(now);
    end(jobs.get(0));
    assertThat(tick(Duration.ofMinutes(12))).isEmpty();
    assertThat(tick(Duration.ofMinutes(210)))
        .extracting(FetchJob::slot)
        .containsExactly(at(Duration.ofHours(3)));
  }

  @Test
  void anOrderWaitsForItsAgentAndIsMissedWhenItDoesNotCome() {
    Registration one = registration(1, SchedulingOptions.NONE);
    scheduler.done(key(1), START);
    Instant now = at(Duration.ofMinutes(10));
    scheduler.put(one.ordered(new RunOrder(now, now.plusSeconds(60))));
    assertThat(scheduler.tick(now.plusSeconds(30))).isEmpty();
    assertThat(scheduler.tick(now.plusSeconds(60))).isEmpty();
    assertThat(scheduler.takeSkipped()).extracting(StartRules.Skipped::slot).containsExactly(now);
    assertThat(tick(Duration.ofMinutes(12))).isEmpty();
    scheduler.put(one.ordered(new RunOrder(now, now.plusSeconds(6000))));
    assertThat(tick(Duration.ofMinutes(13))).extracting(FetchJob::slot).containsExactly(now);
  }

  @Test
  void nothingWithAPauseAnOrderOrABlackoutBeginsWhereTheyForbidIt() {
    java.util.Random random = new java.util.Random(11);
    for (int round = 0; round < 300; round++) {
      List<Blackout> blackouts = new ArrayList<>();
      for (int i = 0; i < random.nextInt(3); i++) {
        int from = random.nextInt(24);
        blackouts.add(
            Blackout.parse(
                from + ":00-" + (from + 1 + random.nextInt(8)) % 24 + ":30", ZoneOffset.UTC));
      }
      SchedulingOptions rules =
          new SchedulingOptions(
              random.nextBoolean() ? 1L + random.nextInt(4000) : null,
              blackouts,
              random.nextBoolean() ? 60L + random.nextInt(20_000) : null,
              null,
              null);
      Scheduler mine = new Scheduler(agents);
      Registration one = registration(1, rules);
      mine.put(one);
      Instant last = null;
      for (Instant now = START; now.isBefore(START.plusSeconds(200_000)); ) {
        agents.note(new Event.ProcessAlive(START, Peer.agent(key(1).node()), START), now);
        for (Scheduler.ToPublish due : mine.tick(now)) {
          Instant slot = due.job().slot();
          Instant begins = slot.plus(StartRules.delay(one));
          assertThat(Blackout.endOfAll(blackouts, now)).contains(now);
          assertThat(begins).isBeforeOrEqualTo(now);
          assertThat(last == null || slot.isAfter(last)).isTrue();
          if (rules.startWithinSeconds() != null) {
            assertThat(begins.plusSeconds(rules.startWithinSeconds())).isAfterOrEqualTo(now);
          }
          last = slot;
          mine.done(key(1), slot);
        }
        now = now.plusSeconds(1 + random.nextInt(900));
      }
    }
  }

  @Test
  void whatIsToComeIsToldWithWhatTheClockDoes() {
    ZoneId madrid = ZoneId.of("Europe/Madrid");
    Registration nightly =
        new Registration(
            key(1),
            new Schedule.Cron("30 2 * * *", madrid),
            null,
            1,
            Instant.parse("2027-03-26T12:00:00Z"),
            Registration.State.ACTIVE,
            null,
            null);
    List<Answer.Upcoming> spring =
        Forecast.upcoming(nightly, FleetSettings.NONE, Instant.parse("2027-03-26T12:00:00Z"), 3);
    assertThat(spring.get(0).note()).isEqualTo("2027-03-27 02:30:00 CET");
    assertThat(spring.get(1).slot()).isEqualTo(Instant.parse("2027-03-28T01:00:00Z"));
    assertThat(spring.get(1).note())
        .contains("02:30 does not exist on that day: the clock goes from 02:00 to 03:00");
    assertThat(spring.get(2).note()).isEqualTo("2027-03-29 02:30:00 CEST");
    List<Answer.Upcoming> autumn =
        Forecast.upcoming(nightly, FleetSettings.NONE, Instant.parse("2027-10-30T12:00:00Z"), 2);
    assertThat(autumn.get(0).slot()).isEqualTo(Instant.parse("2027-10-31T00:30:00Z"));
    assertThat(autumn.get(0).note()).contains("comes twice on that day");
    assertThat(autumn.get(1).note()).isEqualTo("2027-11-01 02:30:00 CET");
  }

  @Test
  void whatWillBeMissedIsForetold() {
    SchedulingOptions rules =
        new SchedulingOptions(
            null, List.of(Blackout.parse("07:30-09:30", ZoneOffset.UTC)), 1800L, null, null);
    List<Answer.Upcoming> next =
        Forecast.upcoming(registration(1, rules), FleetSettings.NONE, START, 4);
    assertThat(next.get(0).begins()).isEqualTo(at(Duration.ofHours(1)));
    assertThat(next.get(1).begins()).isNull();
    assertThat(next.get(2).begins()).isEqualTo(at(Duration.ofMinutes(210)));
    assertThat(next.get(3).begins()).isEqualTo(at(Duration.ofHours(4)));
  }

  @Test
  void ofSeveralThatBecomeDueInABlackoutOnlyTheNewestIsForetold() {
    List<Answer.Upcoming> next =
        Forecast.upcoming(registration(1, blackout("07:30-10:30")), FleetSettings.NONE, START, 4);
    assertThat(next)
        .extracting(Answer.Upcoming::begins)
        .containsExactly(at(Duration.ofHours(1)), null, null, at(Duration.ofMinutes(270)));
    assertThat(next.get(1).note()).contains("a newer slot is run in its place");
  }

  private static FleetSettings paused(Instant until) {
    return FleetSettings.NONE.with(
        new Pause(key(1).node(), null, START, until, null, Sender.UNKNOWN), START);
  }

  @Test
  void whatAPauseKeepsFromBeginningIsForetoldAndHappensSo() {
    Registration hourly = registration(1, blackout("09:30-10:00"));
    FleetSettings settings = paused(at(Duration.ofMinutes(210))); // until 09:30
    List<Answer.Upcoming> next = Forecast.upcoming(hourly, settings, START, 4);
    assertThat(next)
        .extracting(Answer.Upcoming::begins)
        .containsExactly(null, null, null, at(Duration.ofHours(4)));
    assertThat(next.get(0).note())
        .contains("paused until 2026-11-26T09:30:00Z", "a newer slot is run in its place");
    assertThat(next.get(3).note()).isNull();
    scheduler.put(hourly);
    end(tick(Duration.ZERO).get(0));
    scheduler.put(settings);
    assertThat(tick(Duration.ofMinutes(210))).isEmpty();
    assertThat(tick(Duration.ofMinutes(239))).isEmpty();
    assertThat(tick(Duration.ofHours(4)))
        .extracting(FetchJob::slot)
        .containsExactly(at(Duration.ofHours(4)));
  }

  @Test
  void aPauseOfOnePauseAfterAnotherIsOverWhenBothAre() {
    FleetSettings both =
        paused(at(Duration.ofMinutes(90)))
            .with(
                new Pause(null, null, START, at(Duration.ofMinutes(100)), null, Sender.UNKNOWN),
                START);
    assertThat(Forecast.upcoming(registration(1, SchedulingOptions.NONE), both, START, 1).get(0))
        .extracting(Answer.Upcoming::begins)
        .isEqualTo(at(Duration.ofMinutes(100)));
  }

  @Test
  void whenAPauseEndsThatHasNoEndIsNotForetold() {
    List<Answer.Upcoming> next =
        Forecast.upcoming(registration(1, SchedulingOptions.NONE), paused(null), START, 2);
    assertThat(next).extracting(Answer.Upcoming::begins).containsOnlyNulls();
    assertThat(next).allSatisfy(one -> assertThat(one.note()).contains("until it is resumed"));
  }

  @Test
  void aNodeThatDiedInTheMiddleTakesNoOthersTurn() {
    Map<String, String> rack = Map.of("rack", "r7");
    for (int i = 0; i < 2; i++) {
      scheduler.put(registration(i, new SchedulingOptions(null, null, null, null, rack)));
    }
    scheduler.put(FleetSettings.NONE.limited("rack", 1));
    FetchJob first = tick(Duration.ZERO).get(0);
    scheduler.note(
        new Event.JobReturned(at(Duration.ofSeconds(5)), WORKER, first, "no answer", true),
        at(Duration.ofSeconds(5)));
    // From here on the agent of the first gives no sign of life.
    Instant later = at(Duration.ofMinutes(2));
    agents.note(new Event.ProcessAlive(START, Peer.agent(key(1).node()), START), later);
    assertThat(scheduler.tick(later))
        .extracting(due -> due.job().registration())
        .containsExactly(key(1));
  }

  @Test
  void anOrderByAClockThatWasAheadKeepsNoScheduleFromGoingOn() {
    Instant year = START.plus(Duration.ofDays(365));
    Registration one = registration(1, SchedulingOptions.NONE);
    scheduler.put(one.ordered(new RunOrder(year, year.plusSeconds(86_400))));
    List<FetchJob> jobs = tick(Duration.ofHours(1));
    assertThat(jobs).extracting(FetchJob::slot).containsExactly(at(Duration.ofHours(1)));
    end(jobs.get(0));
    assertThat(tick(Duration.ofHours(2)))
        .extracting(FetchJob::slot)
        .containsExactly(at(Duration.ofHours(2)));
  }

  @Test
  void anOrderIsRunAtOnceWhileSlotsAreAheadOfTheClock() {
    Instant ahead = START.plus(Duration.ofDays(365));
    Registration one = registration(1, SchedulingOptions.NONE);
    scheduler.put(one);
    scheduler.done(key(1), ahead);
    FetchJob job = tick(Duration.ofHours(1)).get(0);
    end(job);
    assertThat(tick(Duration.ofMinutes(61))).isEmpty();
    Instant slot = job.slot().plusSeconds(1);
    scheduler.put(one.ordered(new RunOrder(slot, slot.plusSeconds(60))));
    assertThat(tick(Duration.ofMinutes(62))).extracting(FetchJob::slot).containsExactly(slot);
  }

  @Test
  void oneThatStoodByWithAClockThatWasAheadPublishesWhenItTakesOver() {
    Scheduler standby = new Scheduler(agents);
    Instant year = START.plus(Duration.ofDays(365));
    standby.listens(year);
    standby.put(registration(1, SchedulingOptions.NONE));
    // Set right; it hears of something, and takes over later.
    standby.note(new Event.ProcessAlive(START, WORKER, START), START);
    Instant now = at(Duration.ofMinutes(1));
    agents.note(new Event.ProcessAlive(START, Peer.agent(key(1).node()), START), now);
    assertThat(standby.tick(now)).hasSize(1);
  }

  @Test
  void anOrderThatWasMissedIsToldOfOnceHoweverManySlotsAreSkipped() {
    SchedulingOptions rules = new SchedulingOptions(null, null, 60L, null, null);
    Instant now = at(Duration.ofMinutes(10));
    scheduler.put(registration(1, rules).ordered(new RunOrder(now, now.plusSeconds(60))));
    List<Instant> told = new ArrayList<>();
    for (int minute = 10; minute < 60 * 5; minute++) {
      assertThat(scheduler.tick(at(Duration.ofMinutes(minute)))).isEmpty(); // no agent is there
      scheduler.takeSkipped().forEach(skipped -> told.add(skipped.slot()));
    }
    assertThat(told).doesNotHaveDuplicates().contains(now, at(Duration.ofHours(4)));
  }

  /** As a stolen key or user of a worker could say it, in a status or an event. */
  @Test
  void aTimeThatNoClockHasStopsNobody() {
    scheduler.put(registration(1, SchedulingOptions.NONE));
    scheduler.put(registration(2, SchedulingOptions.NONE));
    scheduler.done(key(1), Instant.MAX);
    FetchJob forged = FetchJob.first(registration(2, SchedulingOptions.NONE), Instant.MAX);
    scheduler.note(new Event.JobRunning(START, WORKER, forged, 0, 0), START);
    assertThat(tick(Duration.ZERO)).extracting(FetchJob::slot).containsExactly(START, START);
  }
}
