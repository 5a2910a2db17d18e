package resguardo.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.RawPath;
import resguardo.core.ReplyId;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Damage;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.ProofBook;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.DrillOrder;
import resguardo.core.protocol.QueryJob;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.GzipMembers;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.StoredBytes;

/** What a drill shows of versions that are as they should be, and of others. */
class DrillFlowTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final String SET = "srv/data";

  @TempDir Path folder;

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final MemoryArchiveStore store = new MemoryArchiveStore();
  private final TestVersion version = new TestVersion();
  private ArchiveStore seen = store;
  private long readBytes = Long.MAX_VALUE;

  private static byte[] random(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Of all kinds, in one whole archive. */
  private void stored() throws Exception {
    version.folder(SET);
    for (int i = 10; i < 30; i++) {
      version.file(SET + "/" + i, random(i, 50_000));
    }
    version.file(SET + "/large", random(1, 5_000_000));
    version.file(SET + "/n" + "o".repeat(150), random(2, 10));
    version.add(SET + "/x-link", Entry.Type.SYMLINK, "../elsewhere");
    version.add(SET + "/y-name", Entry.Type.HARD_LINK, SET + "/10");
    version.add(SET + "/z-pipe", Entry.Type.FIFO, null);
    version.add(SET + "/z-socket", Entry.Type.SOCKET, null);
    version.store(store, threads, folder);
  }

  private DrillFlow.Result drill(@Nullable String after, boolean byOperator) throws Exception {
    RestoreStage stage = new RestoreStage((order, words) -> {});
    WorkerContext context = stage.context(seen, folder);
    String known =
        store.head(BucketLayout.proof(TestVersion.KEY)).map(StoredObject::etag).orElse(null);
    QueryJob job =
        QueryJob.drill(
            TestVersion.KEY,
            Serial.first(),
            ReplyId.random(),
            new DrillOrder(
                NOW, byOperator, readBytes, after == null ? null : RawPath.parse(after), known));
    GivingWay way = new GivingWay(context.platform(), () -> false, ChunkSender.Turns.NONE);
    return new DrillFlow(context, threads, job, way).run();
  }

  private Proof.Drill shown(@Nullable String after) throws Exception {
    DrillFlow.Result result = drill(after, false);
    assertThat(result.why()).isNull();
    assertThat(new ProofBook(store).find(TestVersion.KEY)).contains(result.proof());
    return result.proof().last();
  }

  private void flip(Piece piece) throws Exception {
    byte[] bytes = StoredBytes.of(store, TestVersion.ARCHIVE);
    bytes[(int) (piece.offset() + piece.length() / 2)] ^= 1;
    store.put(TestVersion.ARCHIVE, Content.of(bytes));
  }

  private Damage damage() throws Exception {
    return new DamageBook(store).find(TestVersion.KEY).orElse(Damage.none(TestVersion.KEY));
  }

  @Test
  void allThatWasStoredComesOut() throws Exception {
    stored();
    Proof.Drill shown = shown(null);
    assertThat(shown.problems()).isNull();
    assertThat(shown.extent()).isEqualTo(Proof.Extent.WHOLE);
    assertThat(shown.opened()).isTrue();
    assertThat(shown.entries()).isEqualTo(27);
    assertThat(shown.bytes()).isEqualTo(20 * 50_000 + 5_000_000 + 10);
    assertThat(shown.ordered()).isEqualTo(NOW);
    assertThat(damage().parts()).isEmpty();
  }

  @Test
  void aBitThatFlippedIsFoundAndNotedForTheNextBackup() throws Exception {
    stored();
    Piece chunk = version.placed(SET + "/large").place().chunks().get(1).piece();
    flip(chunk);
    Proof.Drill shown = shown(null);
    assertThat(shown.good()).isFalse();
    assertThat(shown.problems().get(0)).startsWith(SET + "/large: ");
    assertThat(damage().parts())
        .containsExactly(
            new Damage.Part(
                TestVersion.ARCHIVE.value(), chunk.offset(), chunk.offset() + chunk.length()));
  }

  @Test
  void anArchiveThatIsGoneIsFound() throws Exception {
    stored();
    store.delete(TestVersion.ARCHIVE);
    Proof.Drill shown = shown(null);
    assertThat(shown.good()).isFalse();
    assertThat(String.valueOf(shown.problems())).contains(TestVersion.ARCHIVE + " is not there");
  }

  @Test
  void anArchiveOfSomethingElseIsFound() throws Exception {
    stored();
    byte[] right = StoredBytes.of(store, TestVersion.ARCHIVE);
    TestVersion other = new TestVersion().folder(SET).file(SET + "/10", random(77, 50_000));
    MemoryArchiveStore elsewhere = new MemoryArchiveStore();
    other.store(elsewhere, threads, folder);
    byte[] wrong = StoredBytes.of(elsewhere, TestVersion.ARCHIVE);
    assertThat(wrong).isNotEqualTo(right);
    store.put(TestVersion.ARCHIVE, Content.of(wrong));
    assertThat(shown(null).good()).isFalse();
  }

  @Test
  void aManifestThatIsDamagedIsFound() throws Exception {
    stored();
    ObjectKey manifest = BucketLayout.manifest(TestVersion.KEY, Serial.first());
    byte[] bytes = StoredBytes.of(store, manifest);
    bytes[bytes.length - 30] ^= 1;
    store.put(manifest, Content.of(bytes));
    Proof.Drill shown = shown(null);
    assertThat(String.valueOf(shown.problems())).contains("manifest");
    assertThat(damage().isIn(manifest)).isTrue();
  }

  @Test
  void aVersionOfALaterProgramShowsNothing() throws Exception {
    stored();
    ObjectKey manifest = BucketLayout.manifest(TestVersion.KEY, Serial.first());
    String lines;
    try (InputStream in =
        GzipMembers.unpacked(new ByteArrayInputStream(StoredBytes.of(store, manifest)), 1024)) {
      lines = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
      String later = lines.replace("\"format\":2", "\"format\":9");
      assertThat(later).isNotEqualTo(lines);
      packed.write(later.getBytes(StandardCharsets.UTF_8));
    }
    store.put(manifest, Content.of(out.toByteArray()));
    assertThat(drill(null, false).proof()).isNull();
    assertThat(damage().parts()).isEmpty();
  }

  @Test
  void samplesOneAfterAnotherHaveAllAndOfEachIsReadWhatItHas() throws Exception {
    stored();
    readBytes = 400_000;
    String after = null;
    long bytes = 0;
    long entries = 0;
    int samples = 0;
    do {
      Proof.Drill shown = shown(after);
      assertThat(shown.problems()).isNull();
      assertThat(shown.extent()).isEqualTo(Proof.Extent.SAMPLE);
      assertThat(shown.after()).isEqualTo(after == null ? null : RawPath.parse(after));
      bytes += shown.bytes();
      entries += shown.entries();
      after = shown.upTo() == null ? null : shown.upTo().text();
      samples++;
    } while (after != null && samples < 20);
    assertThat(after).isNull();
    assertThat(samples).isBetween(3, 5);
    assertThat(bytes).isEqualTo(20 * 50_000 + 5_000_000 + 10);
    assertThat(entries).isEqualTo(27);
  }

  @Test
  void aSampleFindsWhatIsInItAndNothingElse() throws Exception {
    stored();
    flip(version.placed(SET + "/large").place().chunks().get(1).piece());
    readBytes = 400_000;
    assertThat(shown(null).good()).isTrue();
    assertThat(damage().parts()).isEmpty();
    Proof.Drill second = shown(SET + "/29");
    assertThat(second.good()).isFalse();
    assertThat(second.after()).isEqualTo(RawPath.parse(SET + "/29"));
    assertThat(damage().parts()).hasSize(1);
  }

  @Test
  void whereNothingComesAfterTheLastSampleItBeginsAgain() throws Exception {
    stored();
    readBytes = 400_000;
    Proof.Drill shown = shown("zzz");
    assertThat(shown.entries()).isPositive();
    assertThat(shown.after()).isNull();
    assertThat(shown.upTo()).isNotNull();
  }

  @Test
  void aStoreThatIsAwayShowsNothing() throws Exception {
    stored();
    seen =
        new ForwardingStore(store) {
          @Override
          public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
            if (key.equals(TestVersion.ARCHIVE)) {
              throw new StoreException.Unavailable("the store is away", null);
            }
            return super.read(key, offset, length);
          }
        };
    DrillFlow.Result result = drill(null, false);
    assertThat(result.proof()).isNull();
    assertThat(result.why()).contains("the store is away");
    assertThat(new ProofBook(store).find(TestVersion.KEY)).isEmpty();
    assertThat(damage().parts()).isEmpty();
  }

  /** Wrong bytes come once, and lie right. */
  @Test
  void whatWasOnlyWrongOnItsWayIsNotTakenForDamage() throws Exception {
    stored();
    int[] reads = {0};
    seen =
        new ForwardingStore(store) {
          @Override
          public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
            InputStream in = super.read(key, offset, length);
            if (!key.equals(TestVersion.ARCHIVE) || reads[0]++ > 0) {
              return in;
            }
            try {
              byte[] bytes = in.readAllBytes();
              bytes[bytes.length / 2] ^= 1;
              return new ByteArrayInputStream(bytes);
            } catch (java.io.IOException e) {
              throw new AssertionError(e);
            }
          }
        };
    assertThat(shown(null).good()).isTrue();
    assertThat(reads[0]).isGreaterThan(1);
    assertThat(damage().parts()).isEmpty();
  }

  @Test
  void aVersionThatWasExpiredShowsNothing() throws Exception {
    stored();
    store.delete(BucketLayout.manifest(TestVersion.KEY, Serial.first()));
    DrillFlow.Result result = drill(null, false);
    assertThat(result.proof()).isNull();
    assertThat(result.why()).contains("is not there any more");
  }

  @Test
  void oneThatIsNotNeededAnyMoreIsNotMadeButForAnOperator() throws Exception {
    stored();
    shown(null);
    byte[] proof = StoredBytes.of(store, BucketLayout.proof(TestVersion.KEY));
    seen =
        new ForwardingStore(store) {
          @Override
          public java.util.Optional<StoredObject> head(ObjectKey key) throws StoreException {
            return super.head(key)
                .map(
                    there ->
                        key.equals(BucketLayout.proof(TestVersion.KEY))
                            ? new StoredObject(key, there.size(), "another", there.modified())
                            : there);
          }
        };
    assertThat(drill(null, false).why()).contains("another drill was made");
    assertThat(StoredBytes.of(store, BucketLayout.proof(TestVersion.KEY))).isEqualTo(proof);
    seen = store;
    assertThat(drill(null, true).proof()).isNotNull();
  }
}
