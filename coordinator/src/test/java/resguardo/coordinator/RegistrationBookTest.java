package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Registry;
import resguardo.testkit.store.MemoryArchiveStore;

class RegistrationBookTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
  private static final Schedule DAILY = new Schedule.Every(86_400);

  private final RegistrationBook book =
      new RegistrationBook(new Registry(new MemoryArchiveStore()));

  @Test
  void theFirstSlotIsDueAtOnce() throws Exception {
    Registration first = book.register(KEY, DAILY, null, NOW);
    assertThat(Slots.due(DAILY, first.since(), null, NOW)).isPresent();
  }

  @Test
  void theSameWishOnceMoreChangesNothing() throws Exception {
    Registration first = book.register(KEY, DAILY, null, NOW);
    assertThat(book.register(KEY, DAILY, null, NOW.plusSeconds(9))).isEqualTo(first);
  }

  @Test
  void theFirstSlotOfAChangedRegistrationIsDueSoonThoughOneOfTheOldIsOfThisSecond()
      throws Exception {
    Registration old = book.register(KEY, new Schedule.Every(1), null, NOW);
    Instant done = Slots.due(old.schedule(), old.since(), null, NOW).orElseThrow().slot();
    Registration changed = book.register(KEY, DAILY, null, NOW);
    assertThat(changed.generation()).isEqualTo(2);
    assertThat(Slots.due(DAILY, changed.since(), done, NOW.plusSeconds(1))).isPresent();
  }

  @Test
  void whatIsTakenUpAgainInTheSecondOfItsRemovalIsDueSoon() throws Exception {
    Registration old = book.register(KEY, DAILY, null, NOW);
    assertThat(book.unregister(KEY, NOW)).isPresent();
    assertThat(book.active(KEY)).isEqualTo(Optional.empty());
    Registration again = book.register(KEY, DAILY, null, NOW);
    assertThat(again.generation()).isEqualTo(3);
    assertThat(Slots.due(DAILY, again.since(), old.since(), NOW.plusSeconds(1))).isPresent();
  }
}
