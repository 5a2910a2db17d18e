package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.SourcePath;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Command;

/** Nobody's questions have all others wait. */
class QuestionTimeTest {
  private static final Sender ANN = new Sender("operator.ann", null, null);
  private static final Sender BOB = new Sender("operator.bob", null, null);
  private static final Command QUESTION = new Command.Checkup(ReplyId.random());
  private static final Command CHANGE =
      new Command.Unregister(new NodeName("alpha"), SourcePath.parse("/srv"), ReplyId.random());

  private final AtomicLong clock = new AtomicLong();
  private final QuestionTime time = new QuestionTime(clock::get);

  private void takes(Sender sender, Command command, Duration duration) {
    long began = clock.getAndAdd(duration.toNanos());
    time.took(sender, command, began);
  }

  @Test
  void whoeverHasUsedUpATimeIsRefusedUntilThereIsMoreOfIt() {
    int carriedOut = 0;
    for (int i = 0; i < 2000 && time.allows(ANN, QUESTION); i++) {
      takes(ANN, QUESTION, Duration.ofMillis(190));
      carriedOut++;
    }
    // Half of the time that goes by meanwhile comes back.
    assertThat(carriedOut).isBetween(200, 220);
    assertThat(time.allows(BOB, QUESTION)).isTrue();
    assertThat(time.allows(ANN, CHANGE)).isTrue();
    clock.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(time.allows(ANN, QUESTION)).isTrue();
    takes(ANN, QUESTION, Duration.ofSeconds(3));
    assertThat(time.allows(ANN, QUESTION)).isFalse();
    clock.addAndGet(Duration.ofMinutes(1).toNanos());
    assertThat(time.allows(ANN, QUESTION)).isTrue();
  }

  @Test
  void aLookEachHalfMinuteIsNeverRefused() {
    for (int i = 0; i < 1000; i++) {
      assertThat(time.allows(ANN, QUESTION)).isTrue();
      takes(ANN, QUESTION, Duration.ofSeconds(8));
      clock.addAndGet(Duration.ofSeconds(30).toNanos());
    }
  }

  @Test
  void whatChangesSomethingIsNotCounted() {
    takes(ANN, CHANGE, Duration.ofHours(1));
    assertThat(time.allows(ANN, QUESTION)).isTrue();
  }

  @Test
  void whoeverDoesNotSignHasNoMoreForItNorByTakingOtherNames() {
    takes(unsigned("ann-1a2b3c"), QUESTION, Duration.ofHours(1));
    assertThat(time.allows(unsigned("ann-1a2b3c"), QUESTION)).isFalse();
    assertThat(time.allows(unsigned("ann-d4e5f6"), QUESTION)).isFalse();
    assertThat(time.allows(unsigned("ann-d4e5f6"), CHANGE)).isTrue();
    assertThat(time.allows(unsigned("bob-1a2b3c"), QUESTION)).isTrue();
    assertThat(time.allows(BOB, QUESTION)).isTrue();
    assertThat(time.allows(Sender.UNKNOWN, QUESTION)).isTrue();
    takes(Sender.UNKNOWN, QUESTION, Duration.ofHours(1));
    assertThat(time.allows(Sender.UNKNOWN, QUESTION)).isFalse();
    clock.addAndGet(Duration.ofHours(2).toNanos());
    assertThat(time.allows(unsigned("ann-1a2b3c"), QUESTION)).isTrue();
    assertThat(time.allows(Sender.UNKNOWN, QUESTION)).isTrue();
  }

  private static Sender unsigned(String instance) {
    return new Sender(null, new Peer(Role.ADMIN, instance), "ann@host");
  }
}
