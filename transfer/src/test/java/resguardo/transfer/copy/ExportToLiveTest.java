package resguardo.transfer.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Registry;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.version.ArchiveRef;
import resguardo.infra.store.FolderArchiveStore;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.StoredBytes;
import resguardo.testkit.versions.MadeVersions;
import resguardo.transfer.Buckets;

/** A bucket in which a coordinator leads, or has led, is written to by no export. */
class ExportToLiveTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
  private static final ExportOptions PRUNED =
      new ExportOptions(
          null, null, null, null, null, new ExportOptions.Prune(Duration.ofDays(7), true), 4);

  @TempDir Path folder;

  private final MemoryArchiveStore source = new MemoryArchiveStore();
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void make() throws Exception {
    commit(1);
    commit(2);
    Registry registry = new Registry(source);
    registry.save(registration(60), null);
    source.put(BucketLayout.FLEET, Content.of("{}".getBytes(StandardCharsets.UTF_8)));
    source.put(BucketLayout.status(KEY), Content.of(new byte[5]));
    source.put(BucketLayout.LEASE, Content.of(new byte[1]));
  }

  private static Registration registration(int seconds) {
    return new Registration(
        KEY, new Schedule.Every(seconds), 1, Instant.EPOCH, Registration.State.ACTIVE);
  }

  private void commit(long serial) throws IOException {
    MadeVersions made = new MadeVersions(source, KEY, folder);
    ArchiveRef plain = made.archive(serial, "abcd" + serial, 1000);
    ArchiveRef archive =
        new ArchiveRef(1, plain.key(), 1000, Sha256.of(new byte[1000]), plain.form());
    made.commit(serial, Instant.ofEpochSecond(serial), List.of(archive), null);
  }

  private ExportSummary run(ArchiveStore target, ExportOptions options) throws Exception {
    told.clear();
    Path spool = folder;
    return new Export(source, target, spool, Platform.ofJvm(), options, told::add).round();
  }

  private void assertRefused(ArchiveStore target, ExportOptions options) throws Exception {
    Map<String, Sha256> before = Buckets.objects(target, "");
    assertThat(run(target, options)).isEqualTo(new ExportSummary(0, 0, 0, 0, 0, 0, 1));
    assertThat(told).hasSize(1).allMatch(line -> line.contains("a coordinator has led"));
    assertThat(Buckets.objects(target, "")).isEqualTo(before);
  }

  /** What changes at the source once its site is back, while the copy is what all go on with. */
  private void goOnAtBoth(ArchiveStore target) throws Exception {
    commit(3);
    source.delete(BucketLayout.manifest(KEY, new Serial(1)));
    source.put(BucketLayout.FLEET, Content.of("{ }".getBytes(StandardCharsets.UTF_8)));
    source.put(BucketLayout.status(KEY), Content.of(new byte[6]));
    target.put(BucketLayout.registration(KEY), Content.of(new byte[9]));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCopyThatACoordinatorHasGoneOnWithIsNoMoreWrittenTo(boolean inFolder) throws Exception {
    try (ArchiveStore target =
        inFolder ? new FolderArchiveStore(folder.resolve("copy")) : new MemoryArchiveStore()) {
      target.prepare();
      assertThat(run(target, PRUNED).problems()).isZero();
      goOnAtBoth(target);
      target.put(BucketLayout.LEASE, Content.of(new byte[1]));
      for (ExportOptions options :
          List.of(
              ExportOptions.ALL,
              PRUNED,
              new ExportOptions(KEY.node(), KEY.path(), 1, null, Duration.ofDays(1), null, 1))) {
        assertRefused(target, options);
      }
      target.delete(BucketLayout.LEASE); // as who begins a new copy there does
      assertThat(run(target, ExportOptions.ALL).problems()).isZero();
      assertThat(Buckets.objects(target, BucketLayout.REGISTRY))
          .isEqualTo(Buckets.objects(source, BucketLayout.REGISTRY));
      assertThat(Buckets.objects(target, BucketLayout.MANIFESTS)).hasSize(3);
    }
  }

  @Test
  void aBucketOfStrangersThatWasNeverACopyIsNotWrittenTo() throws Exception {
    MemoryArchiveStore target = new MemoryArchiveStore();
    target.put(BucketLayout.LEASE, Content.of(new byte[1]));
    target.put(BucketLayout.FLEET, Content.of(new byte[2]));
    assertRefused(target, ExportOptions.ALL);
  }

  @Test
  void aCoordinatorThatBeginsToLeadWhileArchivesAreCopiedKeepsItsRegistrationsAndSettings()
      throws Exception {
    MemoryArchiveStore target = new MemoryArchiveStore();
    run(target, ExportOptions.ALL);
    goOnAtBoth(target);
    ArchiveStore taken =
        new ForwardingStore(target) {
          @Override
          public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
            target.put(BucketLayout.LEASE, Content.of(new byte[1]));
            return super.putIfAbsent(key, content);
          }
        };
    Map<String, Sha256> before = Buckets.objects(target, "");
    ExportSummary summary = run(taken, ExportOptions.ALL);
    assertThat(summary.problems()).isEqualTo(1);
    assertThat(summary.notes()).isZero();
    assertThat(summary.versions()).isEqualTo(1);
    for (ObjectKey key :
        List.of(BucketLayout.registration(KEY), BucketLayout.status(KEY), BucketLayout.FLEET)) {
      assertThat(Sha256.of(StoredBytes.of(target, key))).isEqualTo(before.get(key.value()));
    }
  }
}
