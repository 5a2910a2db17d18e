package resguardo.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoredObject;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.RecordingStore;
import resguardo.testkit.versions.MadeVersions;

/** The header of a version is read once, and again when its manifest is another. */
class VersionHeadersTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final RecordingStore store = new RecordingStore(new MemoryArchiveStore());
  private final VersionCatalog versions = new VersionCatalog(store);
  private final VersionHeaders headers = new VersionHeaders(versions);

  @TempDir Path spool;

  private VersionHeader put(long serial, Instant slot) throws Exception {
    MadeVersions made = new MadeVersions(store, KEY, spool);
    VersionHeader header = made.header(serial, slot, List.of(), null);
    store.put(manifest(serial), Content.of(made.manifest(header)));
    return header;
  }

  private static ObjectKey manifest(long serial) {
    return BucketLayout.manifest(KEY, new Serial(serial));
  }

  private List<VersionHeader> all() throws Exception {
    return headers.of(KEY, versions.manifests(KEY));
  }

  private int reads() {
    return store.reads(BucketLayout.manifests(KEY)).size();
  }

  @Test
  void eachIsReadOnceUntilItIsAnother() throws Exception {
    VersionHeader first = put(1, NOW);
    VersionHeader second = put(2, NOW.plusSeconds(1));
    assertThat(all()).containsExactly(first, second);
    assertThat(all()).containsExactly(first, second);
    assertThat(reads()).isEqualTo(2);

    VersionHeader third = put(3, NOW.plusSeconds(2));
    assertThat(all()).containsExactly(first, second, third);
    assertThat(reads()).isEqualTo(3);

    VersionHeader anew = put(2, NOW.plusSeconds(9));
    assertThat(all()).containsExactly(first, anew, third);
    assertThat(reads()).isEqualTo(4);
  }

  @Test
  void whatIsGoneIsNotTold() throws Exception {
    put(1, NOW);
    VersionHeader second = put(2, NOW.plusSeconds(1));
    assertThat(all()).hasSize(2);
    store.delete(manifest(1));
    assertThat(all()).containsExactly(second);

    VersionHeader third = put(3, NOW.plusSeconds(2));
    List<StoredObject> listed = versions.manifests(KEY);
    store.delete(manifest(3)); // after it was listed, and before it was read for the first time
    assertThat(headers.of(KEY, listed)).containsExactly(second).doesNotContain(third);
  }

  @Test
  void whatIsDamagedIsToldEachTimeAndReadWhenItIsWholeAgain() throws Exception {
    put(1, NOW);
    store.put(manifest(1), Content.of(new byte[] {1, 2, 3}));
    assertThatThrownBy(this::all).isInstanceOf(DamagedException.class);
    assertThatThrownBy(this::all).isInstanceOf(DamagedException.class);
    VersionHeader healed = put(1, NOW.plusSeconds(3));
    assertThat(all()).containsExactly(healed);
  }
}
