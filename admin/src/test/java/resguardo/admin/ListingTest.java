package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import resguardo.core.AlarmLimits;
import resguardo.core.BackupOptions;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Acceptance;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Status;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Json;
import resguardo.core.version.Alarm;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

class ListingTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv/new\nline"));
  private static final Registration REGISTRATION =
      new Registration(KEY, new Schedule.Every(5), 1, NOW, Registration.State.ACTIVE);

  @Test
  void aRegistrationOfANodeThatNobodySawSaysSoOnOneLine() {
    Answer.RegistrationLine line =
        new Answer.RegistrationLine(REGISTRATION, null, null, NOW, null, null);
    assertThat(Listing.registrations(List.of(line), NOW))
        .isEqualTo(
            """
            NODE   PATH                SCHEDULE   LAST  OUTCOME  VERSION  PROVEN  ALARM  NEXT                  AGENT          OPTIONS
            alpha  /srv/new\\u000aline  every 5 s  -     -        -        -       -      2026-01-02T03:04:05Z  no agent seen  -""");
  }

  @Test
  void optionsAreShownInAFewWords() {
    BackupOptions options =
        new BackupOptions(
            List.of("*.tmp", "cache/"),
            true,
            BackupOptions.Codec.ZSTD,
            5,
            List.of(),
            true,
            10L << 20,
            new AlarmLimits(0, 80, 20),
            30L * 86_400);
    Registration registration =
        new Registration(KEY, new Schedule.Every(5), options, 1, NOW, Registration.State.ACTIVE);
    Answer.RegistrationLine line =
        new Answer.RegistrationLine(registration, null, null, NOW, null, null);
    assertThat(Listing.registrations(List.of(line), NOW))
        .endsWith(
            "exclude 2, one-file-system, zstd 5, strict, locked for 30d, 10.0 MiB/s, alarm 0/80/20 %");
  }

  @Test
  void aRunningOneShowsHowItsLastAttemptEndedAndWhenItsAgentWasSeen() {
    Status status =
        new Status(
            JobId.of(KEY, 1, NOW),
            NOW,
            Status.Outcome.FAILED,
            "not there",
            NOW,
            NOW,
            new Serial(7));
    Answer.RegistrationLine line =
        new Answer.RegistrationLine(REGISTRATION, status, NOW.minusSeconds(3), null, NOW, null);
    assertThat(Listing.registrations(List.of(line), NOW))
        .contains("failed", "000007", "running", "seen 3 s ago")
        .endsWith("\n" + KEY + " failed: not there");
  }

  @ParameterizedTest
  @CsvSource({
    "0,0 B",
    "1023,1023 B",
    "1024,1.0 KiB",
    "1610612736,1.5 GiB",
    "9223372036854775807,8.0 EiB"
  })
  void sizesAreInUnitsThatPeopleRead(long bytes, String shown) {
    assertThat(Listing.size(bytes)).isEqualTo(shown);
  }

  private static final Alarm ALARM =
      new Alarm(
          new Serial(6),
          List.of(Alarm.Sign.CHANGED, Alarm.Sign.ENTROPY),
          60,
          60,
          900,
          900,
          60,
          60,
          900);

  private static final Acceptance WORD =
      new Acceptance(
          Acceptance.VERSION,
          KEY,
          new Serial(7),
          NOW,
          new Sender("ann", null, null),
          new Peer(Role.COORDINATOR, "one"));

  private static VersionHeader version(long serial, Alarm alarm) {
    Totals totals = new Totals(3, 2, 1000, 0, Sha256.of(new byte[0]));
    return new VersionHeader(
            VersionHeader.FORMAT,
            KEY,
            new Serial(serial),
            1,
            JobId.of(KEY, 1, NOW),
            NOW,
            NOW,
            List.of(),
            true,
            totals.fingerprint(),
            totals)
        .suspicious(alarm);
  }

  @Test
  void openAlarmsOfARegistrationAreShownByTheirNumbers() {
    Answer.RegistrationLine line =
        new Answer.RegistrationLine(
            REGISTRATION, null, null, NOW, null, List.of(new Serial(7), new Serial(9)));
    assertThat(Listing.registrations(List.of(line), NOW)).contains(" 000007, 000009  ");
  }

  @Test
  void whatIsSuspiciousOfAVersionIsShownAndWhetherItIsAccepted() {
    Answer.Versions versions =
        new Answer.Versions(
            List.of(version(8, ALARM), version(7, ALARM), version(6, null)), false, List.of(WORD));
    assertThat(
            Listing.versions(versions)
                .lines()
                .map(line -> line.replaceAll(".*0 {8,}", "").replaceAll(" +-$", "")))
        .containsExactly(
            "VERSION  SLOT                  ENTRIES  CONTENT  STORED  WARNINGS  ALARM                        PROVEN",
            "changed, entropy (open)",
            "changed, entropy (accepted)",
            "-");
  }

  private static Proof.Drill drill(long serial, boolean good) {
    return new Proof.Drill(
        ReplyId.random(),
        new Serial(serial),
        NOW,
        NOW,
        new Peer(Role.WORKER, "w"),
        Proof.Extent.SAMPLE,
        false,
        1,
        2,
        good ? null : List.of("gone"),
        null,
        null,
        null);
  }

  private static String proven(@Nullable Proof proof, @Nullable Instant due, Duration later) {
    Answer.RegistrationLine line =
        new Answer.RegistrationLine(
            REGISTRATION, null, null, null, null, null, null, proof, 3600L, due);
    return Listing.registrations(List.of(line), NOW.plus(later));
  }

  @Test
  void whenItWasProvenThatItCanBeRestoredIsShownAndWhatIsNotKnown() {
    Proof good = Proof.after(null, KEY, drill(7, true));
    Proof failed = Proof.after(good, KEY, drill(8, false));
    Duration hour = Duration.ofHours(1);
    String last = "2026-01-02T03:04:05Z (000007, sample, not opened)";
    assertThat(proven(null, NOW, hour)).contains("  never  ");
    assertThat(proven(good, NOW.plus(hour), hour)).contains("  " + last);
    assertThat(proven(failed, NOW.plus(hour), hour)).contains("FAILED, last " + last);
    assertThat(proven(good, NOW.plus(hour), Duration.ofDays(2))).contains("overdue, last " + last);
    assertThat(proven(null, NOW, Duration.ofDays(2))).contains("overdue, last never");
    Answer.Versions versions =
        new Answer.Versions(
            List.of(version(8, null), version(7, null), version(6, null)), false, null, failed);
    assertThat(Listing.versions(versions).lines().map(line -> line.replaceAll(".*-  +", "")))
        .contains("FAILED 2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z (sample, not opened)");
  }

  @Test
  void anAlarmIsShownWithWhoAcceptedIt() {
    Answer.AlarmLine open = new Answer.AlarmLine(KEY, new Serial(8), NOW, NOW, ALARM, null);
    Answer.AlarmLine accepted = new Answer.AlarmLine(KEY, new Serial(7), NOW, NOW, ALARM, WORD);
    assertThat(Listing.alarms(List.of(open, accepted)))
        .isEqualTo(
            """
            NODE   PATH                VERSION  COMMITTED             ALARM             ACCEPTED
            alpha  /srv/new\\u000aline  000008   2026-01-02T03:04:05Z  changed, entropy  -
            alpha  /srv/new\\u000aline  000007   2026-01-02T03:04:05Z  changed, entropy  2026-01-02T03:04:05Z by ann""");
  }

  @Test
  void whatANodeSaidDoesNoMoreToATerminalThanShow() throws Exception {
    String hostile = "gone \u001b[2J\n\u009b31m\u202e\udb40\udc01";
    List<String> texts = new ArrayList<>();
    texts.add(Tables.of(List.of("A"), List.of(List.of(hostile))).substring(2));
    texts.add(new AdminException(ExitCode.FAILED, hostile, null).text());
    StringWriter json = new StringWriter();
    Says.json(new PrintWriter(json, true), new Answer.Done(hostile));
    texts.add(json.toString().strip());
    StringWriter done = new StringWriter();
    Says.done(new PrintWriter(done, true), false, new Answer.Done(hostile));
    texts.add(done.toString().strip());
    byte[] line = Json.write(hostile);
    texts.add(Says.line(line, line.length));
    JobId job = new JobId("alpha.0123456789ab.1.0");
    texts.add(
        RunNowCommand.words(new Status(job, NOW, Status.Outcome.FAILED, hostile, NOW, null, null)));
    for (String text : texts) {
      assertThat(text.codePoints())
          .as(text)
          .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
    }
    assertThat(
            Json.read(
                json.toString().strip().getBytes(StandardCharsets.UTF_8),
                Answer.class,
                Json.MESSAGE_BYTES))
        .isEqualTo(new Answer.Done(hostile));
  }
}
