package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.SourcePath;
import resguardo.core.port.Platform;
import resguardo.core.protocol.StreamMessage.Failed.Kind;

/** Who reads, who waits, and who is refused, where some of them never come back. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PlacesTest {
  private static final long PATIENCE_SECONDS = 50;

  private final AtomicLong now = new AtomicLong();
  private final Platform platform = Platform.of(Clock.systemUTC(), now::get);
  private final Places places = new Places(platform);
  private final List<Fake> all = new ArrayList<>();

  /** One that reads until it is let go. */
  private final class Fake implements Places.Turn {
    private final RegistrationKey key;
    private final Whereabouts whereabouts = new Whereabouts(now::get);
    private final CountDownLatch answer = new CountDownLatch(1);
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    Fake(String path) {
      this.key = new RegistrationKey(new NodeName("alpha"), SourcePath.parse(path));
      all.add(this);
      places.add(this);
    }

    @Override
    public RegistrationKey key() {
      return key;
    }

    @Override
    public Whereabouts whereabouts() {
      return whereabouts;
    }

    @Override
    public void run() {
      whereabouts.comesTo(key.path().memberName());
      told.add("reads");
      while (answer.getCount() > 0) {
        try {
          answer.await();
        } catch (InterruptedException notHeard) {
          // as in a call of the system
        }
      }
      told.add("ends");
    }

    @Override
    public void waits() {
      told.add("waits");
    }

    @Override
    public void refuse(Kind kind, String why) {
      told.add(kind + ": " + why);
    }

    @Override
    public void drop() {
      told.add("dropped");
    }

    @Override
    public void hangs(String why) {
      told.add("hangs: " + why);
    }

    void is(String what) throws InterruptedException {
      assertThat(told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(what);
    }
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private Fake reading(String path) throws InterruptedException {
    Fake fake = new Fake(path);
    fake.is("reads");
    return fake;
  }

  private Fake hanging(String path) throws InterruptedException {
    Fake fake = reading(path);
    pass(Places.ANSWER);
    places.look();
    fake.is("hangs: " + path + " does not answer");
    return fake;
  }

  @AfterEach
  void endAll() throws InterruptedException {
    all.forEach(fake -> fake.answer.countDown());
    places.end();
    assertThat(places.awaitEnd(Duration.ofNanos(Long.MAX_VALUE / 2))).isTrue();
    places.cut();
  }

  @Test
  void soManyReadAtOnceAndWhatWaitsSaysSoAndHasItsTurn() throws Exception {
    Fake one = reading("/one");
    reading("/two");
    Fake three = new Fake("/three");
    places.look();
    three.is("waits");
    one.answer.countDown();
    three.is("reads");
  }

  @Test
  void whatHangsGivesUpItsPlaceAndIsToldOnce() throws Exception {
    Fake one = hanging("/one");
    Fake two = hanging("/two");
    reading("/three");
    reading("/four");
    places.look();
    assertThat(one.told).isEmpty();
    assertThat(two.told).isEmpty();
  }

  @Test
  void whatGoesOnKeepsItsPlaceHoweverLongItTakes() throws Exception {
    Fake one = reading("/one");
    reading("/two");
    for (int i = 0; i < 100; i++) {
      pass(Places.ANSWER.minusNanos(1));
      all.forEach(fake -> fake.whereabouts.goesOn());
      places.look();
    }
    assertThat(one.told).isEmpty();
  }

  @Test
  void anotherOfTheSameRegistrationWaitsForTheEndAndTakesNoThread() throws Exception {
    Fake one = reading("/one");
    Fake again = new Fake("/one");
    Fake last = new Fake("/one");
    again.is("dropped");
    places.look();
    last.is("waits");
    one.answer.countDown();
    last.is("reads");
    assertThat(again.told).isEmpty();
  }

  @Test
  void anotherOfTheSameRegistrationIsRefusedWhileTheEarlierHangsAndBegunAfterIt() throws Exception {
    Fake one = reading("/one");
    Fake waits = new Fake("/one");
    pass(Places.ANSWER);
    places.look();
    String why = "BROKEN: an earlier attempt still reads /one, which does not answer";
    waits.is(why);
    new Fake("/one").is(why);
    one.answer.countDown();
    one.is("hangs: /one does not answer");
    one.is("ends");
    reading("/one");
  }

  @Test
  void soManyMayHangAndThenNothingMoreWaits() throws Exception {
    for (int i = 0; i < Places.MOST_STUCK + Places.AT_ONCE - 1; i++) {
      hanging("/" + i);
    }
    Fake last = reading("/last");
    Fake waits = new Fake("/waits");
    places.look();
    waits.is("waits");
    pass(Places.ANSWER);
    places.look();
    last.is("hangs: /last does not answer");
    assertThat(waits.told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
        .startsWith("BROKEN: all of this agent's threads read what does not answer");
    last.answer.countDown();
    last.is("ends");
    reading("/next");
  }

  @Test
  void whoeverWaitsForVeryLongIsSentAwayToComeAgain() throws Exception {
    Fake one = reading("/one");
    Fake two = reading("/two");
    Fake three = new Fake("/three");
    pass(Places.TURN);
    one.whereabouts.goesOn();
    two.whereabouts.goesOn();
    places.look();
    three.is("STOPPING: this agent had no place for it for 15 minutes");
  }

  @Test
  void whoeverWaitsForTheReceiverDoesNotHang() throws Exception {
    Fake one = reading("/one");
    Thread own =
        new Thread(
            () -> {
              one.whereabouts.begin();
              one.whereabouts.rest();
            });
    own.start();
    own.join();
    pass(Places.ANSWER);
    places.look();
    assertThat(one.told).isEmpty();
    one.whereabouts.next(); // another's thread: not its step
    places.look();
    assertThat(one.told).isEmpty();
  }

  @Test
  void theEndDoesNotWaitForWhatHangs() throws Exception {
    Fake one = hanging("/one");
    Fake two = reading("/two");
    Fake waits = new Fake("/two");
    places.end();
    new Fake("/three").is("STOPPING: the agent ends");
    two.answer.countDown();
    waits.is("reads");
    waits.answer.countDown();
    assertThat(places.awaitEnd(Duration.ofNanos(Long.MAX_VALUE / 2))).isTrue();
    waits.is("ends");
    assertThat(one.told).isEmpty();
  }
}
