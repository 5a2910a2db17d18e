package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import resguardo.coordinator.lease.Lease;
import resguardo.coordinator.lease.NotLeadingException;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Registry;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Command;
import resguardo.testkit.store.FaultyStore;
import resguardo.testkit.store.FaultyStore.Step;
import resguardo.testkit.store.MemoryArchiveStore;

class RegistrationBookTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
  private static final Schedule DAILY = new Schedule.Every(86_400);
  private static final Schedule HOURLY = new Schedule.Every(3_600);

  private final FaultyStore store = new FaultyStore(new MemoryArchiveStore());
  private final AtomicLong nanos = new AtomicLong();
  private final Lease lease = lease("one");
  private final RegistrationBook book =
      new RegistrationBook(new Registry(store), lease, Platform.ofJvm());

  private Lease lease(String name) {
    return new Lease(
        store, new Peer(Role.COORDINATOR, name), Platform.of(Clock.systemUTC(), nanos::get));
  }

  @BeforeEach
  void lead() throws Exception {
    assertThat(lease.keep()).isTrue();
  }

  /** Another takes over: nobody has heard of the one that led for long enough. */
  private RegistrationBook takeOver() throws IOException {
    Lease other = lease("two");
    while (!other.keep()) {
      nanos.addAndGet(1_000_000_000);
    }
    RegistrationBook next = new RegistrationBook(new Registry(store), other, Platform.ofJvm());
    var look = next.begin();
    look.read();
    next.end(look, damaged -> assertThat(damaged).isNull());
    next.settle();
    return next;
  }

  private Step takeOver(List<RegistrationBook> into) {
    return () -> {
      try {
        into.add(takeOver());
      } catch (IOException e) {
        throw new StoreException.Unavailable("not taken over", e);
      }
    };
  }

  private static Command.Register wish(Schedule schedule) {
    return new Command.Register(KEY.node(), KEY.path(), schedule, null, null);
  }

  @Test
  void theFirstSlotIsDueAtOnce() throws Exception {
    Registration first = book.register(wish(DAILY), NOW);
    assertThat(Slots.due(DAILY, first.since(), null, NOW)).isPresent();
  }

  @Test
  void theSameWishOnceMoreChangesNothing() throws Exception {
    Registration first = book.register(wish(DAILY), NOW);
    assertThat(book.register(wish(DAILY), NOW.plusSeconds(9))).isEqualTo(first);
  }

  @Test
  void theFirstSlotOfAChangedRegistrationIsDueSoonThoughOneOfTheOldIsOfThisSecond()
      throws Exception {
    Registration old = book.register(wish(new Schedule.Every(1)), NOW);
    Instant done = Slots.due(old.schedule(), old.since(), null, NOW).orElseThrow().slot();
    Registration changed = book.register(wish(DAILY), NOW);
    assertThat(changed.generation()).isEqualTo(2);
    assertThat(Slots.due(DAILY, changed.since(), done, NOW.plusSeconds(1))).isPresent();
  }

  @Test
  void whatIsTakenUpAgainInTheSecondOfItsRemovalIsDueSoon() throws Exception {
    Registration old = book.register(wish(DAILY), NOW);
    assertThat(book.unregister(KEY, NOW)).isPresent();
    assertThat(book.active(KEY)).isEqualTo(Optional.empty());
    Registration again = book.register(wish(DAILY), NOW);
    assertThat(again.generation()).isEqualTo(3);
    assertThat(Slots.due(DAILY, again.since(), old.since(), NOW.plusSeconds(1))).isPresent();
  }

  @Test
  void oneThatWasOvertakenCannotWrite() throws Exception {
    book.register(wish(DAILY), NOW);
    RegistrationBook next = takeOver();
    assertThatThrownBy(() -> book.unregister(KEY, NOW)).isInstanceOf(NotLeadingException.class);
    assertThat(next.active(KEY)).isPresent();
    assertThat(new Registry(store).find(KEY)).isEqualTo(next.active(KEY));
  }

  @Test
  void oneThatIsOvertakenInTheMiddleFindsDoneWhatItAnnouncedAndTheNextKnowsIt() throws Exception {
    List<RegistrationBook> next = new ArrayList<>();
    store.beforeWrite(BucketLayout.registration(KEY), takeOver(next));
    Registration written = book.register(wish(DAILY), NOW);
    assertThat(next.get(0).active(KEY)).contains(written);
    assertThat(new Registry(store).find(KEY)).contains(written);
    assertThatThrownBy(() -> book.register(wish(HOURLY), NOW))
        .isInstanceOf(NotLeadingException.class);
  }

  @Test
  void oneThatIsOvertakenInTheMiddleUndoesNothingThatTheNextDid() throws Exception {
    List<RegistrationBook> next = new ArrayList<>();
    store.beforeWrite(
        BucketLayout.registration(KEY),
        () -> {
          takeOver(next).run();
          try {
            next.get(0).register(wish(HOURLY), NOW);
          } catch (IOException e) {
            throw new StoreException.Unavailable("not registered", e);
          }
        });
    assertThatThrownBy(() -> book.register(wish(DAILY), NOW))
        .isInstanceOf(NotLeadingException.class);
    Registration there = new Registry(store).find(KEY).orElseThrow();
    assertThat(there.schedule()).isEqualTo(HOURLY);
    assertThat(there.generation()).isEqualTo(2);
    assertThat(next.get(0).active(KEY)).contains(there);
  }

  @Test
  void aWritingWhoseAnswerWasLostIsFoundDone() throws Exception {
    store.afterWrite(BucketLayout.registration(KEY), FaultyStore.unavailable());
    assertThatThrownBy(() -> book.register(wish(DAILY), NOW))
        .isInstanceOf(StoreException.Unavailable.class);
    Registration again = book.register(wish(DAILY), NOW.plusSeconds(5));
    assertThat(again.generation()).as("not once more").isEqualTo(1);
    assertThat(new Registry(store).find(KEY)).contains(again);
  }

  @Test
  void whatWasAnnouncedAndNotWrittenIsWrittenByTheNextThatWrites() throws Exception {
    store.beforeWrite(BucketLayout.registration(KEY), FaultyStore.unavailable());
    assertThatThrownBy(() -> book.register(wish(DAILY), NOW))
        .isInstanceOf(StoreException.Unavailable.class);
    assertThat(new Registry(store).find(KEY)).isEmpty();
    assertThat(takeOver().active(KEY)).isPresent();
  }

  @Test
  void whatSomebodyChangedInTheBucketIsChangedFurtherAndNotWrittenOver() throws Exception {
    Registration first = book.register(wish(DAILY), NOW);
    Registry registry = new Registry(store);
    Registration byHand = new Registration(KEY, HOURLY, 7, NOW, Registration.State.ACTIVE);
    registry.save(byHand, registry.findToChange(KEY).orElseThrow().etag());
    assertThat(first.generation()).isEqualTo(1);
    assertThat(book.unregister(KEY, NOW).orElseThrow().generation()).isEqualTo(8);
  }
}
