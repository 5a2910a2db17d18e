package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.Serial;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;

/** What a check tells, however long what is to be told is. */
class VersionCheckTest {
  @TempDir Path spool;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final MemoryArchiveStore store = new MemoryArchiveStore();

  private List<String> problems(VersionHeader header, ArchiveStore seen) throws Exception {
    try (ManifestReader manifest =
        new VersionCatalog(store).manifest(TestVersion.KEY, Serial.first())) {
      return new VersionCheck(seen, header, (entries, bytes) -> {}).run(manifest, true).problems();
    }
  }

  @Test
  void problemsOfLongNamesAreCut() throws Exception {
    TestVersion version = new TestVersion();
    version.file("srv/data/0" + "n".repeat((2 << 20) - 1000), new byte[] {1});
    for (int i = 100; i < 200; i++) {
      version.file("srv/data/" + i + "n".repeat(16 * 1024), new byte[] {1});
    }
    VersionHeader header = version.store(store, threads, spool);
    byte[] archive = store.readAll(TestVersion.ARCHIVE);
    store.put(TestVersion.ARCHIVE, Content.of(new byte[archive.length]));
    assertThat(problems(header, store))
        .hasSize(100)
        .allMatch(problem -> problem.length() <= VersionCheck.LONGEST_PROBLEM + 1)
        .first()
        .asString()
        .startsWith("srv/data/0nnn");
  }

  @Test
  void whatAStoreSaysIsCutToo() throws Exception {
    VersionHeader header = new TestVersion().files("srv/data").store(store, threads, spool);
    ArchiveStore wordy =
        new ForwardingStore(store) {
          @Override
          public Optional<StoredObject> head(ObjectKey key) throws StoreException {
            throw new StoreException.Unavailable("no ".repeat(100_000), null);
          }
        };
    assertThat(problems(header, wordy))
        .first()
        .asString()
        .contains("cannot be looked at: no no")
        .hasSize(VersionCheck.LONGEST_PROBLEM + 1)
        .endsWith("…");
  }
}
