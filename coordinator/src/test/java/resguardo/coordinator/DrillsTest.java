package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import resguardo.core.DrillPolicy;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Pause;
import resguardo.core.Peer;
import resguardo.core.RawPath;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.FleetSettings;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.ProofBook;
import resguardo.core.catalog.Status;
import resguardo.core.port.Platform;
import resguardo.core.port.Sender;
import resguardo.core.protocol.DrillOrder;
import resguardo.core.protocol.Event;
import resguardo.core.protocol.QueryJob;
import resguardo.testkit.store.MemoryArchiveStore;

/** Which drill is made when. */
class DrillsTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Peer WORKER = new Peer(Role.WORKER, "w-1");
  private static final RegistrationKey ALPHA = key("alpha");
  private static final RegistrationKey BETA = key("beta");

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final ProofBook book = new ProofBook(store);
  private final Map<RegistrationKey, Registration> registrations = new HashMap<>();
  private final Map<RegistrationKey, Serial> newest = new HashMap<>();
  private Instant now = START;
  private long nanos = -7;
  private FleetSettings settings = FleetSettings.NONE;
  private Drills drills;

  private static RegistrationKey key(String node) {
    return new RegistrationKey(new NodeName(node), SourcePath.parse("/srv"));
  }

  @BeforeEach
  void start() {
    drills = started();
    pass(Duration.ofMinutes(1));
  }

  private Drills started() {
    Clock clock =
        new Clock() {
          @Override
          public ZoneId getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return now;
          }
        };
    return new Drills(store, Platform.of(clock, () -> nanos), () -> settings);
  }

  private void pass(Duration time) {
    now = now.plus(time);
    nanos += time.toNanos();
  }

  private void registered(RegistrationKey key, @Nullable DrillPolicy policy, long serial) {
    registrations.put(
        key,
        new Registration(
            key,
            new Schedule.Every(3600),
            null,
            1,
            now,
            Registration.State.ACTIVE,
            null,
            null,
            null,
            policy));
    newest.put(key, new Serial(serial));
  }

  private Optional<Status> status(RegistrationKey key) {
    return Optional.ofNullable(newest.get(key))
        .map(
            serial ->
                new Status(
                    JobId.of(key, 1, START),
                    START,
                    Status.Outcome.COMMITTED,
                    null,
                    START,
                    START,
                    serial));
  }

  private Optional<QueryJob> next() {
    return drills.next(registrations.values(), this::status, now);
  }

  private static DrillOrder order(QueryJob job) {
    return java.util.Objects.requireNonNull(job.drill());
  }

  private static void refresh(Drills drills) throws IOException {
    var look = drills.begin();
    look.read();
    drills.end(look, AlarmDesk::leaveOut);
  }

  /** One is begun, and counts as being made. */
  private QueryJob begun() throws Exception {
    refresh(drills);
    QueryJob job = next().orElseThrow();
    drills.published(job, now);
    return job;
  }

  private void ended(QueryJob job, @Nullable String problem, @Nullable RawPath upTo)
      throws Exception {
    Proof.Drill shown =
        new Proof.Drill(
            job.replyTo(),
            job.serial(),
            order(job).ordered(),
            now,
            WORKER,
            upTo == null ? Proof.Extent.WHOLE : Proof.Extent.SAMPLE,
            true,
            3,
            9,
            problem == null ? null : List.of(problem),
            null,
            order(job).after(),
            upTo);
    Proof proof = book.save(job.registration(), shown, order(job).known()).orElseThrow();
    drills.note(event(job, proof, null), now);
    drills.shown(job.registration(), proof);
    refresh(drills); // as before each publication
  }

  private Event event(QueryJob job, @Nullable Proof proof, @Nullable String why) {
    return new Event.DrillEnded(
        now, WORKER, job.registration(), job.serial(), job.replyTo(), proof, why);
  }

  private Event running(QueryJob job) {
    return new Event.DrillRunning(
        now, WORKER, job.registration(), job.serial(), job.replyTo(), 1, 2);
  }

  @Test
  void whatWasNeverProvenIsTriedSomeMinutesAfterItWasRegistered() {
    registered(ALPHA, null, 4);
    assertThat(next()).isEmpty();
    pass(Drills.FIRST);
    QueryJob job = next().orElseThrow();
    assertThat(job.registration()).isEqualTo(ALPHA);
    assertThat(job.serial()).isEqualTo(new Serial(4));
    assertThat(order(job))
        .isEqualTo(new DrillOrder(now, false, DrillPolicy.USUAL_BYTES, null, null));
  }

  @Test
  void whatHasNoVersionAndWhatIsRegisteredNoMoreIsNot() {
    registered(ALPHA, null, 1);
    newest.remove(ALPHA);
    registered(BETA, null, 1);
    Registration beta = registrations.get(BETA);
    registrations.put(
        BETA, new Registration(BETA, beta.schedule(), 2, beta.since(), Registration.State.REMOVED));
    pass(WEEK);
    assertThat(next()).isEmpty();
  }

  @Test
  void whatWasProvenIsTriedAgainAfterAWeekAndTheVersionThatIsNewestThen() throws Exception {
    registered(ALPHA, null, 1);
    pass(Drills.FIRST);
    QueryJob first = begun();
    pass(Duration.ofHours(1));
    ended(first, null, null);
    newest.put(ALPHA, new Serial(9));
    pass(WEEK.minus(Duration.ofHours(1)).minusSeconds(1));
    assertThat(next()).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(begun().serial()).isEqualTo(new Serial(9));
  }

  @Test
  void oneIsMadeAtATimeAndThatFirstWhichIsDueForTheLongest() throws Exception {
    registered(ALPHA, null, 1);
    pass(Duration.ofSeconds(9));
    registered(BETA, null, 1);
    pass(Drills.FIRST);
    QueryJob first = begun();
    assertThat(first.registration()).isEqualTo(ALPHA);
    assertThat(next()).isEmpty();
    ended(first, null, null);
    assertThat(next().orElseThrow().registration()).isEqualTo(BETA);
  }

  @Test
  void oneThatNothingIsHeardOfIsMadeAgainAfterOthersAndEachTimeLater() throws Exception {
    registered(ALPHA, null, 1);
    pass(Drills.FIRST);
    QueryJob job = begun();
    Duration pause = Drills.FIRST_PAUSE;
    for (int i = 0; i < 4; i++) {
      pass(Drills.SILENCE.minusSeconds(1));
      assertThat(next()).as("it may be on its way").isEmpty();
      drills.note(running(job), now);
      pass(Drills.SILENCE);
      assertThat(next()).as("a worker died with it").isEmpty();
      pass(pause.minusSeconds(1));
      assertThat(next()).isEmpty();
      pass(Duration.ofSeconds(1));
      job = begun();
      pause = pause.multipliedBy(2);
    }
  }

  @Test
  void oneThatCameToNothingKeepsNoOtherFromBeingMade() throws Exception {
    registered(ALPHA, null, 1);
    pass(Duration.ofSeconds(9));
    registered(BETA, null, 1);
    pass(Drills.FIRST);
    drills.note(event(begun(), null, "the store is away"), now);
    assertThat(next().orElseThrow().registration()).isEqualTo(BETA);
  }

  @Test
  void whatFailedIsTriedAgainAtOnceWhenThereIsANewerVersionAndElseAfterADay() throws Exception {
    registered(ALPHA, null, 1);
    pass(Drills.FIRST);
    ended(begun(), "a: it is not what was stored", null);
    assertThat(next()).isEmpty();
    newest.put(ALPHA, new Serial(2));
    QueryJob second = begun();
    assertThat(second.serial()).isEqualTo(new Serial(2));
    ended(second, "still", null);
    assertThat(next()).isEmpty();
    pass(DAY);
    assertThat(next()).isPresent();
    assertThat(drills.of(ALPHA).orElseThrow().proven()).isNull();
  }

  @Test
  void aSampleGoesOnWhereTheOneBeforeEndedAndOneThatFailedIsReadAgain() throws Exception {
    registered(ALPHA, new DrillPolicy(60, 5L), 1);
    RawPath middle = RawPath.parse("srv/m");
    pass(Duration.ofSeconds(60));
    QueryJob first = begun();
    assertThat(order(first).readBytes()).isEqualTo(5);
    ended(first, null, middle);
    pass(Duration.ofSeconds(60));
    QueryJob second = begun();
    assertThat(order(second).after()).isEqualTo(middle);
    ended(second, "damaged", RawPath.parse("srv/x"));
    newest.put(ALPHA, new Serial(2));
    QueryJob third = begun();
    assertThat(order(third).after()).isEqualTo(middle);
    ended(third, null, null); // up to the last
    pass(Duration.ofSeconds(60));
    assertThat(order(begun()).after()).isNull();
  }

  @Test
  void whoeverHasJustStartedListensForWhatIsBeingMade() throws Exception {
    registered(ALPHA, null, 1);
    pass(Drills.FIRST);
    QueryJob job = begun();
    drills = started();
    assertThat(next()).isEmpty();
    drills.note(running(job), now);
    pass(Drills.HEARD_OF_ALL);
    assertThat(next()).isEmpty();
    assertThat(drills.open().orElseThrow().worker()).isEqualTo(WORKER);
    ended(job, null, null);
    assertThat(next()).isEmpty();
    assertThat(drills.open()).isEmpty();
  }

  @Test
  void theFleetSaysHowOftenWhereTheRegistrationDoesNotAndNeverIsNever() throws Exception {
    registered(ALPHA, null, 1);
    registered(BETA, new DrillPolicy(3600, DrillPolicy.ALL), 1);
    settings = FleetSettings.NONE.drilled(DrillPolicy.NEVER);
    pass(DAY);
    QueryJob job = begun();
    assertThat(job.registration()).isEqualTo(BETA);
    assertThat(order(job).readBytes()).isEqualTo(Long.MAX_VALUE);
    ended(job, null, null);
    assertThat(next()).isEmpty();
    settings = FleetSettings.NONE.drilled(new DrillPolicy(60, null));
    assertThat(next().orElseThrow().registration()).isEqualTo(ALPHA);
  }

  @Test
  void whatIsPausedIsLeftAlone() {
    registered(ALPHA, null, 1);
    settings =
        FleetSettings.NONE.with(
            new Pause(ALPHA.node(), null, now, null, "the store is moved", Sender.UNKNOWN), now);
    pass(DAY);
    assertThat(next()).isEmpty();
    assertThat(drills.due(registrations.get(ALPHA), status(ALPHA), now)).isPresent();
  }

  /** Ten years ahead for an hour, and set back. */
  @Test
  void whatWasProvenByAClockThatWasAheadIsProvenAgain() throws Exception {
    registered(ALPHA, null, 1);
    pass(Drills.FIRST);
    Instant right = now;
    now = now.plus(Duration.ofDays(3650));
    ended(begun(), null, null);
    now = right;
    QueryJob again = begun();
    ended(again, null, null);
    assertThat(drills.of(ALPHA).orElseThrow().last().ordered()).isEqualTo(right);
    assertThat(next()).isEmpty();
  }

  @Test
  void whatIsWrongIsSaid() throws Exception {
    registered(ALPHA, null, 1);
    assertThat(drills.findings(registrations.values(), this::status, now)).isEmpty();
    pass(WEEK.plus(Drills.FIRST).plusSeconds(1));
    assertThat(findings()).singleElement().asString().contains("overdue", "never");
    QueryJob job = begun();
    ended(job, "it is gone", null);
    assertThat(findings()).singleElement().asString().contains("cannot be restored", "never");
    List<String> none = new ArrayList<>();
    newest.put(ALPHA, new Serial(2));
    ended(begun(), null, null);
    drills.findings(registrations.values(), this::status, now).forEach(f -> none.add(f.what()));
    assertThat(none).isEmpty();
  }

  private List<resguardo.core.protocol.Answer.Finding> findings() throws Exception {
    refresh(drills);
    return drills.findings(registrations.values(), this::status, now);
  }

  @Test
  void anOperatorsOrderSaysSo() {
    registered(ALPHA, null, 3);
    QueryJob job =
        drills.order(ALPHA, new Serial(3), new DrillPolicy(0, DrillPolicy.ALL), true, now);
    assertThat(order(job).byOperator()).isTrue();
    assertThat(job.replyTo()).isInstanceOf(ReplyId.class);
  }

  /** As whoever has the password of a worker could say it. */
  @Test
  void whatAWorkerSaysADrillHasShownIsNotTakenFromItsWord() throws Exception {
    registered(ALPHA, null, 1);
    pass(Drills.FIRST);
    ended(begun(), "a: it is not what was stored", null);
    Proof failed = drills.of(ALPHA).orElseThrow();
    assertThat(failed.last().good()).isFalse();
    Proof.Drill good =
        new Proof.Drill(
            ReplyId.random(),
            Serial.first(),
            now,
            now,
            WORKER,
            Proof.Extent.WHOLE,
            true,
            3,
            9,
            null,
            null,
            null,
            null);
    Proof forged = new Proof(failed.version(), ALPHA, good, good);
    drills.note(
        new Event.DrillEnded(now, WORKER, ALPHA, Serial.first(), good.id(), forged, null), now);
    assertThat(drills.of(ALPHA)).contains(failed);
    assertThat(findings()).singleElement().asString().contains("cannot be restored");
  }

  @Test
  void drillsThatAreMadeUpTakeNoMoreThanTheirRoomAndKeepNoneFromBeingMadeWhenTheyAreSilent()
      throws Exception {
    registered(ALPHA, null, 1);
    pass(Drills.FIRST);
    for (int i = 0; i < 1000; i++) {
      drills.note(
          new Event.DrillRunning(now, WORKER, key("n" + i), Serial.first(), ReplyId.random(), 0, 0),
          now);
      drills.note(
          new Event.DrillEnded(
              now, WORKER, ALPHA, Serial.first(), ReplyId.random(), null, "made up"),
          now);
    }
    assertThat(next()).as("some may be under way").isEmpty();
    pass(Drills.SILENCE);
    assertThat(next()).isPresent();
  }
}
