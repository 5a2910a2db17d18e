package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.ProofBook;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.port.Reply;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.testkit.versions.MadeVersions;

/** What is told of one registration is what stands in the bucket, and no more than is asked for. */
class OneRegistrationTest {
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final SourcePath PATH = SourcePath.parse("/srv");
  private static final RegistrationKey KEY = new RegistrationKey(ALPHA, PATH);
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final QuietBroker broker = new QuietBroker();
  private final CoordinatorContext context = broker.context(new Peer(Role.COORDINATOR, "one"));

  @AutoClose private final Coordinator coordinator = new Coordinator(context, () -> {});

  @TempDir Path spool;

  @BeforeEach
  void start() throws Exception {
    coordinator.start();
    broker.handOut(new Command.Register(ALPHA, PATH, new Schedule.Every(3600), null, null));
  }

  private <T extends Answer> T answer(Class<T> kind, Command command) {
    assertThat(broker.handOut(command)).containsExactly("acked");
    Reply last = broker.answers.get(broker.answers.size() - 1);
    return kind.cast(((Reply.Said) last).answer());
  }

  private Answer.RegistrationLine line() {
    return answer(Answer.Explained.class, new Command.Explain(ALPHA, PATH, 1, ReplyId.random()))
        .line();
  }

  private Status ended(Instant slot, Status.Outcome outcome) {
    return new Status(JobId.of(KEY, 1, slot), slot, outcome, null, slot, slot, Serial.first())
        .of(42L);
  }

  @Test
  void whatNobodyHasToldOfIsSeenAllTheSame() throws Exception {
    assertThat(line().status()).isNull();
    StatusBook statuses = new StatusBook(context.store());
    Status first = statuses.save(KEY, ended(NOW, Status.Outcome.COMMITTED));
    assertThat(line().status()).isEqualTo(first);
    Status second = statuses.save(KEY, ended(NOW.plusSeconds(5), Status.Outcome.UNCHANGED));
    assertThat(line().status()).isEqualTo(second).isEqualTo(line().status());
    assertThat(second.lastBytes()).isEqualTo(42);

    Proof.Drill drill =
        new Proof.Drill(
            ReplyId.random(),
            Serial.first(),
            NOW,
            NOW,
            new Peer(Role.WORKER, "worker-1"),
            Proof.Extent.WHOLE,
            true,
            1,
            1,
            null,
            null,
            null,
            null);
    new ProofBook(context.store()).save(KEY, drill, null);
    assertThat(line().proof()).isNotNull();
    assertThat(line().proof().last()).isEqualTo(drill);
    Answer.Registrations all =
        answer(Answer.Registrations.class, new Command.ListRegistrations(null, ReplyId.random()));
    assertThat(all.lines()).singleElement().isEqualTo(line());
  }

  private void commit(long serial) throws Exception {
    new MadeVersions(context.store(), KEY, spool).commit(serial, NOW, List.of(), null);
  }

  private List<Long> history(Long before, Integer limit, boolean more) {
    Answer.Versions page =
        answer(
            Answer.Versions.class,
            new Command.History(ALPHA, PATH, before, limit, ReplyId.random()));
    assertThat(page.more()).isEqualTo(more);
    return page.versions().stream().map(one -> one.serial().value()).toList();
  }

  @Test
  void aHistoryHasNoMoreThanIsAskedForAndThanAPageHas() throws Exception {
    for (int i = 1; i <= 53; i++) {
      commit(i);
    }
    assertThat(history(null, 3, true)).containsExactly(53L, 52L, 51L);
    assertThat(history(51L, 1, true)).containsExactly(50L);
    assertThat(history(4L, 3, false)).containsExactly(3L, 2L, 1L);
    assertThat(history(null, null, true)).hasSize(50);
    assertThat(history(null, 1_000_000, true)).hasSize(50);
  }
}
