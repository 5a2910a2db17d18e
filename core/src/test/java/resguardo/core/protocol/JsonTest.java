package resguardo.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.AlarmLimits;
import resguardo.core.BackupOptions;
import resguardo.core.Blackout;
import resguardo.core.DrillPolicy;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.OperatorName;
import resguardo.core.Pause;
import resguardo.core.Peer;
import resguardo.core.Permission;
import resguardo.core.RawPath;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.RetentionPolicy;
import resguardo.core.Role;
import resguardo.core.RunOrder;
import resguardo.core.Schedule;
import resguardo.core.SchedulingOptions;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SliceLimit;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Acceptance;
import resguardo.core.catalog.AlarmNote;
import resguardo.core.catalog.AuditRecord;
import resguardo.core.catalog.Damage;
import resguardo.core.catalog.FleetSettings;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Status;
import resguardo.core.port.DeadLetter;
import resguardo.core.port.Sender;
import resguardo.core.retention.KeepReason;
import resguardo.core.retention.Keeping;
import resguardo.core.retention.PlanCursor;
import resguardo.core.version.Alarm;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Entry;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

class JsonTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final SourcePath PATH = SourcePath.parse("/srv/d a-1\n");
  private static final RegistrationKey KEY = new RegistrationKey(ALPHA, PATH);
  private static final ReplyId REPLY = new ReplyId("0123456789abcdef0123456789abcdef");
  private static final RestoreTarget TARGET =
      new RestoreTarget(new NodeName("beta"), SourcePath.parse("/srv/back"), true);
  private static final Sha256 DIGEST = Sha256.of(new byte[0]);
  private static final Peer WORKER = new Peer(Role.WORKER, "w-1");
  private static final BackupOptions OPTIONS =
      new BackupOptions(
          List.of("*.tmp"),
          true,
          BackupOptions.Codec.ZSTD,
          3,
          List.of("age1d8v2t2vhh2w5t9xkhz8k705e3tdc4nvq8rc5s03te7565fs829fscmjc0g"),
          true,
          1L << 20,
          new AlarmLimits(0, 80, 10),
          86_400L);
  private static final RetentionPolicy RETENTION =
      new RetentionPolicy(3, 24, 7, 5, 12, 10, 1_209_600L, ZoneId.of("Europe/Madrid"));
  private static final Registration REGISTRATION =
      new Registration(KEY, new Schedule.Every(5), OPTIONS, 1, NOW, Registration.State.ACTIVE);
  private static final FetchJob JOB = FetchJob.first(REGISTRATION, NOW);
  private static final Totals TOTALS = new Totals(3, 2, 1000, 0, DIGEST);
  private static final ArchiveForm FORM =
      new ArchiveForm(BackupOptions.Codec.GZIP, "jdk-zlib", 6).encrypted(List.of("age1q"));
  private static final Status STATUS =
      new Status(JOB.id(), NOW, Status.Outcome.COMMITTED, null, NOW, NOW, Serial.first());
  private static final VersionHeader HEADER =
      new VersionHeader(
          VersionHeader.FORMAT,
          KEY,
          Serial.first(),
          1,
          JOB.id(),
          NOW,
          NOW,
          List.of(new ArchiveRef(1, "archives/a", 9, DIGEST, FORM)),
          true,
          DIGEST,
          TOTALS);

  private static final Peer EXPIRER = new Peer(Role.RETENTION, "retention-1");
  private static final Sender SENDER = new Sender("operator", WORKER, "root@host");
  private static final Alarm ALARM =
      new Alarm(
          Serial.first(),
          List.of(Alarm.Sign.SHRUNK, Alarm.Sign.CHANGED, Alarm.Sign.ENTROPY),
          60,
          20,
          480_000,
          1000,
          20,
          19,
          900);
  private static final Acceptance ACCEPTANCE =
      new Acceptance(Acceptance.VERSION, KEY, Serial.first(), NOW, SENDER, WORKER);

  private static final Pause PAUSE =
      new Pause(ALPHA, PATH, NOW, NOW.plusSeconds(60), "disk", SENDER);
  private static final SchedulingOptions SCHEDULING =
      new SchedulingOptions(
          600L,
          List.of(Blackout.parse("mon-fri 08:00-18:00", ZoneId.of("Europe/Madrid"))),
          3600L,
          SchedulingOptions.Priority.HIGH,
          Map.of("rack", "r7"));
  private static final Registration WITH_ALL =
      new Registration(
          KEY,
          new Schedule.Every(5),
          null,
          2,
          NOW,
          Registration.State.ACTIVE,
          SCHEDULING,
          new RunOrder(NOW, NOW.plusSeconds(60)),
          RETENTION,
          new DrillPolicy(86_400, DrillPolicy.ALL));
  private static final Proof.Drill DRILL =
      new Proof.Drill(
          REPLY,
          Serial.first(),
          NOW,
          NOW,
          WORKER,
          Proof.Extent.SAMPLE,
          true,
          3,
          9,
          null,
          null,
          RawPath.parse("srv/a"),
          RawPath.parse("srv/b"));
  private static final Proof.Drill BAD_DRILL =
      new Proof.Drill(
          REPLY,
          Serial.first().next(),
          NOW,
          NOW,
          WORKER,
          Proof.Extent.WHOLE,
          false,
          3,
          9,
          List.of("archives/a is not what was stored"),
          2L,
          null,
          null);
  private static final Proof PROOF = Proof.after(Proof.after(null, KEY, DRILL), KEY, BAD_DRILL);
  private static final FetchJob AFTER_SOME = FetchJob.first(WITH_ALL, NOW, 3);
  private static final Answer.RegistrationLine LINE =
      new Answer.RegistrationLine(
          WITH_ALL, STATUS.after(3L), NOW, NOW, null, null, PAUSE, PROOF, 60L, NOW);

  /** Of what operators ask about when things are run. */
  private static Stream<Object> ofTheFleet() {
    return Stream.of(
        new Command.Register(
            ALPHA,
            PATH,
            new Schedule.Every(1),
            null,
            SCHEDULING,
            RETENTION,
            DrillPolicy.NEVER,
            REPLY),
        new Command.Drill(ALPHA, PATH, true, REPLY),
        new Command.SetDrills(new DrillPolicy(60, 9L), REPLY),
        new Command.SetDrills(null, null),
        new Answer.DrillOrdered(REPLY, Serial.first(), "ordered"),
        new Event.DrillRunning(NOW, WORKER, KEY, Serial.first(), REPLY, 3, 9),
        new Event.DrillEnded(NOW, WORKER, KEY, Serial.first(), REPLY, PROOF, null),
        new Event.DrillEnded(NOW, WORKER, KEY, Serial.first(), REPLY, null, "it is gone"),
        PROOF,
        QueryJob.drill(
            KEY,
            Serial.first(),
            REPLY,
            new DrillOrder(NOW, true, 9, RawPath.parse("srv/a"), "etag")),
        new Command.RunNow(ALPHA, PATH, 60, REPLY),
        new Command.Pause(ALPHA, PATH, NOW, "disk", REPLY),
        new Command.Pause(null, null, null, null, null),
        new Command.Resume(ALPHA, null, REPLY),
        new Command.Limit("rack", 2, REPLY),
        new Command.Limit("rack", null, REPLY),
        new Command.ShowSettings(REPLY),
        new Command.Explain(ALPHA, PATH, 5, REPLY),
        new Command.ListNodes(ALPHA, REPLY),
        new Command.DeadLetters(REPLY),
        new Command.SettleDead("0123456789ab", true, REPLY),
        new Command.Load(REPLY),
        new Answer.Ordered(NOW, NOW, "a job is open"),
        new Answer.Settings(new FleetSettings(List.of(PAUSE), Map.of("rack", 2))),
        new Answer.Explained(
            LINE,
            List.of(new Answer.Reason(Answer.Reason.Kind.PAUSED, "paused")),
            List.of(new Answer.Upcoming(NOW, null, "missed"))),
        new Answer.Nodes(
            List.of(
                new Answer.NodeLine(
                    ALPHA, NOW, -3L, 4, 1, 1, NOW, NOW, NOW, 9L, 1, 2, 3, 4, NOW, "1.2+0a1b2c")),
            true),
        new Answer.Dead(List.of(new DeadLetter("0123456789ab", "jobs.fetch", "no", NOW, "{}")), 1),
        new Answer.Load(
            NOW,
            7,
            1,
            List.of(WORKER),
            List.of(new Answer.OpenJob(AFTER_SOME, NOW, WORKER, 3, 9)),
            1,
            new Answer.OpenDrill(KEY, Serial.first(), NOW, WORKER, 3, 9)),
        new FleetSettings(null, Map.of("rack", 2), new DrillPolicy(60, null)),
        AFTER_SOME,
        STATUS.after(3L),
        WITH_ALL);
  }

  private static final PlanCursor CURSOR =
      new PlanCursor(Serial.first(), Keeping.State.NONE, List.of("000001-01234567.tgz"));

  static Stream<Object> messages() {
    return Stream.concat(ofTheFleet(), others());
  }

  private static Stream<Object> others() {
    return Stream.of(
        new Command.Register(ALPHA, PATH, new Schedule.Every(1), OPTIONS, REPLY),
        new Command.Register(
            ALPHA, PATH, new Schedule.Cron("0 3 * * *", ZoneId.of("Europe/Madrid")), null, null),
        new Command.Unregister(ALPHA, PATH, null),
        new Command.Query(
            ALPHA,
            PATH,
            new VersionChoice.AsOf(NOW),
            QueryJob.What.READ,
            List.of(RawPath.parse("a*")),
            null,
            REPLY),
        new Command.Query(
            ALPHA,
            PATH,
            new VersionChoice.Numbered(new Serial(7)),
            null,
            null,
            QueryJob.Packing.AS_STORED,
            REPLY),
        new Command.Restore(ALPHA, PATH, null, List.of(RawPath.parse("a*")), TARGET, REPLY),
        new Command.Shutdown(REPLY),
        new Command.ListRegistrations(KEY, REPLY),
        new Command.History(ALPHA, PATH, 9L, REPLY),
        new Command.History(ALPHA, PATH, null, 20, REPLY),
        new Command.Checkup(REPLY),
        new Command.Audit(NOW, "audit/2026-01-02/030405.000-01234567.json", REPLY),
        new Command.AccessChanged(ALPHA, Command.Access.ROTATED, REPLY),
        new Command.Alarms(true, "alarms/alpha/srv/@/000001.json", REPLY),
        new Command.AcceptAlarm(ALPHA, PATH, Serial.first(), REPLY),
        new Command.AcceptAlarm(ALPHA, PATH, null, null),
        new Answer.Alarms(
            List.of(new Answer.AlarmLine(KEY, Serial.first(), NOW, NOW, ALARM, ACCEPTANCE)),
            "alarms/alpha/srv/@/000001.json"),
        new Answer.Versions(List.of(HEADER.suspicious(ALARM)), true, List.of(ACCEPTANCE), PROOF),
        new Command.OperatorChanged(
            new OperatorName("alice"), Command.Access.ENROLLED, Permission.READ, REPLY),
        new Command.PlanRetention(ALPHA, PATH, RETENTION, CURSOR, REPLY),
        new Command.PlanRetention(ALPHA, PATH, null, null, null),
        new Answer.RetentionPlanned(
            RETENTION,
            List.of(
                new Answer.PlanLine(
                    Serial.first(),
                    NOW,
                    NOW,
                    9,
                    5,
                    List.of(
                        new KeepReason(KeepReason.Rule.LAST_GOOD, null, null),
                        new KeepReason(KeepReason.Rule.DAILY, 2, null),
                        new KeepReason(KeepReason.Rule.LOCKED, null, NOW)))),
            CURSOR),
        new Answer.Audited(
            List.of(
                AuditRecord.of(NOW, SENDER, WORKER, new Command.Shutdown(REPLY)),
                AuditRecord.of(
                    NOW,
                    WORKER,
                    "root@desk",
                    new AuditRecord.Expired(KEY, List.of(Serial.first())),
                    "no rule keeps them")),
            null),
        new Answer.Done("registered"),
        new Answer.Refused(Answer.Refused.Reason.NOT_FOUND, "no", null),
        new Answer.Registrations(
            List.of(
                new Answer.RegistrationLine(
                    REGISTRATION, STATUS, NOW, null, NOW, List.of(Serial.first()))),
            true),
        new Answer.Versions(List.of(HEADER), false),
        new Answer.Findings(
            NOW, List.of(new Answer.Finding(Answer.Finding.Grade.WARNING, "late", "look"))),
        new AgentOrder.ScanAndSend(
            JOB,
            REPLY,
            16,
            1 << 19,
            new AgentOrder.Base(DIGEST, DIGEST, RawPath.parse("srv/a")),
            2,
            false,
            SliceLimit.USUAL,
            1 << 23,
            OPTIONS,
            NOW),
        new AgentOrder.BaseLines(REPLY, 0, true, "H4sI"),
        new StreamMessage.NeedBase(),
        new AgentOrder.Restore(REPLY, REPLY, "version 7", RawPath.parse("srv/a"), TARGET, NOW),
        new AgentOrder.Restore(REPLY, REPLY, "version 7", RawPath.parse(""), TARGET, NOW),
        new AgentOrder.Credit(REPLY, 32),
        new AgentOrder.Cancel(REPLY, "gone"),
        new AgentOrder.Stop(NOW),
        new StreamMessage.Accepted(),
        new StreamMessage.Progress(1, 2),
        new StreamMessage.Credit(16),
        new StreamMessage.Restored(3, 9, List.of("a has another time"), 1),
        new StreamMessage.Unchanged(TOTALS),
        new StreamMessage.Finished(9, DIGEST, TOTALS, FORM),
        new StreamMessage.Sliced(9, DIGEST, TOTALS, FORM, RawPath.parse("srv/a")),
        new StreamMessage.Failed(StreamMessage.Failed.Kind.SOURCE_MISSING, "gone"),
        new StreamMessage.QueryOpened(HEADER, REPLY, false),
        new Control.Shutdown(WORKER, NOW),
        new Event.ProcessAlive(NOW, WORKER, NOW),
        new Event.ProcessAlive(NOW, WORKER, NOW, "1.2+0a1b2c", List.of("its key may do too much")),
        new Event.ProcessStopped(NOW, WORKER),
        new Event.RegistrationChanged(NOW, WORKER, REGISTRATION),
        new Event.RegistrationChanged(NOW, WORKER, WITH_ALL),
        new Event.SlotsMissed(NOW, WORKER, KEY, List.of(NOW), 1, "stopped"),
        new Event.JobPublished(NOW, WORKER, JOB),
        new Event.JobRunning(NOW, WORKER, JOB, 1, 2),
        new Event.JobEnded(NOW, WORKER, JOB, STATUS),
        new Event.JobSliced(NOW, WORKER, JOB.afterSlice(), Serial.first(), 3, 4),
        new Event.RestoreEnded(NOW, WORKER, KEY, Serial.first(), TARGET, 3, 9, "the disk is full"),
        new Event.JobReturned(NOW, WORKER, JOB, "no agent", true),
        new Event.AlarmRaised(NOW, WORKER, KEY, Serial.first(), ALARM),
        new Event.AlarmAccepted(NOW, WORKER, KEY, Serial.first(), SENDER),
        new Event.VersionExpired(NOW, EXPIRER, KEY, Serial.first(), NOW),
        ACCEPTANCE,
        new AlarmNote(AlarmNote.VERSION, KEY, Serial.first()),
        Damage.none(KEY),
        Damage.none(KEY)
            .and(List.of(new Damage.Part("archives/a", 3, 9)))
            .healed(Serial.first().next(), List.of("srv/a")),
        JOB,
        STATUS,
        new QueryJob(
                KEY,
                Serial.first(),
                QueryJob.What.ARCHIVE,
                null,
                QueryJob.Packing.ZSTD,
                TARGET,
                REPLY)
            .askedBy("operator.alice"),
        new StreamMessage.Verified(3, 9, List.of("damaged"), 1),
        new ActivityLine(NOW, WORKER, ALPHA, PATH, JOB.id(), "done"),
        new Entry(
            RawPath.ofBytes(new byte[] {'a', (byte) 0xff}),
            Entry.Type.FILE,
            0644,
            0,
            0,
            "root",
            null,
            -1,
            999_999_999,
            3,
            DIGEST,
            null,
            null,
            null),
        new Entry(
            RawPath.parse("dev"),
            Entry.Type.BLOCK_DEVICE,
            0,
            1,
            1,
            null,
            null,
            0,
            0,
            0,
            null,
            null,
            new Entry.Device(8, 1),
            Entry.Warning.UNREADABLE));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void everyMessageReadsBackAsItWasWritten(Object message) throws Exception {
    byte[] written = Json.write(message);
    Class<?> union =
        message.getClass().getInterfaces().length == 1
            ? message.getClass().getInterfaces()[0]
            : message.getClass();
    assertThat((Object) Json.read(written, union, Json.MESSAGE_BYTES)).isEqualTo(message);
    assertThat(new String(written, StandardCharsets.UTF_8)).doesNotContain("\n");
  }

  @Test
  void onlyCoordinatorsAndWorkersAreBelievedWhenTheySpeakOfAlarms() {
    Peer agent = Peer.agent(ALPHA);
    Peer operator = new Peer(Role.ADMIN, "a-1");
    for (Peer other : List.of(agent, operator)) {
      assertThat(new Event.AlarmRaised(NOW, other, KEY, Serial.first(), ALARM).mayBeTold())
          .isFalse();
      assertThat(new Event.AlarmAccepted(NOW, other, KEY, Serial.first(), SENDER).mayBeTold())
          .isFalse();
    }
    assertThat(new Event.AlarmRaised(NOW, WORKER, KEY, Serial.first(), ALARM).mayBeTold()).isTrue();
  }

  @Test
  void whatCoordinatorsDecideNoWorkerTellsOfNorCoordinatorsOfWhatWorkersDo() {
    Peer coordinator = new Peer(Role.COORDINATOR, "one");
    for (Peer by : List.of(coordinator, WORKER, EXPIRER, Peer.agent(ALPHA))) {
      boolean decides = by.equals(coordinator);
      boolean works = by.equals(WORKER);
      assertThat(
              List.of(
                  new Event.RegistrationChanged(NOW, by, REGISTRATION),
                  new Event.SlotsMissed(NOW, by, KEY, List.of(NOW), 1, "stopped"),
                  new Event.JobPublished(NOW, by, JOB),
                  new Event.AlarmAccepted(NOW, by, KEY, Serial.first(), SENDER)))
          .as("of %s", by)
          .allMatch(event -> event.mayBeTold() == decides);
      assertThat(
              List.of(
                  new Event.JobRunning(NOW, by, JOB, 1, 2),
                  new Event.JobEnded(NOW, by, JOB, STATUS),
                  new Event.JobSliced(NOW, by, JOB, Serial.first(), 3, 4),
                  new Event.JobReturned(NOW, by, JOB, "no agent", true),
                  new Event.RestoreEnded(NOW, by, KEY, Serial.first(), TARGET, 3, 9, null),
                  new Event.AlarmRaised(NOW, by, KEY, Serial.first(), ALARM),
                  new Event.DrillRunning(NOW, by, KEY, Serial.first(), REPLY, 1, 2),
                  new Event.DrillEnded(NOW, by, KEY, Serial.first(), REPLY, null, "gone")))
          .as("of %s", by)
          .allMatch(event -> event.mayBeTold() == works);
      assertThat(new Event.ProcessStopped(NOW, by).mayBeTold()).isTrue();
      assertThat(new Event.VersionExpired(NOW, by, KEY, Serial.first(), NOW).mayBeTold())
          .isEqualTo(by.equals(EXPIRER));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0001-12-31T23:59:59Z", "+10000-01-01T00:00:00Z"})
  void whoeverAsksForTheRecordOfAYearThatNoRecordIsOfIsRefused(String since) {
    String asks = "{\"type\":\"audit\",\"since\":\"" + since + "\",\"replyTo\":\"" + REPLY + "\"}";
    byte[] bytes = asks.getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Json.read(bytes, Command.class, Json.MESSAGE_BYTES))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("no")
        .hasMessageContaining("year");
  }

  @Test
  void whoeverAsksForTheRecordOfLongAgoIsNot() throws Exception {
    for (String since : List.of("0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z")) {
      Command asks = new Command.Audit(Instant.parse(since), null, REPLY);
      assertThat(Json.read(Json.write(asks), Command.class, Json.MESSAGE_BYTES)).isEqualTo(asks);
    }
  }

  /** A version that a later program has committed can be listed and restored by this one. */
  @Test
  void whatALaterProgramSaysOfAVersionIsPassedOver() throws Exception {
    String header =
        new String(Json.write(HEADER.suspicious(ALARM)), StandardCharsets.UTF_8)
            .replace("\"signs\":[\"shrunk\"", "\"mood\":{\"is\":[1]},\"signs\":[\"haunted\"")
            .replace("\"whole\":", "\"colour\":\"red\",\"whole\":");
    assertThat(header).contains("haunted", "mood", "colour");
    VersionHeader read =
        Json.read(header.getBytes(StandardCharsets.UTF_8), VersionHeader.class, 1 << 20);
    assertThat(read.suspicious(null)).isEqualTo(HEADER);
    assertThat(read.alarm().signs())
        .containsExactly(Alarm.Sign.OTHER, Alarm.Sign.CHANGED, Alarm.Sign.ENTROPY);
  }

  private static final String GOOD =
      "\"type\":\"register\",\"node\":\"alpha\",\"path\":\"/a\",\"schedule\":{\"type\":\"every\",\"seconds\":1}";

  @Test
  void theCommandThatTheBadOnesAreMadeFromIsGood() throws Exception {
    assertThat(read("{" + GOOD + "}")).isInstanceOf(Command.Register.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "1",
        "[]",
        "{}",
        "not json",
        "{\"type\":\"explode\"}",
        "{\"type\":7}",
        "{\"type\":\"register\"}",
        "{\"type\":\"register\",\"node\":\"alpha\",\"path\":\"/a\"}",
        "{" + GOOD + ",\"node\":\"beta\"}",
        "{" + GOOD + ",\"surprise\":1}",
        "{" + GOOD + "} {}",
        "{" + GOOD + "",
        "{\"type\":\"register\",\"node\":[\"alpha\"],\"path\":\"/a\",\"schedule\":{\"type\":\"every\",\"seconds\":1}}",
        "{\"type\":\"register\",\"node\":\"alpha\",\"path\":\"/a\",\"schedule\":{\"type\":\"every\",\"seconds\":\"1\"}}",
        "{\"type\":\"register\",\"node\":\"alpha\",\"path\":\"/a\",\"schedule\":{\"type\":\"every\",\"seconds\":1.5}}",
        "{\"type\":\"register\",\"node\":\"alpha\",\"path\":\"/a\",\"schedule\":{\"type\":\"every\",\"seconds\":0}}",
        "{\"type\":\"register\",\"node\":\"alpha\",\"path\":\"/a\",\"schedule\":{\"type\":\"every\",\"seconds\":1e400}}",
        "{\"type\":\"register\",\"node\":\"alpha\",\"path\":\"/a\",\"schedule\":{\"type\":\"every\",\"seconds\":99999999999999999999}}",
        "{\"type\":\"register\",\"node\":\"alpha\",\"path\":\"/a\",\"schedule\":{\"type\":\"every\"}}",
        "{\"type\":\"register\",\"node\":\"Alpha\",\"path\":\"/a\",\"schedule\":{\"type\":\"every\",\"seconds\":1}}",
        "{\"type\":\"register\",\"node\":\"alpha\",\"path\":\"/\\ud800\",\"schedule\":{\"type\":\"every\",\"seconds\":1}}",
        "{\"type\":\"register\",\"node\":\"alpha\",\"path\":\"/\\u0000\",\"schedule\":{\"type\":\"every\",\"seconds\":1}}",
        "{\"type\":\"register\",\"node\":\"alpha\",\"path\":\"/a\",\"schedule\":{\"type\":\"cron\",\"expression\":\"* * * * *\",\"zone\":\"Mars/Olympus\"}}",
        "{\"type\":\"alarms\",\"accepted\":true,\"after\":\"\"}",
        "{\"type\":\"alarms\",\"accepted\":true,\"after\":\"alarms/../x\"}",
        "{\"type\":\"alarms\",\"accepted\":true,\"after\":\"manifests/alpha\"}",
        "{\"type\":\"acceptAlarm\",\"node\":\"alpha\",\"path\":\"/a\",\"serial\":0}"
      })
  void whatIsNoCommandIsRefusedWithAReasonOnOneLine(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(MalformedMessageException.class)
        .satisfies(e -> assertThat(e.getMessage()).isNotBlank().doesNotContain("\n"));
  }

  @Test
  void deepNestingIsRefusedBeforeItCostsAnything() {
    assertThatThrownBy(() -> read("{\"type\":\"register\",\"node\":" + "[".repeat(20_000)))
        .isInstanceOf(MalformedMessageException.class);
  }

  @Test
  void aMessageOverTheLimitAndBytesThatAreNotUtf8AreRefused() {
    assertThatThrownBy(() -> read("{" + GOOD + " ".repeat(Json.MESSAGE_BYTES) + "}"))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("too long");
    byte[] latin1 =
        ("{\"type\":\"unregister\",\"node\":\"alpha\",\"path\":\"/é\"}")
            .getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> Json.read(latin1, Command.class, Json.MESSAGE_BYTES))
        .hasMessageContaining("UTF-8");
  }

  private static Command read(String text) throws MalformedMessageException {
    return Json.read(text.getBytes(StandardCharsets.UTF_8), Command.class, Json.MESSAGE_BYTES);
  }
}
