package resguardo.core.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.DrillPolicy;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.RetentionPolicy;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.ExpiryHold;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.ProofBook;
import resguardo.core.catalog.SettingsBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.version.Alarm;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.store.MemoryArchiveStore;
import resguardo.testkit.versions.MadeVersions;

/** What a policy would do, read from a bucket a page at a time. */
class RetentionPlanTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant NOW = START.plus(Duration.ofDays(1000));
  private static final RetentionPolicy LAST_2 = last(2);

  private final MemoryArchiveStore store = new MemoryArchiveStore();

  @TempDir Path spool;

  private static RetentionPolicy last(int many) {
    return new RetentionPolicy(many, null, null, null, null, null, null, null);
  }

  private static Instant day(long number) {
    return START.plus(Duration.ofDays(number));
  }

  private MadeVersions made() {
    return new MadeVersions(store, KEY, spool);
  }

  private List<RetentionPlan.Decided> plan(RetentionPolicy policy, int aPage) throws IOException {
    RetentionPlan plan = new RetentionPlan(store, Platform.ofJvm(), KEY, policy, NOW);
    List<RetentionPlan.Decided> all = new ArrayList<>();
    @Nullable PlanCursor from = null;
    do {
      RetentionPlan.Page page = plan.page(from, aPage);
      assertThat(page.versions()).hasSizeLessThanOrEqualTo(aPage);
      all.addAll(page.versions());
      from = page.next();
    } while (from != null);
    return all;
  }

  private static List<String> told(List<RetentionPlan.Decided> plan) {
    return plan.stream()
        .map(one -> one.header().serial().value() + " " + one.kept() + " " + one.frees())
        .toList();
  }

  @Test
  void withoutVersionsThereIsNothingToPlan() throws Exception {
    assertThat(plan(LAST_2, 10)).isEmpty();
  }

  @Test
  void whatOthersLeanOnIsNotCountedAsFreed() throws Exception {
    MadeVersions made = made();
    ArchiveRef large = made.archive(1, "a", 1000);
    ArchiveRef second = made.archive(2, "b", 20);
    ArchiveRef third = made.archive(3, "c", 3);
    ArchiveRef fourth = made.archive(4, "d", 4);
    made.commit(1, day(1), List.of(large), null);
    made.commit(2, day(2), List.of(large, second), null);
    made.commit(3, day(3), List.of(large, second, third), null);
    made.commit(4, day(4), List.of(large, fourth), null);
    List<String> told = told(plan(last(1), 10));
    assertThat(told).containsExactly("4 [latest, last 1] 0", "3 [] 3", "2 [] 20", "1 [] 0");
    assertThat(told(plan(last(1), 1))).isEqualTo(told);
    assertThat(told(plan(last(1), 3))).isEqualTo(told);
  }

  /** By another way: all archives of what is expired but those of what is kept. */
  @Test
  void whatIsFreedIsWhatNothingThatStaysLeansOnHoweverThePagesAreCut() throws Exception {
    for (int seed = 0; seed < 60; seed++) {
      MemoryArchiveStore bucket = new MemoryArchiveStore();
      Random chance = new Random(seed);
      MadeVersions made = new MadeVersions(bucket, KEY, spool);
      @Nullable VersionHeader newest = null;
      for (int i = 1; i <= 40; i++) {
        newest = made.commitNext(newest, day(i), chance);
        if (chance.nextInt(3) == 0) {
          bucket.delete(BucketLayout.manifest(KEY, new Serial(1 + chance.nextInt(i))));
        }
      }
      RetentionPolicy policy =
          new RetentionPolicy(1 + chance.nextInt(3), null, null, 3, 2, null, null, null);
      List<RetentionPlan.Decided> all = new ArrayList<>();
      @Nullable PlanCursor from = null;
      RetentionPlan plan = new RetentionPlan(bucket, Platform.ofJvm(), KEY, policy, NOW);
      do {
        RetentionPlan.Page page = plan.page(from, 1 + chance.nextInt(9));
        all.addAll(page.versions());
        from = page.next();
      } while (from != null);
      assertThat(all.stream().map(one -> one.header().serial()))
          .isSortedAccordingTo(java.util.Comparator.reverseOrder())
          .containsExactlyInAnyOrderElementsOf(new VersionCatalog(bucket).serials(KEY));
      Set<ArchiveRef> go = new HashSet<>();
      all.stream()
          .filter(RetentionPlan.Decided::expires)
          .forEach(one -> go.addAll(one.header().archives()));
      all.stream()
          .filter(one -> !one.expires())
          .forEach(one -> go.removeAll(one.header().archives()));
      assertThat(all.stream().mapToLong(RetentionPlan.Decided::frees).sum())
          .as("seed %d", seed)
          .isEqualTo(go.stream().mapToLong(ArchiveRef::bytes).sum());
    }
  }

  @Test
  void whatAnOpenAlarmHoldsIsKeptAndGoesOnceItIsAccepted() throws Exception {
    MadeVersions made = made();
    Alarm alarm = new Alarm(new Serial(2), List.of(Alarm.Sign.CHANGED), 60, 60, 900, 900, 60, 0, 0);
    made.commit(1, day(1), List.of(), null);
    made.commit(2, day(2), List.of(), null);
    made.commit(3, day(3), List.of(), alarm);
    made.commit(4, day(4), List.of(), null);
    assertThat(told(plan(last(1), 2)))
        .containsExactly("4 [latest, last 1] 0", "3 [alarm] 0", "2 [alarm] 0", "1 [alarm] 0");
    ExpiryHold hold = ExpiryHold.of(new VersionCatalog(store), new Alarms(store), KEY);
    assertThat(hold.serials()).containsExactly(new Serial(1), new Serial(2), new Serial(3));
    store.put(
        BucketLayout.acceptance(KEY, new Serial(3)),
        Content.of(
            resguardo.core.protocol.Json.write(
                new resguardo.core.catalog.Acceptance(
                    1,
                    KEY,
                    new Serial(3),
                    NOW,
                    new resguardo.core.port.Sender("ann", null, null),
                    new resguardo.core.Peer(resguardo.core.Role.COORDINATOR, "one")))));
    assertThat(told(plan(last(1), 2)))
        .containsExactly("4 [latest, last 1] 0", "3 [] 0", "2 [] 0", "1 [] 0");
  }

  @Test
  void whatWasProvenRestorableIsKeptHoweverThePagesAreCut() throws Exception {
    MadeVersions made = made();
    ArchiveRef first = made.archive(1, "a", 1000);
    made.commit(1, day(1), List.of(first), null);
    made.commit(2, day(2), List.of(first, made.archive(2, "b", 20)), null);
    made.commit(3, day(3), List.of(made.archive(3, "c", 3)), null);
    made.commit(4, day(4), List.of(made.archive(4, "d", 4)), null);
    Proof.Drill good =
        new Proof.Drill(
            ReplyId.random(),
            new Serial(2),
            day(3),
            day(3),
            new Peer(Role.WORKER, "w"),
            Proof.Extent.SAMPLE,
            true,
            1,
            1,
            null,
            null,
            null,
            null);
    new ProofBook(store).save(KEY, good, null);
    for (int aPage : new int[] {1, 2, 10}) {
      assertThat(told(plan(last(1), aPage)))
          .containsExactly("4 [latest, last 1] 0", "3 [] 3", "2 [proven] 0", "1 [] 0");
    }
    new SettingsBook(store).change(settings -> settings.drilled(DrillPolicy.NEVER));
    assertThat(told(plan(last(1), 2)))
        .as("nothing newer would ever be proven")
        .containsExactly("4 [latest, last 1] 0", "3 [] 3", "2 [] 20", "1 [] 1000");
  }

  @Test
  void whatIsLockedIsKeptUntilItIsFree() throws Exception {
    MadeVersions made = made();
    for (int i = 1; i <= 4; i++) {
      made.commit(i, day(i), List.of(made.archive(i, "a", i)), null);
    }
    store.canLock();
    Instant later = NOW.plusSeconds(1);
    store.locks().orElseThrow().lock(BucketLayout.manifest(KEY, new Serial(1)), later);
    store.locks().orElseThrow().lock(BucketLayout.manifest(KEY, new Serial(2)), NOW);
    assertThat(told(plan(LAST_2, 10)))
        .containsExactly(
            "4 [latest, last 1] 0", "3 [last 2] 0", "2 [] 2", "1 [locked until " + later + "] 0");
  }

  @Test
  void theNewestWhoseArchivesAreAllThereIsKept() throws Exception {
    MadeVersions made = made();
    ArchiveRef lost = made.archive(3, "c", 3);
    made.commit(1, day(1), List.of(), null);
    made.commit(2, day(2), List.of(made.archive(2, "b", 2)), null);
    made.commit(3, day(3), List.of(lost), null);
    store.delete(new ObjectKey(lost.key()));
    assertThat(told(plan(last(1), 1)))
        .containsExactly("3 [latest, last 1] 0", "2 [last-good] 0", "1 [] 0");
  }

  @Test
  void whereAManifestIsDamagedNothingIsPlanned() throws Exception {
    MadeVersions made = made();
    made.commit(1, day(1), List.of(), null);
    made.commit(2, day(2), List.of(), null);
    store.put(BucketLayout.manifest(KEY, new Serial(1)), Content.of(new byte[] {1, 2, 3}));
    assertThatThrownBy(() -> plan(last(1), 10)).isInstanceOf(DamagedException.class);
  }
}
