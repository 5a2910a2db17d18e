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
import resguardo.core.protocol.Json;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.version.Entry;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.StoredBytes;

/** What a check tells, however long what is to be told is. */
class VersionCheckTest {
  @TempDir Path spool;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final MemoryArchiveStore store = new MemoryArchiveStore();

  private StreamMessage.Verified verified(VersionHeader header, ArchiveStore seen)
      throws Exception {
    try (ManifestReader manifest =
        new VersionCatalog(store).manifest(TestVersion.KEY, Serial.first())) {
      return new VersionCheck(seen, header, (entries, bytes) -> {}).run(manifest, true);
    }
  }

  private List<String> problems(VersionHeader header, ArchiveStore seen) throws Exception {
    return verified(header, seen).problems();
  }

  @Test
  void problemsOfLongNamesAreCut() throws Exception {
    TestVersion version = new TestVersion();
    version.file("srv/data/0" + "n".repeat((2 << 20) - 1000), new byte[] {1});
    for (int i = 100; i < 200; i++) {
      version.file("srv/data/" + i + "n".repeat(16 * 1024), new byte[] {1});
    }
    VersionHeader header = version.store(store, threads, spool);
    byte[] archive = StoredBytes.of(store, TestVersion.ARCHIVE);
    store.put(TestVersion.ARCHIVE, Content.of(new byte[archive.length]));
    assertThat(problems(header, store))
        .hasSize(100)
        .allMatch(problem -> problem.length() <= VersionCheck.LONGEST_PROBLEM + 1)
        .first()
        .asString()
        .startsWith("srv/data/0nnn");
  }

  /** Control characters are told by six others each. */
  @Test
  void problemsOfManyUnreadableNamesFitIntoOneMessageAndTheReasonsAreToldToo() throws Exception {
    TestVersion version = new TestVersion();
    for (int i = 100; i < 200; i++) {
      version.file("srv/data/" + i + "\u0001".repeat(300), new byte[] {1});
    }
    VersionHeader header = version.store(store, threads, spool);
    byte[] archive = StoredBytes.of(store, TestVersion.ARCHIVE);
    store.put(TestVersion.ARCHIVE, Content.of(new byte[archive.length]));
    StreamMessage.Verified verified = verified(header, store);
    assertThat(Json.write(verified).length).isLessThan(Json.MESSAGE_BYTES);
    assertThat(verified.problems()).hasSizeBetween(20, 99);
    assertThat(verified.problems().size() + verified.more()).isGreaterThanOrEqualTo(100);
    assertThat(verified.problems().get(0))
        .hasSize(VersionCheck.LONGEST_PROBLEM + 1)
        .startsWith("srv/data/100\\u0001")
        .containsPattern("…: [a-z]+");
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
        .contains("…");
  }

  /** As versions have that were made when the folder of the first name had just been renamed. */
  @Test
  void anotherNameOfWhatIsNotThereIsTold() throws Exception {
    TestVersion version = new TestVersion().folder("srv/data");
    for (int i = 1000; i < 3000; i++) {
      version.file("srv/data/" + i, new byte[] {1});
      version.add("srv/data/" + i + "-link", Entry.Type.HARD_LINK, "srv/data/" + i);
    }
    version.add("srv/data/fifo", Entry.Type.FIFO, null);
    version.add("srv/data/fifo-link", Entry.Type.HARD_LINK, "srv/data/fifo");
    version.add("srv/data/x", Entry.Type.HARD_LINK, "srv/data/gone");
    version.add("srv/data/y", Entry.Type.HARD_LINK, "srv/data/x");
    VersionHeader header = version.store(store, threads, spool);
    assertThat(problems(header, store))
        .containsExactly(
            "srv/data/x: it is another name of srv/data/gone, which the version has not",
            "srv/data/y: it is another name of srv/data/x, which the version has not");
  }
}
