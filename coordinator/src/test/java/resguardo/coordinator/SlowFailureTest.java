package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.infra.runtime.ActivityLog;
import resguardo.testkit.broker.BrokerContract;
import resguardo.testkit.broker.Interference;
import resguardo.testkit.broker.MemoryBroker;
import resguardo.testkit.broker.MemoryConnection;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;

/** A store that is away is tried for a while before it is given up, longer than anyone waits. */
@Timeout(120)
class SlowFailureTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** More than the 300 ms for which a look is waited. */
  private static final long SLOW_MILLIS = 700;

  private final MemoryBroker broker = new MemoryBroker(Interference.NONE);
  private final List<AutoCloseable> ends = new ArrayList<>();
  private volatile boolean away;

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable part : ends) {
      part.close();
    }
  }

  private final class SlowToFail extends ForwardingStore {
    SlowToFail() {
      super(new MemoryArchiveStore());
    }

    @Override
    public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int most)
        throws StoreException {
      if (away && prefix.startsWith(BucketLayout.STATUSES)) {
        try {
          Thread.sleep(SLOW_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        throw new StoreException.Unavailable("the store is away", null);
      }
      return super.list(prefix, after, most);
    }
  }

  private List<String> findings() throws Exception {
    MemoryConnection operator = broker.connect(new Peer(Role.ADMIN, "operator"), Platform.ofJvm());
    ReplyId id = ReplyId.random();
    try (ReplyChannel.Mailbox mailbox = operator.ports().replies().open(id, 4)) {
      operator.ports().commands().send(new Command.Checkup(id));
      Reply.Said said = (Reply.Said) BrokerContract.next(mailbox).message();
      return ((Answer.Findings) said.answer())
          .findings().stream().map(Answer.Finding::what).toList();
    }
  }

  @Test
  void thatItCannotBeReadIsToldByTheLookAtEverythingUntilItCan() throws Exception {
    String told = "how backups ended cannot be read: the store is away";
    Peer self = new Peer(Role.COORDINATOR, "one");
    MemoryConnection connection = broker.connect(self, Platform.ofJvm());
    ActivityLog activity = new ActivityLog(self, Platform.ofJvm(), connection.ports().activity());
    Coordinator coordinator =
        new Coordinator(OverMemory.context(self, new SlowToFail(), connection, activity), () -> {});
    ends.add(coordinator);
    ends.add(activity);
    coordinator.start();
    assertThat(findings()).doesNotContain(told);
    away = true;
    await().atMost(PATIENCE).until(() -> findings().contains(told));
    assertThat(findings()).as("and as often as it is asked").contains(told);
    away = false;
    await().atMost(PATIENCE).until(() -> !findings().contains(told));
  }
}
