package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import resguardo.core.FetchJob;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.RetentionPolicy;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Answer.Finding;
import resguardo.core.protocol.Event;
import resguardo.testkit.store.MemoryArchiveStore;

class CheckupTest {
  private static final Instant NOW = Instant.now();
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final RegistrationKey KEY = new RegistrationKey(ALPHA, SourcePath.parse("/srv"));
  private static final Registration HOURLY =
      new Registration(
          KEY,
          new Schedule.Every(3600),
          1,
          NOW.minus(Duration.ofDays(9)),
          Registration.State.ACTIVE);

  private final Roster roster = new Roster();
  private final Map<RegistrationKey, Status> ends = new HashMap<>();
  private final CoordinatorContext context =
      new QuietBroker().context(new Peer(Role.COORDINATOR, "one"));

  private void alive(Peer peer, Duration ahead) {
    roster.note(new Event.ProcessAlive(NOW.plus(ahead), peer, NOW), NOW);
  }

  private List<String> found(Finding.Grade grade) {
    return new Checkup(context, List.of(HOURLY), roster)
        .ends(ends, List.of(), null).run().stream()
            .filter(one -> one.grade() == grade)
            .map(Finding::what)
            .toList();
  }

  private void ended(Status.Outcome outcome, Duration ago, String why) throws Exception {
    Instant slot = NOW.minus(ago);
    Instant good = outcome == Status.Outcome.FAILED ? null : slot;
    StatusBook book = new StatusBook(context.store());
    book.save(KEY, new Status(JobId.of(KEY, 1, slot), slot, outcome, why, slot, good, null));
    ends.put(KEY, book.find(KEY).orElseThrow());
  }

  @Test
  void whereAllIsWellNothingIsBrokenAndNothingIsLeftInTheStore() throws Exception {
    alive(Peer.agent(ALPHA), Duration.ofSeconds(-1));
    alive(new Peer(Role.WORKER, "one"), Duration.ZERO);
    alive(new Peer(Role.COORDINATOR, "one"), Duration.ZERO);
    alive(new Peer(Role.COORDINATOR, "two"), Duration.ZERO);
    ended(Status.Outcome.UNCHANGED, Duration.ofMinutes(30), null);
    assertThat(found(Finding.Grade.BROKEN)).isEmpty();
    assertThat(found(Finding.Grade.WARNING)).isEmpty();
    assertThat(context.store().list("lease/", null, 10)).isEmpty();
  }

  @Test
  void processesOfDifferentBuildsAreToldAndWhatEachSaysIsWrongWithIt() {
    Peer worker = new Peer(Role.WORKER, "one");
    roster.note(new Event.ProcessAlive(NOW, Peer.agent(ALPHA), NOW, "1.2", null), NOW);
    roster.note(new Event.ProcessAlive(NOW, worker, NOW, "1.2", null), NOW);
    assertThat(found(Finding.Grade.FINE)).contains("all processes are of version 1.2");
    roster.note(
        new Event.ProcessAlive(NOW, worker, NOW, "1.3+0a", List.of("its key may do all")), NOW);
    roster.note(new Event.ProcessAlive(NOW, new Peer(Role.WORKER, "old"), NOW), NOW);
    assertThat(found(Finding.Grade.WARNING))
        .contains("fetch-worker.one: its key may do all")
        .contains(
            "processes of different versions: 1.2 (agent.alpha), 1.3+0a (fetch-worker.one),"
                + " one that does not say (fetch-worker.old)");
    roster.note(new Event.ProcessStopped(NOW, worker), NOW);
    assertThat(found(Finding.Grade.WARNING)).noneMatch(what -> what.contains("may do all"));
  }

  @Test
  void twoAgentsOfOneNameAreToldAndOneThatIsStartedAgainIsNot() {
    String twins = "two agents go by the name alpha";
    Peer agent = Peer.agent(ALPHA);
    for (int round = 0; round < 5; round++) { // started again and again
      Instant since = NOW.minusSeconds(100 - round);
      roster.note(new Event.ProcessAlive(NOW, agent, since), NOW);
    }
    roster.note(new Event.ProcessAlive(NOW, agent, NOW.minusSeconds(1000)), NOW); // a clock was set
    assertThat(found(Finding.Grade.BROKEN)).noneMatch(what -> what.contains(twins));
    for (int round = 0; round < 2; round++) {
      roster.note(new Event.ProcessAlive(NOW, agent, NOW.minusSeconds(50)), NOW);
      roster.note(new Event.ProcessAlive(NOW, agent, NOW.minusSeconds(90)), NOW);
    }
    assertThat(found(Finding.Grade.BROKEN)).anyMatch(what -> what.contains(twins));
    assertThat(roster.twins(NOW.plus(Twins.SPOKEN_OF).plusSeconds(1))).isEmpty();
    roster.note(new Event.ProcessStopped(NOW, agent), NOW);
    assertThat(roster.twins(NOW)).isEmpty();
  }

  @Test
  void whoIsMissingIsTold() {
    alive(new Peer(Role.COORDINATOR, "one"), Duration.ZERO);
    assertThat(found(Finding.Grade.BROKEN))
        .anyMatch(what -> what.contains("no worker"))
        .anyMatch(what -> what.contains("the agent of alpha is not seen"));
    assertThat(found(Finding.Grade.WARNING)).anyMatch(what -> what.contains("one coordinator"));
  }

  @Test
  void thatAMessageOfANodeEndsConnectionsIsToldWithWhatToDo() {
    assertThat(new Checkup(context, List.of(), roster).poisonings(3).run())
        .anySatisfy(
            one -> {
              assertThat(one.grade()).isEqualTo(Finding.Grade.BROKEN);
              assertThat(one.what()).isEqualTo(Checkup.POISON + ", 3 times of late");
              assertThat(one.advice()).contains("list_connections user protocol");
            });
    assertThat(found(Finding.Grade.BROKEN)).noneMatch(what -> what.contains(Checkup.POISON));
  }

  @Test
  void thatNobodyExpiresWhatIsToBeExpiredIsTold() {
    String nobody = "nobody expires their versions";
    assertThat(found(Finding.Grade.WARNING)).noneMatch(what -> what.contains(nobody));
    Registration kept =
        new Registration(
            KEY,
            HOURLY.schedule(),
            null,
            1,
            NOW,
            Registration.State.ACTIVE,
            null,
            null,
            new RetentionPolicy(1, null, null, null, null, null, null, null));
    Checkup without = new Checkup(context, List.of(kept), roster);
    assertThat(without.run())
        .anyMatch(one -> one.grade() == Finding.Grade.WARNING && one.what().contains(nobody));
    alive(new Peer(Role.RETENTION, "one"), Duration.ZERO);
    assertThat(new Checkup(context, List.of(kept), roster).run())
        .noneMatch(one -> one.what().contains(nobody));
  }

  @Test
  void aWrongClockIsToldWithItsProcess() {
    alive(Peer.agent(ALPHA), Duration.ofDays(-1));
    assertThat(found(Finding.Grade.WARNING))
        .anyMatch(what -> what.matches("the clock of agent.alpha is 864\\d\\d s behind"));
  }

  @Test
  void whatIsLateIsBrokenAndWhatFailedAWarning() throws Exception {
    ended(Status.Outcome.COMMITTED, Duration.ofHours(1), null);
    ended(Status.Outcome.FAILED, Duration.ofMinutes(1), "no such path");
    assertThat(found(Finding.Grade.WARNING)).anyMatch(what -> what.contains("no such path"));
    assertThat(found(Finding.Grade.BROKEN)).noneMatch(what -> what.contains("late"));
    roster.note(new Event.ProcessStopped(NOW, Peer.agent(ALPHA)), NOW);
    Registration never =
        new Registration(
            new RegistrationKey(ALPHA, SourcePath.parse("/never")),
            new Schedule.Every(3600),
            1,
            NOW.minus(Duration.ofHours(5)),
            Registration.State.ACTIVE);
    assertThat(new Checkup(context, List.of(never), roster).run())
        .anyMatch(
            one ->
                one.grade() == Finding.Grade.BROKEN
                    && one.what().contains("/never is late: it was never backed up"));
  }

  /** It may be slow, hang, or only say that it does something. */
  @Test
  void whoHasInHandWhatIsLateIsNamed() throws Exception {
    ended(Status.Outcome.COMMITTED, Duration.ofHours(5), null);
    FetchJob job = FetchJob.first(HOURLY, NOW.minus(Duration.ofHours(4)));
    Answer.OpenJob waits = new Answer.OpenJob(job, job.slot(), null, 0, 0);
    assertThat(late(waits)).doesNotContain("is with");
    Peer worker = new Peer(Role.WORKER, "main-0bad");
    assertThat(late(new Answer.OpenJob(job, job.slot(), worker, 7, 4711)))
        .contains("is late", "is with fetch-worker.main-0bad", job.slot().toString(), "4711 bytes");
  }

  private String late(Answer.OpenJob open) {
    return new Checkup(context, List.of(HOURLY), roster)
        .ends(ends, List.of(), null).openJobs(List.of(open)).run().stream()
            .map(Finding::what)
            .filter(what -> what.contains("is late"))
            .findAny()
            .orElseThrow();
  }

  @Test
  void aStoreThatKnowsNoConditionsIsFoundOut() throws Exception {
    ArchiveStore memory = new MemoryArchiveStore();
    ArchiveStore careless =
        (ArchiveStore)
            Proxy.newProxyInstance(
                ArchiveStore.class.getClassLoader(),
                new Class<?>[] {ArchiveStore.class},
                (self, method, arguments) -> {
                  try {
                    return method.getName().startsWith("putIf")
                        ? memory.put(
                            (resguardo.core.port.ObjectKey) arguments[0],
                            (resguardo.core.port.Content) arguments[arguments.length - 1])
                        : method.invoke(memory, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    assertThat(new StoreCheck(careless, Platform.ofJvm()).run())
        .filteredOn(one -> one.grade() == Finding.Grade.BROKEN)
        .hasSize(2);
    assertThat(memory.list("", null, 10)).isEmpty();
  }

  @Test
  void aStoreThatCannotBeUsedIsTold() {
    ArchiveStore gone =
        (ArchiveStore)
            Proxy.newProxyInstance(
                ArchiveStore.class.getClassLoader(),
                new Class<?>[] {ArchiveStore.class},
                (self, method, arguments) -> {
                  throw new StoreException.Unavailable("planned", null);
                });
    assertThat(new StoreCheck(gone, Platform.ofJvm()).run())
        .anyMatch(one -> one.grade() == Finding.Grade.BROKEN && one.what().contains("planned"));
  }

  @Test
  void aStoreWhoseClockIsWrongIsTold() {
    Clock fast = Clock.offset(Clock.systemUTC(), Duration.ofHours(1));
    assertThat(new StoreCheck(new MemoryArchiveStore(), Platform.of(fast)).run())
        .extracting(Finding::grade)
        .containsExactly(Finding.Grade.WARNING);
  }
}
