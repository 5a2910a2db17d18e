package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.RunOrder;
import resguardo.core.Schedule;
import resguardo.core.SchedulingOptions;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.FleetSettings;
import resguardo.core.protocol.Event;

class SchedulerTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  private static final Peer WORKER = new Peer(Role.WORKER, "w-1");
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final RegistrationKey KEY = new RegistrationKey(ALPHA, SourcePath.parse("/srv"));

  private final Roster agents = new Roster();
  private final Scheduler scheduler = new Scheduler(agents);

  private static Registration registration(long seconds, long generation, Instant since) {
    return new Registration(
        KEY, new Schedule.Every(seconds), generation, since, Registration.State.ACTIVE);
  }

  /** What is published this many seconds after the start, the agent being alive. */
  private List<FetchJob> tick(long second) {
    agents.note(new Event.ProcessAlive(START, Peer.agent(ALPHA), START), at(second));
    return tickAlone(second);
  }

  private List<FetchJob> tickAlone(long second) {
    return scheduler.tick(at(second)).stream().map(Scheduler.ToPublish::job).toList();
  }

  private static Instant at(long second) {
    return START.plusSeconds(second);
  }

  /** As it stands in the bucket. */
  private void ended(FetchJob job) {
    scheduler.done(job.registration(), job.slot());
  }

  @Test
  void aSlotIsPublishedOnceAndTheNextOnlyWhenItHasEnded() {
    scheduler.put(registration(5, 1, START));
    List<FetchJob> first = tick(0);
    assertThat(first).extracting(FetchJob::slot).containsExactly(START);
    assertThat(tick(5)).isEmpty();
    assertThat(tick(11)).isEmpty();
    ended(first.get(0));
    assertThat(scheduler.tick(at(12)))
        .containsExactly(
            new Scheduler.ToPublish(
                FetchJob.first(registration(5, 1, START), at(10), 1), 1, false));
  }

  @Test
  void whatIsDueIsWhatTheSlotsSayHoweverTheClockGoesAndScheduleChanges() {
    Random random = new Random(7);
    Registration now = registration(60, 1, START);
    scheduler.put(now);
    Instant done = null;
    long second = 0;
    long farthest = 0;
    for (int i = 0; i < 2000; i++) {
      long before = second;
      second += random.nextInt(10) == 0 ? random.nextInt(20_000) - 8_000 : random.nextInt(40);
      farthest = Math.max(farthest, before);
      second = Math.max(second, farthest - 250); // farther back is another matter, see below
      if (random.nextInt(100) == 0) {
        Schedule schedule =
            random.nextBoolean()
                ? new Schedule.Every(1 + random.nextInt(5000))
                : new Schedule.Cron(random.nextInt(60) + " * * * *", ZoneOffset.UTC);
        now =
            new Registration(KEY, schedule, now.generation() + 1, START, Registration.State.ACTIVE);
        scheduler.put(now);
      }
      List<FetchJob> jobs = tick(second);
      Optional<Slots.Due> due = Slots.due(now.schedule(), START, done, at(second));
      assertThat(jobs)
          .as("round %d, second %d, %s", i, second, now.schedule())
          .extracting(FetchJob::slot)
          .isEqualTo(due.map(Slots.Due::slot).stream().toList());
      if (!jobs.isEmpty()) {
        ended(jobs.get(0));
        done = jobs.get(0).slot();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {3600, 86_400, 315_360_000})
  void whereTheClockWasAheadAndIsSetRightBackupsGoOnAsOftenAsTheScheduleSays(long ahead) {
    scheduler.put(registration(60, 1, START));
    FetchJob first = tick(0).get(0);
    ended(first);
    FetchJob wrong = tick(ahead).get(0);
    ended(wrong);
    assertThat(tick(ahead + 30)).isEmpty();
    // Set right: at once, as nobody knows when the last was, and every minute from then on.
    Instant last = wrong.slot();
    List<Long> begun = new ArrayList<>();
    for (long second = 40; second < 400; second++) {
      List<FetchJob> jobs = tick(second);
      for (FetchJob job : jobs) {
        assertThat(job.slot()).isAfter(last); // or it would be taken for done
        last = job.slot();
        begun.add(second);
        ended(job);
      }
    }
    assertThat(begun).hasSize(7).startsWith(40L);
    assertThat(last).isBefore(wrong.slot().plusSeconds(60));
    // And when the time has come to where the clock was, as before.
    tick(ahead + 60).forEach(this::ended);
    assertThat(tick(ahead + 121)).extracting(FetchJob::slot).containsExactly(at(ahead + 120));
  }

  @Test
  void aJobThatIsOpenWhenTheClockIsSetBackIsTakenUpAgainAsIfItHadBeenPublishedThen() {
    scheduler.put(registration(60, 1, START));
    FetchJob job = tick(3600).get(0);
    assertThat(tick(0)).isEmpty();
    assertThat(tick(30)).isEmpty();
    assertThat(tick(61)).containsExactly(job); // silent for a minute
    scheduler.note(new Event.JobReturned(at(3600), WORKER, job, "cut", false), at(62));
    assertThat(tick(64)).hasSize(1);
  }

  @Test
  void whatWasRegisteredWhenTheClockWasAheadDoesNotWaitUntilThen() {
    scheduler.put(registration(60, 1, at(3600)));
    FetchJob first = tick(0).get(0);
    assertThat(first.slot()).isEqualTo(at(3600));
    ended(first);
    assertThat(tick(10)).isEmpty();
    assertThat(tick(61)).extracting(FetchJob::slot).containsExactly(at(3601));
  }

  @Test
  void aJobOfANodeWhoseAgentIsNotThereWaitsUntilItIs() {
    scheduler.put(registration(5, 1, START));
    assertThat(tickAlone(0)).isEmpty();
    assertThat(tickAlone(7)).isEmpty();
    assertThat(tick(8)).extracting(FetchJob::slot).containsExactly(at(5));
    assertThat(scheduler.openSince(KEY)).contains(at(8));
  }

  @Test
  void anAgentThatFellSilentOrEndedIsNotThere() {
    scheduler.put(registration(100, 1, START));
    agents.note(new Event.ProcessAlive(START, Peer.agent(ALPHA), START), START.minusSeconds(16));
    assertThat(tickAlone(0)).isEmpty();
    agents.note(new Event.ProcessAlive(START, Peer.agent(ALPHA), START), START);
    agents.note(new Event.ProcessStopped(START, Peer.agent(ALPHA)), START);
    assertThat(tickAlone(0)).isEmpty();
    assertThat(agents.lastSeen(ALPHA)).isEmpty();
  }

  @Test
  void aJobThatNobodyHadForAMinuteIsPublishedAgainUnderTheSameId() {
    scheduler.put(registration(1000, 1, START));
    List<FetchJob> first = tick(0);
    scheduler.note(new Event.JobRunning(at(30), WORKER, first.get(0), 0, 0), at(30));
    assertThat(tick(90)).isEmpty();
    assertThat(tick(91)).isEqualTo(first);
    assertThat(tick(92)).isEmpty();
  }

  /** Whoever says so has the password of a worker, or hangs. */
  @Test
  void aJobThatIsSaidToBeUnderWayForLongerThanAnyAttemptTakesIsPublishedAgain() {
    scheduler.put(registration(86_400, 1, START));
    FetchJob job = tick(0).get(0);
    long longest = OpenJobs.LONGEST_ATTEMPT.toSeconds();
    for (long second = 5; second <= longest + 5; second += 5) {
      running(job, second);
      assertThat(tick(second)).isEmpty();
    }
    running(job, longest + 6);
    assertThat(tick(longest + 6)).containsExactly(job);
    running(job, longest + 7); // by the one, or by the other who has it now
    assertThat(tick(longest + 7)).isEmpty();
  }

  @Test
  void aSilentJobThatAWorkerHadForLongLiesOnNoQueueAnyMore() {
    scheduler.put(registration(86_400, 1, START));
    FetchJob job = tick(0).get(0);
    assertThat(decided(61)).containsExactly(new Scheduler.ToPublish(job, 0, true, false));
    for (long second = 62; second <= 1800; second += 5) {
      running(job, second);
    }
    assertThat(decided(1900)).containsExactly(new Scheduler.ToPublish(job, 0, true, true));
    assertThat(decided(1961)).containsExactly(new Scheduler.ToPublish(job, 0, true, false));
  }

  /** While nothing was heard of it others waited on the queue: so it was not published again. */
  @Test
  void aJobThatWasSilentForAWhileAndIsStillOpenHasBeenInHandForAsLongAsItWas() {
    scheduler.put(registration(86_400, 1, START));
    FetchJob job = tick(0).get(0);
    for (long second = 5; second <= 600; second += 5) {
      running(job, second);
    }
    assertThat(decided(661)).containsExactly(new Scheduler.ToPublish(job, 0, true, false));
    for (long second = 665; second <= 1500; second += 5) {
      running(job, second);
    }
    assertThat(decided(1561)).containsExactly(new Scheduler.ToPublish(job, 0, true, true));
  }

  @Test
  void whenAnotherHasPublishedASilentJobAgainWhoeverTakesItHasJustBegun() {
    scheduler.put(registration(86_400, 1, START));
    FetchJob job = FetchJob.first(registration(86_400, 1, START), START, 0);
    Peer leader = new Peer(Role.COORDINATOR, "two");
    scheduler.note(new Event.JobPublished(START, leader, job), START);
    for (long second = 5; second <= 1500; second += 5) {
      running(job, second);
    }
    scheduler.note(new Event.JobPublished(at(1561), leader, job), at(1561));
    running(job, 1570);
    assertThat(decided(1631)).containsExactly(new Scheduler.ToPublish(job, 0, true, false));
  }

  private List<Scheduler.ToPublish> decided(long second) {
    agents.note(new Event.ProcessAlive(START, Peer.agent(ALPHA), START), at(second));
    return scheduler.tick(at(second));
  }

  @Test
  void aJobThatCameBackIsTriedAgainAfterAPauseThatGrows() {
    scheduler.put(registration(1000, 1, START));
    FetchJob first = tick(0).get(0);
    scheduler.note(new Event.JobReturned(at(3), WORKER, first, "cut", false), at(3));
    assertThat(tick(3)).isEmpty();
    FetchJob second = tick(4).get(0);
    assertThat(second).isEqualTo(first.again());
    scheduler.note(new Event.JobReturned(at(5), WORKER, second, "cut", false), at(5));
    assertThat(tick(6)).isEmpty();
    assertThat(tick(7)).extracting(FetchJob::attempt).containsExactly(3);
    assertThat(Scheduler.pause(1000)).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void aJobOfWhichASliceCameGoesOnAtOnceAndItsAttemptsAreCountedAnew() {
    scheduler.put(registration(5, 1, START));
    FetchJob first = tick(0).get(0);
    scheduler.note(new Event.JobReturned(at(1), WORKER, first, "cut", false), at(1));
    FetchJob second = tick(2).get(0);
    assertThat(second.attempt()).isEqualTo(2);
    scheduler.note(new Event.JobSliced(at(8), WORKER, second, Serial.first(), 10, 1000), at(8));
    scheduler.note(new Event.JobRunning(at(8), WORKER, second, 10, 1000), at(8)); // overtaken
    FetchJob third = tick(8).get(0);
    assertThat(third).isEqualTo(first.afterSlice());
    assertThat(third.attempt()).isEqualTo(1);
    assertThat(third.slot()).isEqualTo(START);
    assertThat(tick(20)).isEmpty(); // no other slot meanwhile, and it is not silent yet
  }

  @Test
  void aSliceOfAnAttemptThatWasGivenUpChangesNothing() {
    scheduler.put(registration(1000, 1, START));
    FetchJob first = tick(0).get(0);
    scheduler.note(new Event.JobReturned(at(1), WORKER, first, "cut", false), at(1));
    assertThat(tick(2)).hasSize(1);
    scheduler.note(new Event.JobSliced(at(3), WORKER, first, Serial.first(), 10, 1000), at(3));
    assertThat(tick(30)).isEmpty();
  }

  @Test
  void aJobOfWhichASliceCameWaitsForItsAgentAndIsNotGoneOnWithOnceItIsUnregistered() {
    scheduler.put(registration(1000, 1, START));
    FetchJob job = tick(0).get(0);
    agents.note(new Event.ProcessStopped(at(1), Peer.agent(ALPHA)), at(1));
    scheduler.note(new Event.JobSliced(at(1), WORKER, job, Serial.first(), 10, 1000), at(1));
    assertThat(tickAlone(90)).isEmpty();
    scheduler.put(
        new Registration(KEY, new Schedule.Every(5), 2, at(91), Registration.State.REMOVED));
    assertThat(tick(92)).isEmpty();
    assertThat(scheduler.openSince(KEY)).isEmpty();
  }

  /** One job after the other, published by a coordinator that leads. */
  private void published(FetchJob job, long second) {
    Peer leader = new Peer(Role.COORDINATOR, "leader");
    scheduler.note(new Event.JobPublished(at(second), leader, job), at(second));
  }

  @Test
  void whoeverTakesOverKnowsWhatAnotherPublishedAndDoesNotPublishItAgain() {
    scheduler.put(registration(5, 1, START));
    FetchJob first = FetchJob.first(registration(5, 1, START), START);
    published(first, 0);
    assertThat(tick(7)).isEmpty();
    ended(first);
    published(first, 9); // late
    FetchJob second = FetchJob.first(registration(5, 1, START), at(5));
    published(second, 9);
    assertThat(tick(10)).isEmpty();
    scheduler.note(new Event.JobReturned(at(11), WORKER, second, "cut", false), at(11));
    published(second.again(), 12);
    assertThat(tick(14)).as("its second attempt is under way").isEmpty();
    FetchJob third = FetchJob.first(registration(5, 1, START), at(15));
    published(third, 16); // the end of the one before was not heard of
    ended(third);
    assertThat(tick(20)).extracting(FetchJob::slot).containsExactly(at(20));
  }

  @Test
  void whoeverStartsListensForWhatIsUnderWayBeforeItPublishesMoreOfTheSame() {
    scheduler.listens(at(3));
    scheduler.put(registration(5, 1, START));
    assertThat(tick(4)).isEmpty();
    FetchJob running = FetchJob.first(registration(5, 1, START), START);
    scheduler.note(new Event.JobRunning(at(7), WORKER, running, 0, 0), at(7));
    assertThat(tick(11)).isEmpty();
    ended(running);
    assertThat(tick(12)).extracting(FetchJob::slot).containsExactly(at(10));
  }

  @Test
  void whatIsRegisteredWhileItListensIsDueAtOnce() {
    scheduler.listens(at(3).plusMillis(300));
    scheduler.put(registration(5, 1, at(3)));
    assertThat(tick(4)).hasSize(1);
  }

  @Test
  void theReturnOfAnAttemptThatWasGivenUpChangesNothing() {
    scheduler.put(registration(1000, 1, START));
    FetchJob first = tick(0).get(0);
    scheduler.note(new Event.JobReturned(at(1), WORKER, first, "cut", false), at(1));
    assertThat(tick(2)).hasSize(1);
    scheduler.note(new Event.JobReturned(at(3), WORKER, first, "cut", false), at(3));
    assertThat(tick(30)).isEmpty();
  }

  @Test
  void aCoordinatorThatStartsAnewRunsNoSlotThatTheBucketSaysIsDone() {
    scheduler.put(registration(5, 1, START));
    scheduler.done(KEY, at(10));
    assertThat(tick(14)).isEmpty();
    assertThat(scheduler.nextDue(KEY, at(14))).contains(at(15));
    assertThat(tick(15)).extracting(FetchJob::slot).containsExactly(at(15));
  }

  @Test
  void aChangeWhileAJobRunsWaitsForItsEndAndThenFollowsTheNewSchedule() {
    scheduler.put(registration(5, 1, START));
    FetchJob old = tick(0).get(0);
    scheduler.put(registration(7, 2, at(3)));
    assertThat(tick(4)).isEmpty();
    ended(old);
    assertThat(tick(5)).containsExactly(FetchJob.first(registration(7, 2, at(3)), at(3)));
  }

  @Test
  void aRemovedRegistrationIsRunNoMore() {
    scheduler.put(registration(5, 1, START));
    FetchJob job = tick(0).get(0);
    scheduler.put(
        new Registration(KEY, new Schedule.Every(5), 2, at(2), Registration.State.REMOVED));
    ended(job);
    assertThat(tick(100)).isEmpty();
    assertThat(scheduler.nextDue(KEY, at(100))).isEmpty();
  }

  @Test
  void aJobThatComesBackAfterItsRegistrationWasRemovedIsNotTriedAgain() {
    scheduler.put(registration(5, 1, START));
    FetchJob job = tick(0).get(0);
    scheduler.put(
        new Registration(KEY, new Schedule.Every(5), 2, at(2), Registration.State.REMOVED));
    scheduler.note(new Event.JobReturned(at(3), WORKER, job, "cut", false), at(3));
    assertThat(tick(10)).isEmpty();
    assertThat(scheduler.openSince(KEY)).isEmpty();
  }

  @Test
  void aJobThatCouldNotBePublishedIsDueAgain() {
    scheduler.put(registration(5, 1, START));
    FetchJob job = tick(0).get(0);
    scheduler.notPublished(job);
    assertThat(scheduler.openSince(KEY)).isEmpty();
    assertThat(tick(1)).containsExactly(job);
  }

  private void running(FetchJob job, long second) {
    scheduler.note(new Event.JobRunning(at(second), WORKER, job, 0, 0), at(second));
  }

  /** As whoever has the password of a worker could say it. */
  @ParameterizedTest
  @ValueSource(longs = {301, 86_400, 315_360_000})
  void aSlotAheadThatOnlyAWorkerTellsOfKeepsNoOtherFromBeingRun(long ahead) {
    scheduler.put(registration(60, 1, START));
    running(FetchJob.first(registration(60, 1, START), at(ahead)), 0);
    FetchJob first = tick(0).get(0);
    assertThat(first.slot()).isEqualTo(START);
    running(FetchJob.first(registration(60, 1, START), at(ahead)), 1);
    ended(first);
    assertThat(tick(60)).extracting(FetchJob::slot).containsExactly(at(60));
  }

  @Test
  void whatAWorkerMadeUpIsForgottenWhenItIsSilentAndNeverPublished() {
    Registration forged = registration(60, 77, START);
    scheduler.put(registration(60, 1, START));
    running(FetchJob.first(forged, at(4), 1_000_000), 5);
    assertThat(tick(6)).as("it may be under way").isEmpty();
    assertThat(tick(65)).isEmpty();
    assertThat(tick(66)).containsExactly(FetchJob.first(registration(60, 1, START), at(60), 1));
  }

  /** A coordinator that starts anew hears of what is under way from workers alone. */
  @Test
  void whatOnlyAWorkerToldOfAndGivesBackIsPublishedAsTheBucketHasIt() {
    Registration registration = registration(1000, 1, START);
    scheduler.put(registration);
    FetchJob first = FetchJob.first(registration, START);
    FetchJob last = new FetchJob(first.id(), KEY, 1, START, 3, Integer.MAX_VALUE, Long.MAX_VALUE);
    running(last, 1);
    assertThat(tick(2)).isEmpty();
    returned(last, 3);
    running(last, 3); // a sign of life that was on its way for longer
    assertThat(tick(3)).isEmpty();
    assertThat(tick(4)).containsExactly(first);
    assertThat(tick(14)).isEmpty();
    running(first, 14);
    sliced(first, 15);
    assertThat(tick(16)).as("it is a coordinator's now").containsExactly(first.afterSlice());
  }

  private void returned(FetchJob job, long second) {
    scheduler.note(new Event.JobReturned(at(second), WORKER, job, "cut", false), at(second));
  }

  private void sliced(FetchJob job, long second) {
    scheduler.note(new Event.JobSliced(at(second), WORKER, job, Serial.first(), 1, 1), at(second));
  }

  private static Registration within(long seconds, long startWithin) {
    return new Registration(
        KEY,
        new Schedule.Every(seconds),
        null,
        1,
        START,
        Registration.State.ACTIVE,
        new SchedulingOptions(null, null, startWithin, null, null),
        null,
        null,
        null);
  }

  /** When coordinators are renewed while a large set is brought, slice by slice. */
  @Test
  void whatHadBegunGoesOnThoughByNowItMightNotBegin() {
    Registration registration = within(86_400, 60);
    scheduler.put(registration);
    FetchJob first = FetchJob.first(registration, START);
    FetchJob later = new FetchJob(first.id(), KEY, 1, START, 3, 1);
    running(later, 7_200);
    sliced(later, 7_201);
    assertThat(tick(7_202)).containsExactly(first);
    assertThat(scheduler.takeSkipped()).isEmpty();
  }

  @Test
  void anOrderThatHadBegunGoesOnThoughItsTimeIsOver() {
    RunOrder order = new RunOrder(at(10), at(100));
    Registration registration = registration(86_400, 1, START).ordered(order);
    scheduler.put(registration);
    ended(FetchJob.first(registration, START));
    FetchJob ordered = FetchJob.first(registration, at(10));
    running(ordered, 7_200);
    returned(ordered, 7_201);
    assertThat(tick(7_300)).containsExactly(ordered);
    assertThat(scheduler.takeSkipped()).isEmpty();
  }

  /** As whoever has the password of a worker could say it. */
  @Test
  void whatIsNoSlotOfTheRegistrationDoesNotGoOn() {
    scheduler.put(within(86_400, 60));
    Registration other = registration(86_400, 2, START);
    for (FetchJob made :
        List.of(
            FetchJob.first(within(86_400, 60), at(1)),
            FetchJob.first(within(86_400, 60), START.minusSeconds(86_400)),
            FetchJob.first(other, START))) {
      running(made, 7_200);
      returned(made, 7_201);
      assertThat(tick(7_300)).as("%s", made).isEmpty();
    }
  }

  @Test
  void theOneSlotAheadThatMayBeUnderWayIsThatAfterTheLastWhereTheClockWasAhead() {
    scheduler.put(registration(60, 1, START));
    scheduler.done(KEY, at(86_400));
    running(FetchJob.first(registration(60, 1, START), at(86_402)), 0);
    assertThat(scheduler.openSince(KEY)).isEmpty();
    running(FetchJob.first(registration(60, 1, START), at(86_401)), 0);
    assertThat(tick(1)).isEmpty();
    assertThat(scheduler.openSince(KEY)).contains(START);
  }

  @Test
  void theWordOfAWorkerTakesThePlaceOfNoJobThatWasPublished() {
    scheduler.put(registration(60, 1, START));
    FetchJob first = tick(0).get(0);
    running(FetchJob.first(registration(60, 1, START), at(1)), 1);
    running(first, 2);
    assertThat(scheduler.openJob(KEY).orElseThrow().job()).isEqualTo(first);
    ended(first);
    assertThat(tick(60)).hasSize(1);
  }

  @Test
  void whatACoordinatorTellsOfTakesThePlaceOfWhatAWorkerSaid() {
    scheduler.put(registration(60, 1, START));
    running(FetchJob.first(registration(60, 1, START), at(100)), 1);
    FetchJob real = FetchJob.first(registration(60, 1, START), START);
    published(real, 2);
    ended(real);
    assertThat(tick(60)).hasSize(1);
    ended(FetchJob.first(registration(60, 1, START), at(60)));
    FetchJob second = FetchJob.first(registration(60, 1, START), at(120));
    running(second, 121);
    published(second, 121); // which was on its way for longer
    scheduler.note(new Event.JobReturned(at(122), WORKER, second, "cut", false), at(122));
    assertThat(tick(123)).containsExactly(second.again());
  }

  @Test
  void jobsOfRegistrationsThatAreMadeUpTakeNoMoreThanTheirRoom() {
    scheduler.put(registration(60, 1, START));
    for (int i = 0; i < 5000; i++) {
      RegistrationKey none = new RegistrationKey(ALPHA, SourcePath.parse("/none/" + i));
      Registration made =
          new Registration(none, new Schedule.Every(60), 1, START, Registration.State.ACTIVE);
      running(FetchJob.first(made, START), 0);
    }
    assertThat(scheduler.openJobs()).hasSizeBetween(100, 1001);
    assertThat(tick(1)).hasSize(1);
    assertThat(tick(61)).as("they are gone").isEmpty();
    assertThat(scheduler.openJobs()).hasSize(1);
  }

  @Test
  void wordsOfSlicesInARowDoNotFillTheQueue() {
    scheduler.put(registration(1000, 1, START));
    FetchJob job = tick(0).get(0);
    int published = 0;
    for (int millis = 0; millis < 1000; millis++) {
      Instant now = START.plusMillis(millis);
      scheduler.note(new Event.JobSliced(now, WORKER, job, Serial.first(), 1, 1), now);
      List<Scheduler.ToPublish> more = scheduler.tick(now);
      job = more.isEmpty() ? job : more.get(0).job();
      published += more.size();
    }
    assertThat(published).isBetween(1, 4);
  }

  private static Registration ofNode(NodeName node, int number) {
    RegistrationKey key = new RegistrationKey(node, SourcePath.parse("/srv/" + number));
    return new Registration(key, new Schedule.Every(1000), 1, START, Registration.State.ACTIVE);
  }

  private void many(NodeName node) {
    for (int i = 0; i < 9; i++) {
      scheduler.put(ofNode(node, i));
    }
  }

  private static List<String> nodes(List<FetchJob> jobs) {
    return jobs.stream().map(job -> job.registration().node().value()).sorted().toList();
  }

  /** Else it kept all slots of workers from others, for as long as it is waited for. */
  @Test
  void ofANodeNoMoreAreUnderWayThanItsAgentSendsHoweverManyAreDue() {
    NodeName beta = new NodeName("beta");
    many(ALPHA);
    scheduler.put(ofNode(beta, 1));
    agents.note(new Event.ProcessAlive(START, Peer.agent(beta), START), START);
    List<FetchJob> first = tick(0);
    assertThat(nodes(first)).containsExactly("alpha", "alpha", "beta");
    assertThat(scheduler.holdsBack()).isTrue();
    first.forEach(job -> running(job, 1));
    assertThat(tick(2)).isEmpty();
    assertThat(scheduler.limitOn(ofNode(ALPHA, 7).key(), at(2)))
        .hasValueSatisfying(why -> assertThat(why).contains("node=alpha"));
    ended(first.get(0));
    assertThat(nodes(tick(3))).containsExactly("alpha");
    scheduler.put(FleetSettings.NONE.limited(FleetSettings.NODE, 6));
    assertThat(nodes(tick(4))).containsExactly("alpha", "alpha", "alpha", "alpha");
    scheduler.put(FleetSettings.NONE.limited(FleetSettings.NODE, null));
    assertThat(tick(5)).isEmpty();
  }

  /** An agent that dies again and again has all its jobs come back. */
  @Test
  void whatComesBackOfANodeWaitsItsTurnTooAndKeepsNoneOfItFromBeginning() {
    many(ALPHA);
    for (int second = 0; second < 200; second++) {
      List<FetchJob> jobs = tick(second);
      assertThat(jobs).hasSizeLessThanOrEqualTo(2);
      for (FetchJob job : jobs) {
        assertThat(tick(second)).as("both are under way").isEmpty();
        running(job, second);
      }
      for (FetchJob job : jobs) {
        scheduler.note(new Event.JobReturned(at(second), WORKER, job, "died", true), at(second));
      }
    }
    assertThat(scheduler.openJobs()).hasSize(9);
  }

  /** In whatever order their keys are. */
  @Test
  void setsThatComeInSlicesWithoutEndTakeTurnsWithAllOthersOfTheirNode() {
    many(ALPHA);
    Map<SourcePath, Integer> begun = new HashMap<>();
    for (int second = 0; second < 4000; second += 10) {
      Instant now = at(second);
      for (FetchJob job : tick(second)) {
        begun.merge(job.registration().path(), 1, Integer::sum);
        running(job, second);
        if (job.registration().path().toString().matches(".*[0-3]")) {
          scheduler.note(new Event.JobSliced(now, WORKER, job, Serial.first(), 1, 1), now);
        } else {
          ended(job);
        }
      }
    }
    assertThat(begun).hasSize(9);
    assertThat(begun.values()).allMatch(times -> times >= 4);
    assertThat(begun.get(SourcePath.parse("/srv/3")))
        .isBetween(150, 2 * begun.get(SourcePath.parse("/srv/0")));
  }

  @Test
  void whatAWorkerMakesUpKeepsNoNodeFromItsTurn() {
    many(ALPHA);
    for (int i = 5; i < 9; i++) {
      running(FetchJob.first(ofNode(ALPHA, i), START), 0);
    }
    assertThat(tick(1)).hasSize(2);
  }
}
