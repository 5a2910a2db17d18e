package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.SourcePath;
import resguardo.core.catalog.AuditRecord;
import resguardo.core.catalog.AuditTrail;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Reply;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.testkit.store.MemoryArchiveStore;

/** Who asked for what is on record before it is acked, and before others are told. */
class AuditTest {
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final SourcePath PATH = SourcePath.parse("/srv");
  private static final Instant LONG_AGO = Instant.parse("2026-01-01T00:00:00Z");

  private final QuietBroker broker = new QuietBroker();
  private final CoordinatorContext context = broker.context(new Peer(Role.COORDINATOR, "one"));
  private boolean full;

  @AutoClose private final Coordinator coordinator = new Coordinator(withFaults(), () -> {});

  private CoordinatorContext withFaults() {
    ArchiveStore faulty =
        (ArchiveStore)
            Proxy.newProxyInstance(
                AuditTest.class.getClassLoader(),
                new Class<?>[] {ArchiveStore.class},
                (proxy, method, arguments) -> {
                  if (full
                      && method.getName().equals("put")
                      && ((ObjectKey) arguments[0]).value().startsWith(BucketLayout.AUDIT)) {
                    throw new StoreException.Unavailable("the store is full", null);
                  }
                  try {
                    return method.invoke(context.store(), arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    return new CoordinatorContext(
        context.self(),
        context.platform(),
        faulty,
        context.jobs(),
        context.dead(),
        context.commands(),
        context.agents(),
        context.replies(),
        context.events(),
        context.control(),
        context.activity());
  }

  @BeforeEach
  void start() throws Exception {
    coordinator.start();
  }

  private List<AuditRecord> records() throws Exception {
    return new AuditTrail(context.store()).page(null, LONG_AGO, 100).records();
  }

  private static Command register(SourcePath path) {
    return new Command.Register(ALPHA, path, new Schedule.Every(3600), null, ReplyId.random());
  }

  private static Command query() {
    return new Command.Query(ALPHA, PATH, null, null, null, null, ReplyId.random());
  }

  @Test
  void whatChangesSomethingIsKeptWithWhoAskedAndWhatCameOfIt() throws Exception {
    Command command = register(PATH);
    assertThat(broker.handOut(command)).containsExactly("acked");
    assertThat(records())
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.sender()).isEqualTo(QuietBroker.SOMEBODY);
              assertThat(record.command()).isEqualTo(command);
              assertThat(record.outcome()).isEqualTo(AuditRecord.Outcome.DONE);
              assertThat(record.said()).startsWith("registered alpha:/srv");
              assertThat(record.coordinator()).isEqualTo(context.self());
            });
  }

  @Test
  void whatIsRefusedIsKeptToo() throws Exception {
    broker.handOut(query());
    broker.handOut(new Command.Unregister(ALPHA, PATH, ReplyId.random()));
    assertThat(records())
        .hasSize(2)
        .allSatisfy(
            record -> {
              assertThat(record.outcome()).isEqualTo(AuditRecord.Outcome.REFUSED);
              assertThat(record.said()).contains("alpha:/srv");
            });
  }

  @Test
  void lookingAtListsLeavesNone() throws Exception {
    broker.handOut(new Command.ListRegistrations(null, ReplyId.random()));
    broker.handOut(new Command.History(ALPHA, PATH, null, ReplyId.random()));
    broker.handOut(new Command.Audit(LONG_AGO, null, ReplyId.random()));
    assertThat(broker.answers).hasSize(3);
    assertThat(records()).isEmpty();
  }

  @Test
  void whatCannotBeKeptIsNotBegun() throws Exception {
    full = true;
    broker.handOut(query());
    assertThat(refusal()).contains("the store is full");
    assertThat(records()).isEmpty();
    full = false;
    broker.handOut(query());
    assertThat(refusal()).as("it was looked for").contains("no version");
  }

  private @Nullable String refusal() {
    Reply last = broker.answers.get(broker.answers.size() - 1);
    return last instanceof Reply.Said said && said.answer() instanceof Answer.Refused refused
        ? refused.why()
        : null;
  }

  @Test
  void whatIsAskedForIsShownPageByPageAndFromATimeOn() throws Exception {
    for (int i = 0; i < 60; i++) {
      broker.handOut(register(SourcePath.parse("/srv/" + i)));
    }
    List<AuditRecord> seen = new ArrayList<>();
    String after = null;
    int pages = 0;
    do {
      broker.handOut(new Command.Audit(LONG_AGO, after, ReplyId.random()));
      Reply last = broker.answers.get(broker.answers.size() - 1);
      Answer.Audited page = (Answer.Audited) ((Reply.Said) last).answer();
      seen.addAll(page.records());
      after = page.next();
      pages++;
    } while (after != null);
    assertThat(pages).isEqualTo(2);
    assertThat(seen)
        .extracting(record -> record.time().truncatedTo(ChronoUnit.MILLIS)) // as names have it
        .hasSize(60)
        .isSorted();
  }

  @Test
  void olderOnesAreLeftOut() throws Exception {
    AuditTrail trail = new AuditTrail(new MemoryArchiveStore());
    for (int day = 1; day <= 3; day++) {
      Instant time = LONG_AGO.plus(Duration.ofDays(day));
      trail.write(
          AuditRecord.of(time, QuietBroker.SOMEBODY, context.self(), query()), ReplyId.random());
    }
    Instant second = LONG_AGO.plus(Duration.ofDays(2));
    assertThat(trail.page(null, second, 10).records())
        .extracting(AuditRecord::time)
        .containsExactly(second, second.plus(Duration.ofDays(1)));
    assertThat(trail.page(null, second.plusMillis(1), 10).records()).hasSize(1);
  }
}
