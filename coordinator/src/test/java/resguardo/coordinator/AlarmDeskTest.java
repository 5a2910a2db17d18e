package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Acceptance;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.AuditRecord;
import resguardo.core.catalog.AuditTrail;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.Content;
import resguardo.core.port.Reply;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Answer.Finding;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Event;
import resguardo.core.version.Alarm;
import resguardo.testkit.versions.MadeVersions;

/** Suspicious versions are shown everywhere until an operator gives a word, which is kept. */
class AlarmDeskTest {
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final SourcePath PATH = SourcePath.parse("/srv");
  private static final RegistrationKey KEY = new RegistrationKey(ALPHA, PATH);
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Alarm ALARM =
      new Alarm(Serial.first(), List.of(Alarm.Sign.ENTROPY), 60, 60, 900, 900, 60, 60, 900);

  private final QuietBroker broker = new QuietBroker();
  private final CoordinatorContext context = broker.context(new Peer(Role.COORDINATOR, "one"));

  @AutoClose private final Coordinator coordinator = new Coordinator(context, () -> {});

  @TempDir Path spool;

  @BeforeEach
  void start() throws Exception {
    coordinator.start();
    broker.handOut(new Command.Register(ALPHA, PATH, new Schedule.Every(3600), null, null));
    commit(1, null);
  }

  private void commit(long serial, Alarm alarm) throws Exception {
    if (alarm != null) {
      new Alarms(context.store()).note(KEY, new Serial(serial));
    }
    new MadeVersions(context.store(), KEY, spool).commit(serial, NOW, List.of(), alarm);
  }

  private Answer answer(Command command) {
    assertThat(broker.handOut(command)).containsExactly("acked");
    Reply last = broker.answers.get(broker.answers.size() - 1);
    return ((Reply.Said) last).answer();
  }

  private List<Answer.AlarmLine> alarms(boolean accepted) {
    return ((Answer.Alarms) answer(new Command.Alarms(accepted, null, ReplyId.random()))).lines();
  }

  private Answer accept(Long serial) {
    return answer(
        new Command.AcceptAlarm(
            ALPHA, PATH, serial == null ? null : new Serial(serial), ReplyId.random()));
  }

  private List<Serial> listed() {
    Answer list = answer(new Command.ListRegistrations(null, ReplyId.random()));
    return ((Answer.Registrations) list).lines().get(0).alarms();
  }

  private Answer.Versions history() {
    return (Answer.Versions) answer(new Command.History(ALPHA, PATH, null, ReplyId.random()));
  }

  private List<Finding> broken() {
    Answer checkup = answer(new Command.Checkup(ReplyId.random()));
    return ((Answer.Findings) checkup)
        .findings().stream().filter(one -> one.grade() == Finding.Grade.BROKEN).toList();
  }

  private static String refusal(Answer answer) {
    Answer.Refused refused = (Answer.Refused) answer;
    assertThat(refused.reason()).isEqualTo(Answer.Refused.Reason.NOT_FOUND);
    return refused.why();
  }

  @Test
  void anOpenAlarmIsInEachListAndIsToldByTheLookAtEverything() throws Exception {
    assertThat(alarms(false)).isEmpty();
    assertThat(listed()).isNull();
    assertThat(broken()).noneMatch(one -> one.what().contains("suspicious"));
    commit(2, ALARM);
    commit(3, null);
    assertThat(alarms(false))
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.registration()).isEqualTo(KEY);
              assertThat(line.serial()).isEqualTo(new Serial(2));
              assertThat(line.alarm()).isEqualTo(ALARM);
              assertThat(line.acceptance()).isNull();
            });
    assertThat(listed()).containsExactly(new Serial(2));
    assertThat(history().accepts(new Serial(2))).isFalse();
    assertThat(broken())
        .anyMatch(
            one ->
                one.what().contains("alpha:/srv has suspicious versions")
                    && one.what().endsWith("000002"));
  }

  @Test
  void aWordIsKeptWithWhoGaveItAndClosesTheAlarm() throws Exception {
    commit(2, ALARM);
    assertThat(((Answer.Done) accept(2L)).what()).contains("accepted version 000002");
    Acceptance word = new Alarms(context.store()).acceptance(KEY, new Serial(2)).orElseThrow();
    assertThat(word.sender()).isEqualTo(QuietBroker.SOMEBODY);
    assertThat(word.coordinator()).isEqualTo(context.self());
    assertThat(broker.events)
        .anyMatch(
            event ->
                event instanceof Event.AlarmAccepted accepted
                    && accepted.serial().equals(new Serial(2))
                    && accepted.sender().equals(QuietBroker.SOMEBODY));
    assertThat(alarms(false)).isEmpty();
    assertThat(alarms(true)).extracting(Answer.AlarmLine::acceptance).containsExactly(word);
    assertThat(listed()).isNull();
    assertThat(history().accepted()).containsExactly(word);
    assertThat(broken()).noneMatch(one -> one.what().contains("suspicious"));
  }

  @Test
  void aWordIsOnRecordAndLookingIsNot() throws Exception {
    commit(2, ALARM);
    alarms(true);
    accept(2L);
    assertThat(new AuditTrail(context.store()).page(null, NOW, 100).records())
        .filteredOn(record -> !(record.command() instanceof Command.Register))
        .extracting(AuditRecord::command)
        .singleElement()
        .isInstanceOf(Command.AcceptAlarm.class);
  }

  @Test
  void aRepeatDoesNoHarmAndSaysWhoWasFirst() throws Exception {
    commit(2, ALARM);
    accept(null);
    Acceptance first = new Alarms(context.store()).acceptance(KEY, new Serial(2)).orElseThrow();
    for (Long serial : new Long[] {null, 2L}) {
      assertThat(((Answer.Done) accept(serial)).what())
          .contains("000002 was accepted before by somebody");
    }
    assertThat(new Alarms(context.store()).acceptance(KEY, new Serial(2))).contains(first);
  }

  @Test
  void withoutANumberAllThatAreOpenAreMeantAndWithOneNoOther() throws Exception {
    commit(2, ALARM);
    commit(3, ALARM);
    commit(4, ALARM);
    accept(3L);
    assertThat(listed()).containsExactly(new Serial(2), new Serial(4));
    assertThat(((Answer.Done) accept(null)).what()).contains("000002, 000004");
    assertThat(listed()).isNull();
  }

  @Test
  void whereThereIsNoAlarmThereIsNothingToAccept() throws Exception {
    assertThat(refusal(accept(null))).contains("no alarm of alpha:/srv");
    assertThat(refusal(accept(1L))).contains("version 000001 of alpha:/srv");
    assertThat(refusal(accept(9L))).contains("version 000009 of alpha:/srv");
    assertThat(new Alarms(context.store()).acceptance(KEY, Serial.first())).isEmpty();
  }

  @Test
  void aDamagedNoteIsBrokenAndHidesNoAlarm() throws Exception {
    commit(2, ALARM);
    context.store().put(BucketLayout.alarm(KEY, new Serial(1)), Content.of(new byte[] {'{'}));
    assertThat(listed()).containsExactly(new Serial(2));
    assertThat(broken()).anyMatch(one -> one.what().contains("000001.json is damaged"));
  }
}
