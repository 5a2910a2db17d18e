package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.SourcePath;
import resguardo.core.port.BrokerException;
import resguardo.core.protocol.Command;

/** A command is acked only when whoever asked has been told, or is gone. */
class CoordinatorAnswersTest {
  private static final Command ASKED =
      new Command.History(new NodeName("alpha"), SourcePath.parse("/srv"), null, ReplyId.random());

  private final QuietBroker broker = new QuietBroker();

  @AutoClose
  private final Coordinator coordinator =
      new Coordinator(broker.context(new Peer(Role.COORDINATOR, "one")), () -> {});

  @BeforeEach
  void start() throws Exception {
    coordinator.start();
  }

  @Test
  void aCommandThatIsAnsweredIsAcked() {
    assertThat(broker.handOut(ASKED)).containsExactly("acked");
    assertThat(broker.answers).hasSize(1);
  }

  @Test
  void aCommandWhoseAnswerCannotBeSentNowIsHandedBackAndAnsweredWhenItComesAgain() {
    broker.failures.add(new BrokerException.Unavailable("no connection", null));
    assertThat(broker.handOut(ASKED)).containsExactly("handed back");
    assertThat(broker.answers).isEmpty();
    assertThat(broker.handOut(ASKED)).containsExactly("acked");
    assertThat(broker.answers).hasSize(1);
  }

  @Test
  void aCommandWhoseAskerIsGoneIsAcked() {
    broker.failures.add(new BrokerException.Unroutable("nobody waits"));
    assertThat(broker.handOut(ASKED)).containsExactly("acked");
  }
}
