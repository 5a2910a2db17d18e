package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import resguardo.core.FetchJob;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Event;

class WatchBoardTest {
  private static final Instant NOW = Instant.parse("2026-11-26T06:00:00Z");
  private static final Peer WORKER = new Peer(Role.WORKER, "w-1");
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
  private static final FetchJob JOB =
      FetchJob.first(
          new Registration(KEY, new Schedule.Every(5), 1, NOW, Registration.State.ACTIVE), NOW);

  private final WatchBoard board = new WatchBoard();

  private static Answer.Load load(long entries, long bytes) {
    return new Answer.Load(
        NOW.plusSeconds(20),
        3,
        1,
        List.of(WORKER, new Peer(Role.WORKER, "w-2")),
        List.of(new Answer.OpenJob(JOB, NOW, WORKER, entries, bytes)),
        4);
  }

  @Test
  void aJobIsShownInTheHandsOfItsWorkerWithItsRate() {
    board.note(new Event.JobRunning(NOW, WORKER, JOB, 0, 0), NOW.plusSeconds(10));
    board.note(new Event.JobRunning(NOW, WORKER, JOB, 7, 100 << 20), NOW.plusSeconds(15));
    assertThat(board.picture(load(1, 2), NOW.plusSeconds(20), 100))
        .contains(
            "2026-11-26T06:00:20Z  waiting: 3  open: 4  workers: 2  dead letters: 1",
            "WORKER  IN HAND  RATE       COMMITTED  UNCHANGED  FAILED  RETURNED",
            "w-1     1        5.0 MiB/s  0          0          0       0",
            "w-2     0        0 B/s      0          0          0       0",
            "alpha  /srv  w-1     7        100.0 MiB  20 s  1");
    // What was told long ago says nothing of now.
    assertThat(board.picture(load(1, 2), NOW.plusSeconds(60), 100))
        .contains("w-1     1        0 B/s  0          0          0       0");
  }

  @Test
  void whatEndedIsCountedAndTold() {
    Status status =
        new Status(JOB.id(), NOW, Status.Outcome.COMMITTED, null, NOW, NOW, new Serial(7));
    board.note(new Event.JobEnded(NOW, WORKER, JOB, status), NOW);
    board.note(new Event.JobReturned(NOW, WORKER, JOB, "no agent", true), NOW);
    assertThat(board.picture(null, NOW, 100))
        .contains(
            "2026-11-26T06:00:00Z  no coordinator answers",
            "2026-11-26T06:00:00Z  alpha:/srv  committed version 000007",
            "2026-11-26T06:00:00Z  alpha:/srv  returned: no agent",
            "w-1     0        0 B/s  1          0          0       1");
  }

  @Test
  void itIsNoHigherThanTheTerminal() {
    assertThat(board.picture(load(1, 2), NOW, 3)).hasSize(3);
  }
}
