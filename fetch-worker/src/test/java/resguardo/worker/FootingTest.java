package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.BackupOptions;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.Content;
import resguardo.core.port.Platform;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.StoredBytes;

/** From what an attempt goes on when the bucket has lost something. */
class FootingTest {
  @TempDir Path spool;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private VersionHeader version;

  @BeforeEach
  void begin() throws Exception {
    byte[] content = new byte[600_000]; // more than a set that is brought whole in any case
    new Random(5).nextBytes(content);
    version =
        new TestVersion()
            .folder("srv/data")
            .file("srv/data/large", content)
            .store(store, threads, spool);
  }

  private Footing footing() throws Exception {
    return Footing.find(
        store, TestVersion.KEY, BackupOptions.orNone(null), Platform.ofJvm(), spool);
  }

  @Test
  void aWholeVersionIsGoneOnFrom() throws Exception {
    Footing footing = footing();
    assertThat(footing.damage()).isEmpty();
    assertThat(footing.base()).isNotNull();
    assertThat(footing.isBroughtWhole()).isFalse();
    assertThat(footing.archives()).isEqualTo(version.archives());
    assertThat(footing.isNewestVersion(version.totals())).isTrue();
  }

  @Test
  void whereAnArchiveIsGoneAllIsBroughtAnewEvenIfNothingChanged() throws Exception {
    store.delete(TestVersion.ARCHIVE);
    assertBroughtAnew(TestVersion.ARCHIVE + " is not there");
  }

  @Test
  void whereAnArchiveIsCutAllIsBroughtAnew() throws Exception {
    byte[] archive = StoredBytes.of(store, TestVersion.ARCHIVE);
    store.put(TestVersion.ARCHIVE, Content.of(Arrays.copyOf(archive, archive.length - 1)));
    assertBroughtAnew((archive.length - 1) + " bytes instead of " + archive.length);
  }

  /**
   * The number that the attempt is to commit is free again, as the version that had it was expired;
   * only what came after tells.
   */
  @Test
  void whoeverCameTooLateIsToldSoAlsoWhereItsNumberIsFreeAgain() throws Exception {
    Footing footing = footing();
    assertThat(footing.isOvertaken()).isFalse();
    store.put(BucketLayout.manifest(TestVersion.KEY, new Serial(2)), Content.of(new byte[1]));
    assertThat(footing.isOvertaken()).as("it may be of the same job").isFalse();
    store.put(BucketLayout.manifest(TestVersion.KEY, new Serial(3)), Content.of(new byte[1]));
    store.delete(BucketLayout.manifest(TestVersion.KEY, new Serial(1)));
    store.delete(BucketLayout.manifest(TestVersion.KEY, new Serial(2)));
    assertThat(footing.isOvertaken()).isTrue();
  }

  private void assertBroughtAnew(String damage) throws Exception {
    Footing footing = footing();
    assertThat(footing.damage().orElseThrow()).contains(damage);
    assertThat(footing.base()).isNull();
    assertThat(footing.isBroughtWhole()).isTrue();
    assertThat(footing.archives()).isEmpty();
    assertThat(footing.isNewestVersion(version.totals())).isFalse();
    assertThat(footing.serial()).isEqualTo(version.serial().next());
    assertThat(footing.nextArchive()).isEqualTo(version.nextArchive());
  }
}
