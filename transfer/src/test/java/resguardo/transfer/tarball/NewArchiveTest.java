package resguardo.transfer.tarball;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import resguardo.archive.ArchiveWriter;
import resguardo.core.BackupOptions;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.version.ArchiveForm;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.time.ForwardingPlatform;

/** An archive that takes longer than what is left behind may lie. */
class NewArchiveTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv/data"));
  private static final JobId JOB = JobId.of(KEY, 1, Instant.EPOCH);
  private static final ReplyId ATTEMPT = new ReplyId("1".repeat(32));
  private static final ObjectKey ARCHIVE =
      BucketLayout.archive(KEY, Serial.first(), ATTEMPT, BackupOptions.Codec.GZIP, false);

  private final MemoryArchiveStore memory = new MemoryArchiveStore();
  private final List<ObjectKey> written = new ArrayList<>();
  private Duration passed = Duration.ZERO;

  private NewArchive archive() {
    return new NewArchive(
        new ForwardingStore(memory) {
          @Override
          public StoredObject put(ObjectKey key, Content content) throws StoreException {
            written.add(key);
            return super.put(key, content);
          }
        },
        new ForwardingPlatform() {
          @Override
          public long nanoTime() {
            return passed.toNanos();
          }
        },
        KEY,
        JOB,
        ATTEMPT,
        ARCHIVE);
  }

  @Test
  void itIsNotedAgainForAsLongAsBytesCome() throws Exception {
    try (NewArchive archive = archive()) {
      for (int minutes = 0; minutes <= 600; minutes += 10) {
        passed = Duration.ofMinutes(minutes);
        archive.accept(new byte[1]);
      }
    }
    assertThat(written).hasSizeBetween(8, 11).containsOnly(BucketLayout.staging(JOB, ATTEMPT));
  }

  @Test
  void oneThatIsGoneAgainIsNotToBeNamed() throws Exception {
    try (NewArchive archive = archive()) {
      archive.check(); // nothing was written
      archive.accept(new byte[1]);
      archive.complete(
          1,
          new ArchiveWriter.Written(
              1, Sha256.of(new byte[1]), new ArchiveForm(BackupOptions.Codec.GZIP, "x", 1)));
      archive.check();
      memory.delete(ARCHIVE);
      assertThatThrownBy(archive::check)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("swept");
    }
  }
}
