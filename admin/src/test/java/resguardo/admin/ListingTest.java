package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import resguardo.core.BackupOptions;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;

class ListingTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv/new\nline"));
  private static final Registration REGISTRATION =
      new Registration(KEY, new Schedule.Every(5), 1, NOW, Registration.State.ACTIVE);

  @Test
  void aRegistrationOfANodeThatNobodySawSaysSoOnOneLine() {
    Answer.RegistrationLine line = new Answer.RegistrationLine(REGISTRATION, null, null, NOW, null);
    assertThat(Listing.registrations(List.of(line), NOW))
        .isEqualTo(
            """
            NODE   PATH                SCHEDULE   LAST  OUTCOME  VERSION  NEXT                  AGENT          OPTIONS
            alpha  /srv/new\\u000aline  every 5 s  -     -        -        2026-01-02T03:04:05Z  no agent seen  -""");
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
            10L << 20);
    Registration registration =
        new Registration(KEY, new Schedule.Every(5), options, 1, NOW, Registration.State.ACTIVE);
    Answer.RegistrationLine line = new Answer.RegistrationLine(registration, null, null, NOW, null);
    assertThat(Listing.registrations(List.of(line), NOW))
        .endsWith("exclude 2, one-file-system, zstd 5, strict, 10.0 MiB/s");
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
        new Answer.RegistrationLine(REGISTRATION, status, NOW.minusSeconds(3), null, NOW);
    assertThat(Listing.registrations(List.of(line), NOW))
        .contains("failed (not there)", "000007", "running", "seen 3 s ago");
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
}
