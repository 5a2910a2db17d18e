package resguardo.coordinator.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.Content;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.testkit.store.FaultyStore;
import resguardo.testkit.store.MemoryArchiveStore;

class LeaseTest {
  private static final Registration SRV =
      new Registration(
          new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv")),
          new Schedule.Every(60),
          1,
          Instant.parse("2026-01-02T03:04:05Z"),
          Registration.State.ACTIVE);

  private final FaultyStore store = new FaultyStore(new MemoryArchiveStore());
  private final AtomicLong nanos = new AtomicLong();
  private final Lease one = lease("one");
  private final Lease two = lease("two");

  private Lease lease(String name) {
    return new Lease(
        store, new Peer(Role.COORDINATOR, name), Platform.of(Clock.systemUTC(), nanos::get));
  }

  private void after(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** Lets seconds go by, in each of which these look. */
  private void seconds(int many, Lease... all) throws IOException {
    for (int i = 0; i < many; i++) {
      after(Duration.ofSeconds(1));
      for (Lease lease : all) {
        lease.keep();
      }
    }
  }

  @Test
  void theFirstTakesItAndKeepsItAndTheOtherWaits() throws Exception {
    assertThat(one.keep()).isTrue();
    assertThat(two.keep()).isFalse();
    seconds(100, one, two);
    assertThat(one.isValid()).isTrue();
    assertThat(two.isHeld()).isFalse();
    assertThat(two.text()).isEqualTo("coordinator.one leads, epoch 1");
  }

  @Test
  void anotherTakesOverTenSecondsAfterTheHolderDiedAtTheLatestAndNotWhileItMayTrustInIt()
      throws Exception {
    for (int died = 0; died < 3; died++) {
      Lease holder = lease("holder");
      Lease other = lease("other");
      while (!holder.keep()) {
        seconds(1, holder);
      }
      seconds(1 + died, holder, other);
      int waited = 0;
      while (!other.isHeld()) {
        assertThat(waited).isLessThan(10);
        seconds(1, other);
        waited++;
        assertThat(holder.isValid() && other.isHeld()).as("both").isFalse();
      }
      assertThat(other.isValid()).isTrue();
    }
  }

  @Test
  void aHolderThatWasPausedFindsOutBeforeItWrites() throws Exception {
    one.keep();
    two.keep();
    seconds(8, two);
    assertThat(two.isValid()).isTrue();
    assertThat(one.isValid()).isFalse();
    assertThatThrownBy(() -> one.announce(SRV)).isInstanceOf(NotLeadingException.class);
    assertThat(one.isHeld()).isFalse();
    assertThat(one.pending()).isEmpty();
    assertThat(two.text()).isEqualTo("coordinator.two leads, epoch 2");
    seconds(20, one, two);
    assertThat(one.isHeld()).isFalse();
  }

  @Test
  void oneThatEndedInOrderIsFollowedAtOnce() throws Exception {
    one.keep();
    seconds(3, one, two);
    one.release();
    assertThat(one.isHeld()).isFalse();
    seconds(1, two);
    assertThat(two.isHeld()).isTrue();
  }

  @Test
  void ofSeveralThatWaitOneTakesIt() throws Exception {
    Lease three = lease("three");
    one.keep();
    seconds(9, two, three);
    assertThat(two.isHeld() ^ three.isHeld()).isTrue();
    seconds(30, two, three);
    assertThat(two.isHeld() ^ three.isHeld()).isTrue();
  }

  @Test
  void aWritingWhoseAnswerWasLostIsItsOwn() throws Exception {
    store.afterWrite(BucketLayout.LEASE, FaultyStore.unavailable());
    assertThatThrownBy(one::keep).isInstanceOf(StoreException.Unavailable.class);
    assertThat(one.keep()).as("taken, though it could not know").isFalse();
    seconds(7, one);
    assertThat(one.isHeld()).isTrue();
    store.afterWrite(BucketLayout.LEASE, FaultyStore.unavailable());
    after(Duration.ofSeconds(2));
    assertThatThrownBy(one::keep).isInstanceOf(StoreException.Unavailable.class);
    assertThat(one.isHeld()).isTrue();
    after(Duration.ofSeconds(3));
    assertThat(one.isValid()).as("others may count since the writing").isFalse();
    assertThat(one.keep()).isTrue();
    assertThat(one.isValid()).isTrue();
  }

  @Test
  void aStoreThatIsAwayDoesNotEndALeadThatNobodyTook() throws Exception {
    one.keep();
    for (int i = 0; i < 10; i++) {
      after(Duration.ofSeconds(2));
      store.beforeWrite(BucketLayout.LEASE, FaultyStore.unavailable());
      assertThatThrownBy(one::keep).isInstanceOf(StoreException.Unavailable.class);
    }
    assertThat(one.isHeld()).isTrue();
    assertThat(one.isValid()).isFalse();
    one.keep();
    assertThat(one.isValid()).isTrue();
  }

  @Test
  void whatWasAnnouncedIsLeftToWhoeverTakesOverUntilItIsSettled() throws Exception {
    one.keep();
    one.announce(SRV);
    two.keep();
    seconds(8, two);
    assertThat(two.pending()).contains(SRV);
    seconds(4, two);
    Lease three = lease("three");
    three.keep();
    seconds(8, three);
    assertThat(three.pending()).as("two died before it had settled it").contains(SRV);
    three.settled();
    seconds(3, three);
    Lease four = lease("four");
    four.keep();
    seconds(8, four);
    assertThat(four.isHeld()).isTrue();
    assertThat(four.pending()).isEmpty();
  }

  @Test
  void anAnnouncementThatCouldNotBeMadeIsTakenBack() throws Exception {
    one.keep();
    store.afterWrite(BucketLayout.LEASE, FaultyStore.unavailable());
    assertThatThrownBy(() -> one.announce(SRV)).isInstanceOf(StoreException.Unavailable.class);
    seconds(3, one);
    one.release();
    seconds(1, two);
    assertThat(two.isHeld()).isTrue();
    assertThat(two.pending()).isEmpty();
  }

  @Test
  void oneThatCannotBeReadIsTakenWhenItDoesNotChangeWithAnEpochThatNobodyHad() throws Exception {
    store.put(BucketLayout.LEASE, Content.of("no lease".getBytes(StandardCharsets.UTF_8)));
    assertThat(one.keep()).isFalse();
    seconds(5, one);
    assertThat(one.isHeld()).isFalse();
    seconds(1, one);
    assertThat(one.isHeld()).isTrue();
    assertThat(one.text()).matches("coordinator.one leads, epoch [0-9]{13}");
  }

  @Test
  void oneThatSomebodyDeletedIsTakenAgainAndTheHolderStepsDown() throws Exception {
    one.keep();
    store.delete(BucketLayout.LEASE);
    assertThat(two.keep()).isTrue();
    seconds(2, one);
    assertThat(one.isHeld()).isFalse();
    assertThat(two.isHeld()).isTrue();
  }
}
