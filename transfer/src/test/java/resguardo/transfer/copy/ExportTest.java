package resguardo.transfer.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
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
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.Registry;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.EndlessStore;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.store.StoredBytes;
import resguardo.testkit.versions.MadeVersions;
import resguardo.transfer.Buckets;
import resguardo.transfer.Killing;

/** The target is at any time a bucket from which all that it has can be restored. */
class ExportTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
  private static final RegistrationKey BELOW =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv/data 2"));
  private static final Duration GRACE = Duration.ofDays(7);
  private static final ExportOptions PRUNED =
      new ExportOptions(null, null, null, null, null, new ExportOptions.Prune(GRACE, false), 4);

  @TempDir Path folder;

  private final SetClock clock = new SetClock();
  private final MemoryArchiveStore source = new MemoryArchiveStore(clock);
  private final MemoryArchiveStore target = new MemoryArchiveStore(clock);
  private final List<String> told = new ArrayList<>();
  private final Map<Long, List<ArchiveRef>> archives = new TreeMap<>();

  private static final class SetClock extends Clock {
    private volatile Instant now = Instant.parse("2026-11-01T00:00:00Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  /** Each version leans on an archive of its own and that of the one before. */
  @BeforeEach
  void make() throws Exception {
    for (int serial = 1; serial <= 4; serial++) {
      commit(KEY, serial);
      commit(BELOW, serial);
    }
    for (RegistrationKey key : List.of(KEY, BELOW)) {
      new Registry(source)
          .save(
              new Registration(
                  key, new Schedule.Every(60), 1, clock.instant(), Registration.State.ACTIVE),
              null);
    }
    source.put(
        BucketLayout.FLEET, Content.of("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    source.put(BucketLayout.LEASE, Content.of(new byte[1]));
    archives.clear();
  }

  private VersionHeader commit(RegistrationKey key, long serial) throws IOException {
    MadeVersions made = new MadeVersions(source, key, folder);
    byte[] bytes = new byte[(int) (1000 * serial)];
    ArchiveRef before =
        archives.getOrDefault(serial - 1, List.of()).stream()
            .filter(ref -> ref.key().startsWith(BucketLayout.archives(key)))
            .findAny()
            .orElse(null);
    ArchiveRef plain = made.archive(serial, "abcd" + serial, bytes.length);
    ArchiveRef own =
        new ArchiveRef((int) serial, plain.key(), bytes.length, Sha256.of(bytes), plain.form());
    archives.computeIfAbsent(serial, s -> new ArrayList<>()).add(own);
    List<ArchiveRef> leaned = before == null ? List.of(own) : List.of(before, own);
    return made.commit(serial, clock.instant().plusSeconds(serial), leaned, null);
  }

  private ExportSummary run(ArchiveStore from, ArchiveStore into, ExportOptions options)
      throws Exception {
    told.clear();
    return new Export(from, into, folder, Platform.of(clock), options, told::add).round();
  }

  private ExportSummary run(ExportOptions options) throws Exception {
    return run(source, target, options);
  }

  private static Map<String, Sha256> copied(ArchiveStore store) throws IOException {
    Map<String, Sha256> objects = Buckets.objects(store, "");
    objects.keySet().removeIf(key -> key.startsWith(BucketLayout.LEASES));
    objects.keySet().removeIf(key -> key.equals("RESTORE.md"));
    return objects;
  }

  private void expire(RegistrationKey key, long serial) throws Exception {
    source.delete(BucketLayout.manifest(key, new Serial(serial)));
  }

  private Set<Long> serials(ArchiveStore store, RegistrationKey key) throws Exception {
    return Buckets.versions(store, key).stream()
        .map(version -> version.serial().value())
        .collect(java.util.stream.Collectors.toCollection(java.util.TreeSet::new));
  }

  @Test
  void allThatVersionsNeedIsCopiedOnceAndTheLeaseIsNot() throws Exception {
    ExportSummary first = run(ExportOptions.ALL);
    assertThat(first).isEqualTo(new ExportSummary(8, 8, 20_000, 3, 0, 0, 0));
    assertThat(copied(target)).isEqualTo(copied(source));
    assertThat(Buckets.objects(target, BucketLayout.LEASES)).isEmpty();
    assertThat(target.head(new ObjectKey("RESTORE.md"))).isPresent();
    Buckets.assertSound(target);
    assertThat(run(ExportOptions.ALL)).isEqualTo(new ExportSummary(0, 0, 0, 0, 0, 0, 0));
    commit(KEY, 5);
    assertThat(run(ExportOptions.ALL)).isEqualTo(new ExportSummary(1, 1, 5000, 0, 0, 0, 0));
    assertThat(target.openUploads()).isZero();
  }

  @Test
  void whatIsChosenIsCopied() throws Exception {
    run(new ExportOptions(KEY.node(), BELOW.path(), 2, null, null, null, 4));
    assertThat(serials(target, KEY)).isEmpty();
    assertThat(serials(target, BELOW)).containsExactly(3L, 4L);
    assertThat(Buckets.objects(target, BucketLayout.REGISTRY)).hasSize(1);
    Buckets.assertSound(target);
    run(new ExportOptions(KEY.node(), null, 1, null, null, null, 4));
    assertThat(serials(target, KEY)).containsExactly(4L);
    assertThat(
            run(new ExportOptions(new NodeName("beta"), null, null, null, null, null, 4))
                .problems())
        .isEqualTo(1);
  }

  @Test
  void theManifestComesAfterAllThatItNamesAndTheRegistrationAfterIt() throws Exception {
    List<String> written = Collections.synchronizedList(new ArrayList<>());
    run(
        source,
        new ForwardingStore(target) {
          @Override
          public StoredObject put(ObjectKey key, Content content) throws StoreException {
            written.add(key.value());
            return super.put(key, content);
          }

          @Override
          public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
            try {
              Buckets.assertSound(target);
            } catch (Exception e) {
              throw new AssertionError(e);
            }
            written.add(key.value());
            return super.putIfAbsent(key, content);
          }
        },
        ExportOptions.ALL);
    int lastManifest = lastOf(written, BucketLayout.MANIFESTS);
    assertThat(lastManifest).isPositive();
    assertThat(written.subList(0, lastManifest)).noneMatch(k -> k.startsWith("registry/"));
  }

  private static int lastOf(List<String> keys, String prefix) {
    int last = -1;
    for (int i = 0; i < keys.size(); i++) {
      last = keys.get(i).startsWith(prefix) ? i : last;
    }
    return last;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void killedBeforeOrAfterAnyChangeTheTargetIsSoundAndToRunItAgainIsToGoOn(int parallel)
      throws Exception {
    ExportOptions all = new ExportOptions(null, null, null, null, null, null, parallel);
    int kills = 0;
    for (boolean after : new boolean[] {false, true}) {
      for (int change = 1; ; change++) {
        MemoryArchiveStore into = new MemoryArchiveStore(clock);
        try {
          run(source, new Killing(into, change, after), all);
          break;
        } catch (Killing.Killed killed) {
          kills++;
        }
        Buckets.assertSound(into);
        assertThat(run(source, into, all).problems()).isZero();
        assertThat(copied(into)).as("after change %s", change).isEqualTo(copied(source));
        // One of each that was begun and not yet noted is all that can be left, as with a worker.
        assertThat(into.openUploads()).isLessThanOrEqualTo(Math.min(parallel, 2));
      }
    }
    assertThat(kills).isGreaterThan(80);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void killedWhileItRemovesNothingThatIsLeftLacksAnythingAndNothingIsLeftBehind(int parallel)
      throws Exception {
    ExportOptions pruned =
        new ExportOptions(null, null, null, null, null, PRUNED.prune(), parallel);
    int kills = 0;
    for (boolean after : new boolean[] {false, true}) {
      for (int change = 1; ; change++) {
        MemoryArchiveStore from = new MemoryArchiveStore(clock);
        for (String key : Buckets.objects(source, "").keySet()) {
          from.put(new ObjectKey(key), Content.of(StoredBytes.of(source, new ObjectKey(key))));
        }
        MemoryArchiveStore into = new MemoryArchiveStore(clock);
        run(from, into, pruned);
        from.delete(BucketLayout.manifest(KEY, new Serial(1)));
        from.delete(BucketLayout.manifest(KEY, new Serial(3)));
        assertThat(run(from, into, pruned).marked()).isEqualTo(2);
        clock.now = clock.now.plus(GRACE);
        boolean killed = false;
        try {
          run(from, new Killing(into, change, after), pruned);
        } catch (Killing.Killed dead) {
          killed = true;
          kills++;
        }
        Buckets.assertSound(into);
        run(from, into, pruned);
        Buckets.assertSound(into);
        assertThat(serials(into, KEY)).containsExactly(2L, 4L);
        assertThat(Buckets.objects(into, BucketLayout.EXPIRING)).hasSize(1); // the time
        assertThat(Buckets.objects(into, BucketLayout.archives(KEY)))
            .as("both that are left lean on the archives of what is gone")
            .hasSize(4);
        if (!killed) {
          break;
        }
      }
    }
    assertThat(kills).isGreaterThan(15);
  }

  @Test
  void whatTheSourceHasNoMoreIsRemovedAfterItsTimeOfGraceWithWhatNothingElseNeeds()
      throws Exception {
    run(PRUNED);
    expire(KEY, 1);
    assertThat(run(ExportOptions.ALL).marked()).as("only where it is asked for").isZero();
    assertThat(run(PRUNED)).isEqualTo(new ExportSummary(0, 0, 0, 0, 1, 0, 0));
    clock.now = clock.now.plus(GRACE).minusSeconds(1);
    assertThat(run(PRUNED).marked()).isEqualTo(1);
    clock.now = clock.now.plusSeconds(1);
    assertThat(run(PRUNED).pruned()).isEqualTo(1);
    assertThat(serials(target, KEY)).containsExactly(2L, 3L, 4L);
    Buckets.assertSound(target); // 2 leans on the archive of 1
    expire(KEY, 2);
    run(PRUNED);
    clock.now = clock.now.plus(GRACE);
    run(PRUNED);
    assertThat(Buckets.objects(target, BucketLayout.archives(KEY)))
        .as("that of 1 is needed no more, that of 2 by 3")
        .hasSize(3);
    Buckets.assertSound(target);
  }

  @Test
  void whatComesBackIsKept() throws Exception {
    run(PRUNED);
    byte[] manifest = StoredBytes.of(source, BucketLayout.manifest(KEY, new Serial(2)));
    expire(KEY, 2);
    run(PRUNED);
    source.put(BucketLayout.manifest(KEY, new Serial(2)), Content.of(manifest));
    clock.now = clock.now.plus(GRACE);
    assertThat(run(PRUNED)).isEqualTo(new ExportSummary(0, 0, 0, 0, 0, 0, 0));
    assertThat(serials(target, KEY)).hasSize(4);
    expire(KEY, 2);
    assertThat(run(PRUNED).marked()).as("its time begins anew").isEqualTo(1);
  }

  @Test
  void aSourceThatLooksEmptyOrHalfOrThatHasLostTheNewestRemovesNothing() throws Exception {
    run(PRUNED);
    clock.now = clock.now.plus(GRACE.multipliedBy(3));
    MemoryArchiveStore empty = new MemoryArchiveStore(clock);
    assertThat(run(empty, target, PRUNED).problems()).isEqualTo(1);
    for (long serial = 1; serial <= 3; serial++) {
      expire(KEY, serial);
    }
    assertThat(run(PRUNED).problems()).isEqualTo(1);
    assertThat(told.get(0)).contains("3 of 4 versions").contains("--prune-any");
    expire(BELOW, 4);
    assertThat(run(PRUNED).problems()).isEqualTo(2);
    assertThat(told).anyMatch(line -> line.contains("the source has lost versions"));
    assertThat(serials(target, KEY)).hasSize(4);
    assertThat(serials(target, BELOW)).hasSize(4);
    ExportOptions any =
        new ExportOptions(null, null, null, null, null, new ExportOptions.Prune(GRACE, true), 4);
    assertThat(run(any).marked()).isEqualTo(3);
  }

  @Test
  void aListThatLeavesAVersionOutDoesNotHaveItRemoved() throws Exception {
    run(PRUNED);
    ArchiveStore forgetful =
        new ForwardingStore(source) {
          @Override
          public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int most)
              throws StoreException {
            return super.list(prefix, after, most).stream()
                .filter(o -> !o.key().equals(BucketLayout.manifest(KEY, new Serial(2))))
                .toList();
          }
        };
    run(forgetful, target, PRUNED);
    clock.now = clock.now.plus(GRACE);
    run(forgetful, target, PRUNED);
    assertThat(serials(target, KEY)).hasSize(4);
    assertThat(
            Buckets.objects(
                target, BucketLayout.expiring(KEY, resguardo.core.catalog.Expiring.Stage.MARKED)))
        .isEmpty();
  }

  @Test
  void whatIsDamagedIsToldAndNotCopiedAndTheRestIs() throws Exception {
    ObjectKey archive = new ObjectKey(Buckets.versions(source, KEY).get(1).archives().get(1).key());
    source.put(archive, Content.of(new byte[1999]));
    source.put(BucketLayout.manifest(BELOW, new Serial(3)), Content.of(new byte[10]));
    ExportSummary summary = run(PRUNED);
    assertThat(summary.problems()).isEqualTo(3); // 2 and 3 lean on it
    assertThat(serials(target, KEY)).containsExactly(1L, 4L);
    assertThat(serials(target, BELOW)).containsExactly(1L, 2L, 4L);
    assertThat(told).anyMatch(line -> line.contains("its bytes are not those"));
    assertThat(target.head(archive)).isEmpty();
    assertThat(target.openUploads()).isZero();
    Buckets.assertSound(target);
  }

  @Test
  void aTargetThatOthersWriteToIsLeftAlone() throws Exception {
    run(ExportOptions.ALL);
    MadeVersions other = new MadeVersions(target, KEY, folder);
    other.commit(5, clock.instant().plusSeconds(99), List.of(), null);
    commit(KEY, 5);
    commit(KEY, 6);
    commit(BELOW, 5);
    List<ObjectKey> notes =
        List.of(
            BucketLayout.registration(KEY),
            BucketLayout.status(KEY),
            BucketLayout.damage(KEY),
            BucketLayout.FLEET);
    for (ObjectKey note : notes) {
      target.put(note, Content.of("theirs".getBytes(StandardCharsets.UTF_8)));
      source.put(note, Content.of("the source's".getBytes(StandardCharsets.UTF_8)));
    }
    source.put(BucketLayout.status(BELOW), Content.of(new byte[7]));
    Map<String, Sha256> before = withoutExpiryRound(target);
    for (ExportOptions options : List.of(PRUNED, one(KEY), one(KEY.node()), ExportOptions.ALL)) {
      assertThat(run(options).problems()).isEqualTo(1);
      assertThat(told.get(0)).contains("is another than that of the source");
      assertThat(withoutExpiryRound(target))
          .as("all that is of the registration, and the settings")
          .containsAllEntriesOf(before)
          .allSatisfy(
              (key, digest) -> assertThat(before.containsKey(key) || isOf(BELOW, key)).isTrue());
    }
    assertThat(serials(target, BELOW)).as("no other is held up").contains(5L);
    assertThat(target.head(BucketLayout.status(BELOW))).isPresent();
  }

  private static ExportOptions one(RegistrationKey key) {
    return new ExportOptions(key.node(), key.path(), null, null, null, null, 4);
  }

  private static ExportOptions one(NodeName node) {
    return new ExportOptions(node, null, null, null, null, null, 4);
  }

  private static Map<String, Sha256> withoutExpiryRound(ArchiveStore store) throws IOException {
    Map<String, Sha256> objects = Buckets.objects(store, "");
    objects.remove(BucketLayout.EXPIRY_ROUND.value());
    return objects;
  }

  private static boolean isOf(RegistrationKey key, String object) {
    return object.startsWith(BucketLayout.archives(key))
        || object.startsWith(BucketLayout.manifests(key))
        || object.equals(BucketLayout.status(key).value());
  }

  /** Who may write a status may have made it larger than the memory of whoever copies it. */
  @Test
  void aNoteThatIsTooLongIsToldAndAllElseIsCopied() throws Exception {
    for (RegistrationKey key : List.of(KEY, BELOW)) {
      source.put(BucketLayout.status(key), Content.of(new byte[100]));
    }
    EndlessStore endless = new EndlessStore(source, BucketLayout.status(KEY));
    assertThat(run(endless, target, ExportOptions.ALL))
        .isEqualTo(new ExportSummary(8, 8, 20_000, 4, 0, 0, 1));
    assertThat(endless.taken()).isEqualTo(DamageBook.LONGEST + 1);
    assertThat(told).singleElement().asString().contains(BucketLayout.status(KEY) + " is too long");
    assertThat(target.head(BucketLayout.status(KEY))).isEmpty();
    assertThat(target.head(BucketLayout.status(BELOW))).isPresent();
    Buckets.assertSound(target);
  }

  @Test
  void aVersionThatIsExpiredWhileItIsCopiedIsPassedOver() throws Exception {
    ArchiveStore expiring =
        new ForwardingStore(source) {
          @Override
          public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
            if (key.value().startsWith(BucketLayout.archives(KEY))) {
              source.delete(BucketLayout.manifest(KEY, new Serial(1)));
              throw new StoreException.NotFound("gone", null);
            }
            return super.read(key, offset, length);
          }
        };
    ExportOptions only = new ExportOptions(KEY.node(), KEY.path(), null, null, null, null, 4);
    ExportSummary summary = run(expiring, target, only);
    assertThat(serials(target, KEY)).doesNotContain(1L);
    assertThat(summary.problems()).as("the others are there, and lack it").isEqualTo(3);
  }

  @Test
  void acceptancesOfAlarmsComeAlong() throws Exception {
    run(ExportOptions.ALL);
    new Alarms(source).note(KEY, new Serial(2));
    source.put(
        BucketLayout.acceptance(KEY, new Serial(2)),
        Content.of("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    run(ExportOptions.ALL);
    assertThat(copied(target)).isEqualTo(copied(source));
  }

  @Test
  void whatIsCopiedIsLockedAsLongAsIsAskedAlsoWhenItWasKilledBeforeThat() throws Exception {
    ExportOptions locked =
        new ExportOptions(KEY.node(), KEY.path(), null, null, Duration.ofDays(30), null, 4);
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> run(locked)))
        .isInstanceOf(StoreException.Denied.class);
    assertThat(Buckets.objects(target, "")).isEmpty();
    run(ExportOptions.ALL); // as if it had been killed before it locked anything
    target.canLock();
    run(locked);
    Instant until = clock.instant().plus(Duration.ofDays(30));
    for (VersionHeader version : Buckets.versions(target, KEY)) {
      for (ArchiveRef archive : version.archives()) {
        assertThat(target.locks().orElseThrow().until(new ObjectKey(archive.key())))
            .contains(until);
      }
      assertThat(target.locks().orElseThrow().until(BucketLayout.manifest(KEY, version.serial())))
          .contains(until);
    }
  }

  @Test
  void lockedVersionsStayUntilTheyAreFree() throws Exception {
    target.canLock();
    ExportOptions options =
        new ExportOptions(
            null,
            null,
            null,
            null,
            GRACE.multipliedBy(2),
            new ExportOptions.Prune(GRACE, false),
            4);
    run(options);
    expire(KEY, 1);
    run(options);
    clock.now = clock.now.plus(GRACE);
    assertThat(run(options).problems()).isZero();
    assertThat(told).anyMatch(line -> line.contains("stays at the target"));
    assertThat(serials(target, KEY)).hasSize(4);
    clock.now = clock.now.plus(GRACE);
    assertThat(run(options).pruned()).isEqualTo(1);
  }
}
