package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.Serial;
import resguardo.core.catalog.Damage;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.version.ManifestReader;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.versions.MadeEntries;

/** What is kept and told of what is damaged, whatever a node calls its files. */
class MendingTest {
  private static final Damage DAMAGE =
      Damage.none(TestVersion.KEY).and(List.of(Damage.Part.whole(TestVersion.ARCHIVE.value())));

  @TempDir Path spool;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final TestVersion version = new TestVersion();

  private Mending mending() throws Exception {
    version.store(store, threads, spool);
    try (ManifestReader base =
        new VersionCatalog(store).manifest(TestVersion.KEY, Serial.first())) {
      return Mending.of(DAMAGE, base, spool);
    }
  }

  private static String longName(int number, int length) {
    return "srv/data/" + number + "n".repeat(length - 12);
  }

  @Test
  void theNoteOfWhatIsLostStaysReadableHoweverLongTheNamesAre() throws Exception {
    version.file(longName(100, (2 << 20) - 1000), new byte[] {1});
    for (int i = 101; i < 201; i++) {
      version.file(longName(i, 16 * 1024), new byte[] {1});
    }
    DamageBook book = new DamageBook(store);
    book.found(TestVersion.KEY, DAMAGE.parts());
    try (Mending mending = mending()) {
      assertThat(mending.lost()).hasSize(100).allMatch(name -> name.length() <= 201);
      assertThat(mending.told()).hasSizeLessThan(400).contains("srv/data/100", "and 100 more");
      book.healed(TestVersion.KEY, DAMAGE, new Serial(2), mending.lost());
      assertThat(book.find(TestVersion.KEY).orElseThrow().lost()).isEqualTo(mending.lost());
    }
  }

  @Test
  void noMoreNamesAreLookedForThanThereIsRoomFor() throws Exception {
    for (int i = 100; i < 400; i++) {
      version.file(longName(i, 16 * 1024 - 100), new byte[] {1});
    }
    version.file("srv/data/short", new byte[] {1});
    try (Mending mending = mending()) {
      assertThat(mending.keptBytes()).isBetween(Mending.MOST_BYTES / 2, Mending.MOST_BYTES);
      assertThat(mending.told())
          .startsWith("brought again what was damaged: 0 of 25")
          .contains(" entries, and did not look for 4");
      long kept = mending.keptBytes();
      mending.came(version.placed("srv/data/short").entry());
      assertThat(mending.keptBytes()).isLessThan(kept);
      mending.came(MadeEntries.file("srv/data/other", 1));
      assertThat(mending.header().totals().entries()).isZero();
    }
  }
}
