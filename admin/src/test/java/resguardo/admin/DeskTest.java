package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.SourcePath;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;

class DeskTest {
  private static final Peer COORDINATOR = new Peer(Role.COORDINATOR, "c-1");
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final SourcePath PATH = SourcePath.parse("/srv");

  /** A coordinator at the other end that says prepared things. */
  private static final class Coordinator extends OtherEnd {
    final List<Command> asked = new ArrayList<>();
    BrokerException trouble;

    @Override
    public void send(Command command) throws BrokerException {
      if (trouble != null) {
        throw trouble;
      }
      asked.add(command);
    }
  }

  private final Coordinator coordinator = new Coordinator();

  private Answer ask(Duration timeout) throws Exception {
    return new Desk(coordinator, coordinator, timeout)
        .ask(replyTo -> new Command.Unregister(ALPHA, PATH, replyTo), "unregister alpha:/srv");
  }

  private AdminException failure(Duration timeout) {
    return catchThrowableOfType(AdminException.class, () -> ask(timeout));
  }

  @Test
  void theCoordinatorsAnswerIsGivenBack() throws Exception {
    coordinator.says.add(
        new ReplyChannel.Received(COORDINATOR, new Reply.Said(new Answer.Done("gone"))));
    assertThat(ask(Duration.ofSeconds(30))).isEqualTo(new Answer.Done("gone"));
    assertThat(coordinator.asked).hasSize(1);
    assertThat(coordinator.asked.get(0).replyTo()).isNotNull();
  }

  @Test
  void aWordThatIsNotFromACoordinatorIsNotTakenForTheAnswer() throws Exception {
    coordinator.says.add(
        new ReplyChannel.Received(Peer.agent(ALPHA), new Reply.Said(new Answer.Done("forged"))));
    coordinator.says.add(
        new ReplyChannel.Received(COORDINATOR, new Reply.Said(new Answer.Done("real"))));
    assertThat(ask(Duration.ofSeconds(30))).isEqualTo(new Answer.Done("real"));
  }

  @Test
  void aRefusalSaysWhyAndWhatToTryAndEndsByItsReason() {
    coordinator.says.add(
        new ReplyChannel.Received(
            COORDINATOR,
            new Reply.Said(
                new Answer.Refused(
                    Answer.Refused.Reason.NOT_FOUND,
                    "nothing is registered there",
                    "Did you mean /srv2?"))));
    AdminException failure = failure(Duration.ofSeconds(30));
    assertThat(failure.exit().number()).isEqualTo(3);
    assertThat(failure.text())
        .isEqualTo(
            "Failed to unregister alpha:/srv: nothing is registered there.\nDid you mean /srv2?");
  }

  @Test
  void silenceEndsWithFour() {
    assertThat(failure(Duration.ofMillis(1)).exit().number()).isEqualTo(4);
  }

  @Test
  void aBrokerThatCannotBeReachedEndsWithFiveAndAMissingQueueWithOne() {
    coordinator.trouble = new BrokerException.Unavailable("connection refused", null);
    assertThat(failure(Duration.ofSeconds(30)).exit().number()).isEqualTo(5);
    coordinator.trouble = new BrokerException.Unroutable("no queue takes it");
    assertThat(failure(Duration.ofSeconds(30)).exit().number()).isEqualTo(1);
  }
}
