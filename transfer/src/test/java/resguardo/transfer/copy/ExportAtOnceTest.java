package resguardo.transfer.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.versions.MadeVersions;
import resguardo.transfer.Buckets;

/** Registrations are copied several at once, and none is in another's way. */
class ExportAtOnceTest {
  private static final int BYTES = 4000;

  /** As long as a test waits for what comes at once, or never. */
  private static final int PATIENCE = 60;

  @TempDir Path folder;

  private final MemoryArchiveStore source = new MemoryArchiveStore();
  private final MemoryArchiveStore target = new MemoryArchiveStore();
  private final List<String> told = new ArrayList<>();

  private static RegistrationKey key(int number) {
    return new RegistrationKey(new NodeName("node" + number), SourcePath.parse("/srv"));
  }

  private ArchiveRef commit(RegistrationKey key, long serial) throws IOException {
    MadeVersions made = new MadeVersions(source, key, folder);
    ArchiveRef plain = made.archive(serial, "abcd" + serial, BYTES);
    Sha256 digest = Sha256.of(new byte[BYTES]);
    ArchiveRef archive = new ArchiveRef(1, plain.key(), BYTES, digest, plain.form());
    made.commit(serial, Instant.ofEpochSecond(serial), List.of(archive), null);
    return archive;
  }

  private void commitOneOfEach(int registrations) throws IOException {
    for (int i = 1; i <= registrations; i++) {
      commit(key(i), 1);
    }
  }

  private static ExportOptions options(int parallel) {
    return new ExportOptions(null, null, null, null, null, null, parallel);
  }

  private Export export(ArchiveStore from, Platform platform, ExportOptions options) {
    return new Export(from, target, folder, platform, options, told::add);
  }

  private ExportSummary run(ArchiveStore from, ExportOptions options) throws Exception {
    return export(from, Platform.ofJvm(), options).round();
  }

  private static void meet(CyclicBarrier others) throws IOException {
    try {
      others.await(PATIENCE, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IOException("not as many came as are copied at once", e);
    }
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(PATIENCE, TimeUnit.SECONDS)) {
        throw new IOException("what is waited for has not come");
      }
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted");
    }
  }

  /** A bucket whose archives are read in a way of their own. */
  private class ReadInItsWay extends ForwardingStore {
    private final AtomicInteger reading = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    ReadInItsWay() {
      super(source);
    }

    /** Called before each read of an archive, and each part of it. */
    void next(ObjectKey key) throws IOException {}

    /** What a read returns instead. */
    int read(InputStream in, byte[] buffer, int offset, int length) throws IOException {
      return in.read(buffer, offset, length);
    }

    @Override
    public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
      InputStream in = super.read(key, offset, length);
      if (!key.value().startsWith(BucketLayout.ARCHIVES)) {
        return in;
      }
      int now = reading.incrementAndGet();
      most.accumulateAndGet(now, Math::max);
      return new FilterInputStream(in) {
        @Override
        public int read(byte[] buffer, int at, int most) throws IOException {
          next(key);
          return ReadInItsWay.this.read(in, buffer, at, most);
        }

        @Override
        public void close() throws IOException {
          reading.decrementAndGet();
          super.close();
        }
      };
    }
  }

  @Test
  void asManyAsAreAskedForAreCopiedAtOnceAndNoMore() throws Exception {
    commitOneOfEach(12);
    CyclicBarrier four = new CyclicBarrier(4);
    ReadInItsWay from =
        new ReadInItsWay() {
          @Override
          void next(ObjectKey key) throws IOException {
            meet(four); // nobody reads on before four have come
          }
        };
    assertThat(run(from, options(4))).isEqualTo(new ExportSummary(12, 12, 12 * BYTES, 0, 0, 0, 0));
    assertThat(from.most).hasValue(4);
    Buckets.assertSound(target);
    assertThat(Buckets.objects(target, BucketLayout.ARCHIVES))
        .isEqualTo(Buckets.objects(source, BucketLayout.ARCHIVES));
  }

  @Test
  void registrationsAreWrittenAtOnceTooAfterAllVersions() throws Exception {
    for (int i = 1; i <= 4; i++) {
      commit(key(i), 1);
      Schedule hourly = new Schedule.Every(3600);
      new Registry(source)
          .save(
              new Registration(
                  key(i), hourly, 1, Instant.ofEpochSecond(1), Registration.State.ACTIVE),
              null);
    }
    CyclicBarrier four = new CyclicBarrier(4);
    AtomicInteger versionsThen = new AtomicInteger();
    ArchiveStore from =
        new ForwardingStore(source) {
          @Override
          public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
            if (key.value().startsWith(BucketLayout.REGISTRY)) {
              try {
                versionsThen.set(Buckets.objects(target, BucketLayout.MANIFESTS).size());
                meet(four);
              } catch (IOException e) {
                throw new StoreException.Unavailable(e.getMessage(), e);
              }
            }
            return super.read(key, offset, length);
          }
        };
    assertThat(run(from, options(4)).notes()).isEqualTo(4);
    assertThat(versionsThen).hasValue(4);
    assertThat(Buckets.objects(target, BucketLayout.REGISTRY))
        .isEqualTo(Buckets.objects(source, BucketLayout.REGISTRY));
  }

  @Test
  void theVersionsOfARegistrationComeOneAfterAnother() throws Exception {
    for (int serial = 1; serial <= 4; serial++) {
      commit(key(1), serial);
    }
    ReadInItsWay from = new ReadInItsWay();
    run(from, options(4));
    assertThat(from.most).hasValue(1);
  }

  /** Time goes on when somebody sleeps, and who sleeps beside others sleeps through theirs. */
  private static Platform sleeping(AtomicLong nanos) {
    Platform real = Platform.ofJvm();
    return (Platform)
        Proxy.newProxyInstance(
            Platform.class.getClassLoader(),
            new Class<?>[] {Platform.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("nanoTime")) {
                return nanos.get();
              } else if (method.getName().equals("sleep")) {
                long until = nanos.get() + ((Duration) arguments[0]).toNanos();
                nanos.accumulateAndGet(until, Math::max);
                return null;
              }
              return method.invoke(real, arguments);
            });
  }

  @Test
  void theBandwidthIsForAllTogether() throws Exception {
    commitOneOfEach(4);
    CyclicBarrier four = new CyclicBarrier(4);
    ReadInItsWay from =
        new ReadInItsWay() {
          @Override
          void next(ObjectKey key) throws IOException {
            meet(four);
          }
        };
    AtomicLong nanos = new AtomicLong();
    ExportOptions options = new ExportOptions(null, null, null, (long) BYTES / 10, null, null, 4);
    export(from, sleeping(nanos), options).round();
    assertThat(Duration.ofNanos(nanos.get()))
        .as("each has ten chunks, and one goes a second; the first at once")
        .isGreaterThanOrEqualTo(Duration.ofSeconds(4 * 10 - 1));
  }

  @Test
  void whereARegistrationHasProblemsNothingOfItIsRemovedAndOfOthersItIs() throws Exception {
    ExportOptions pruned =
        new ExportOptions(
            null, null, null, null, null, new ExportOptions.Prune(Duration.ofDays(7), false), 2);
    for (int serial = 1; serial <= 3; serial++) {
      commit(key(1), serial);
      commit(key(2), serial);
    }
    run(source, pruned);
    source.delete(BucketLayout.manifest(key(1), new Serial(1)));
    source.delete(BucketLayout.manifest(key(2), new Serial(1)));
    ArchiveRef damaged = commit(key(1), 4);
    source.put(new ObjectKey(damaged.key()), Content.of(new byte[1]));
    CountDownLatch problem = new CountDownLatch(1);
    ArchiveStore from =
        new ForwardingStore(source) {
          @Override
          public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int most)
              throws StoreException {
            if (prefix.equals(BucketLayout.alarms(key(2)))) {
              try {
                ExportAtOnceTest.await(problem); // that of the other comes in the midst of this
              } catch (IOException e) {
                throw new StoreException.Unavailable(e.getMessage(), e);
              }
            }
            return super.list(prefix, after, most);
          }
        };
    ExportSummary summary =
        new Export(from, target, folder, Platform.ofJvm(), pruned, w -> problem.countDown())
            .round();
    assertThat(summary.problems()).isEqualTo(1);
    assertThat(summary.marked()).isEqualTo(1);
    assertThat(marks(1)).isEmpty();
    assertThat(marks(2)).hasSize(1);
  }

  private Map<String, Sha256> marks(int registration) throws IOException {
    return Buckets.objects(
        target,
        BucketLayout.expiring(key(registration), resguardo.core.catalog.Expiring.Stage.MARKED));
  }

  @Test
  void aStoreThatFailsEndsTheRoundAndWhatWasBegunIsGivenUp() throws Exception {
    commitOneOfEach(9);
    CyclicBarrier three = new CyclicBarrier(3);
    ThreadLocal<Boolean> met = ThreadLocal.withInitial(() -> false);
    String failing = BucketLayout.archives(key(2));
    ReadInItsWay from =
        new ReadInItsWay() {
          @Override
          void next(ObjectKey key) throws IOException {
            if (!met.get()) {
              met.set(true);
              meet(three);
            }
            if (key.value().startsWith(failing)) {
              throw new StoreException.Unavailable("the store is gone", null);
            }
          }

          @Override
          int read(InputStream in, byte[] buffer, int offset, int length) {
            return 1; // of these there is no end
          }
        };
    assertThatThrownBy(() -> run(from, options(3)))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessage("the store is gone");
    assertThat(from.reading).as("all have ended when it ends").hasValue(0);
    assertThat(from.most).hasValue(3);
    assertThat(target.openUploads()).isZero();
    assertThat(Buckets.objects(target, BucketLayout.ARCHIVES)).isEmpty();
    assertThat(Buckets.objects(target, BucketLayout.MANIFESTS)).isEmpty();
    assertThat(run(source, options(3)).versions()).isEqualTo(9);
    assertThat(Buckets.objects(target, BucketLayout.COPIES)).isEmpty();
    Buckets.assertSound(target);
  }

  @Test
  void whoeverIsInterruptedEndsTheRoundAndToRunItAgainIsToGoOn() throws Exception {
    commitOneOfEach(5);
    CountDownLatch begun = new CountDownLatch(3);
    CountDownLatch never = new CountDownLatch(1);
    ReadInItsWay from =
        new ReadInItsWay() {
          @Override
          void next(ObjectKey key) throws IOException {
            begun.countDown();
            ExportAtOnceTest.await(never);
          }
        };
    FutureTask<ExportSummary> round = new FutureTask<>(() -> run(from, options(3)));
    Thread thread = new Thread(round);
    thread.start();
    begun.await();
    thread.interrupt();
    assertThatThrownBy(round::get).hasCauseInstanceOf(InterruptedException.class);
    assertThat(from.reading).hasValue(0);
    assertThat(target.openUploads()).isZero();
    assertThat(run(source, options(3)).versions()).isEqualTo(5);
    Buckets.assertSound(target);
  }

  @Test
  void howManyAtOnceIsBounded() {
    assertThatThrownBy(() -> options(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options(65)).isInstanceOf(IllegalArgumentException.class);
    assertThat(options(64).parallel()).isEqualTo(64);
    assertThat(ExportOptions.ALL.parallel()).isEqualTo(4);
  }
}
