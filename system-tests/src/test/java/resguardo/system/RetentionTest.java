package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.RetentionPolicy;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoredObject;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.versions.MadeVersions;

/** Versions are expired as policies say, on a real store, and what is kept is never hurt. */
class RetentionTest {
  private static final RegistrationKey MADE =
      new RegistrationKey(new NodeName("made"), SourcePath.parse("/srv"));
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final int MADE_VERSIONS = Integer.getInteger("resguardo.retention.versions", 300);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @AutoClose private Pipeline pipeline;

  @BeforeEach
  void start() {
    pipeline = new Pipeline(folder);
  }

  private static Set<String> keys(ArchiveStore bucket, String prefix) throws Exception {
    Set<String> keys = new TreeSet<>();
    @Nullable ObjectKey last = null;
    List<StoredObject> page = bucket.list(prefix, null, 1000);
    while (!page.isEmpty()) {
      page.forEach(object -> keys.add(object.key().value()));
      last = page.get(page.size() - 1).key();
      page = bucket.list(prefix, last, 1000);
    }
    return keys;
  }

  /** The archives that versions of a registration lean on. */
  private static Set<String> leanedOn(ArchiveStore bucket, RegistrationKey key) throws Exception {
    Set<String> archives = new HashSet<>();
    for (VersionHeader version : headers(bucket, key)) {
      version.archives().forEach(ref -> archives.add(ref.key()));
    }
    return archives;
  }

  private static List<VersionHeader> headers(ArchiveStore bucket, RegistrationKey key)
      throws Exception {
    VersionCatalog versions = new VersionCatalog(bucket);
    List<VersionHeader> headers = new ArrayList<>();
    for (Serial serial : versions.serials(key)) {
      versions.header(key, serial).ifPresent(headers::add);
    }
    return headers;
  }

  /** Whatever is a version has all its archives, also while others are on their way out. */
  private static void assertWhole(ArchiveStore bucket, RegistrationKey key) throws Exception {
    List<VersionHeader> versions = headers(bucket, key);
    Set<String> there = keys(bucket, BucketLayout.archives(key));
    for (VersionHeader version : versions) {
      if (!version.archives().stream().allMatch(ref -> there.contains(ref.key()))) {
        assertThat(new VersionCatalog(bucket).has(key, version.serial()))
            .as("version %s, of which archives are gone", version.serial())
            .isFalse();
      }
    }
  }

  /** Settings with a user of the broker that may do no more than this role. */
  private Path ofItsOwnUser(String role) throws Exception {
    Path settings = folder.resolve(role + ".env");
    Pipeline.Result enrolled =
        pipeline.admin("role", "enroll", role, "main", "--save-to-file", settings.toString());
    assertThat(enrolled.exit()).as(enrolled.err()).isZero();
    return settings;
  }

  private static Set<String> notes(ArchiveStore bucket) throws Exception {
    Set<String> notes = keys(bucket, BucketLayout.EXPIRING);
    notes.remove(BucketLayout.EXPIRY_ROUND.value());
    return notes;
  }

  @Test
  void versionsGoAsThePolicySaysWithTheLeastRightsAndWhatIsKeptComesBackEqual() throws Exception {
    Path data = pipeline.data("data");
    byte[] large = new byte[3_000_000];
    new Random(3).nextBytes(large);
    Files.write(data.resolve("large"), large); // all later versions lean on it
    pipeline.coordinatorWith(Map.of("RESGUARDO_STORE", pipeline.keyOf("coordinator", "")));
    pipeline.workerWith(Map.of("RESGUARDO_STORE", pipeline.keyOf("fetch-worker", "")));
    pipeline.agent("alpha");
    Process retention =
        pipeline.retention(
            pipeline.keyOf("retention", ""),
            "--interval",
            "1",
            "--grace",
            "1",
            "--config",
            ofItsOwnUser("retention").toString());
    pipeline.register("alpha", data, 1, "--keep-last", "2", "--keep-tz", "Europe/Madrid");
    assertThat(pipeline.admin("list").out()).contains("keep last 2 Europe/Madrid");
    for (int i = 1; i <= 6; i++) {
      long newest = newest(data);
      Files.writeString(
          data.resolve("log"),
          "line " + i + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      Files.writeString(data.resolve("file " + i), "content " + i);
      await().atMost(Pipeline.PATIENCE).until(() -> newest(data) > newest);
    }
    pipeline.awaitUnchanged("alpha", data);
    try (ArchiveStore bucket = pipeline.bucket()) {
      RegistrationKey key = pipeline.history("alpha", data).versions().get(0).registration();
      await()
          .atMost(Pipeline.PATIENCE)
          .until(
              () -> new VersionCatalog(bucket).serials(key).size() == 2 && notes(bucket).isEmpty());
      List<VersionHeader> left = pipeline.history("alpha", data).versions();
      assertThat(left.get(0).serial().value()).isGreaterThanOrEqualTo(6);
      assertThat(keys(bucket, BucketLayout.ARCHIVES)).isEqualTo(leanedOn(bucket, key));
    }
    assertThat(pipeline.broker().control("list_connections", "user")).contains("retention.main");
    pipeline.assertRestorable("alpha", data);
    pipeline.assertRestorableByTheGuide("alpha", data);
    String[] of = {"--node", "alpha", "--path", data.toString()};
    assertThat(pipeline.admin("verify", of[0], of[1], of[2], of[3], "--read").exit()).isZero();
    Pipeline.Result plan = pipeline.admin("retention", "plan", of[0], of[1], of[2], of[3]);
    assertThat(plan.out()).contains("latest, last 1").contains("0 of 2 versions would be expired");
    Pipeline.Result tried =
        pipeline.admin(
            "retention", "plan", of[0], of[1], of[2], of[3], "--keep-last", "1", "--json");
    assertThat(tried.out()).contains("\"policy\":{\"last\":1}").contains("\"kept\":[]");
    assertPolicyIsChangedOneRuleAtATime(of);
    assertThat(pipeline.admin("doctor").out())
        .contains("broken: 0")
        .doesNotContain("nobody expires");
    assertThat(pipeline.admin("publish", "shutdown", "--wait", "--timeout", "120").exit()).isZero();
    assertThat(retention.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(retention.exitValue()).isZero();
  }

  private void assertPolicyIsChangedOneRuleAtATime(String[] of) throws Exception {
    List<String> words = new ArrayList<>(List.of("policy"));
    words.addAll(List.of(of));
    assertThat(pipeline.admin(words.toArray(String[]::new)).out())
        .contains("every 1 s")
        .contains("last 2 Europe/Madrid");
    words.addAll(List.of("--keep-last", "3"));
    Pipeline.Result changed = pipeline.admin(words.toArray(String[]::new));
    assertThat(changed.out())
        .contains("backed up every 1 s, as before")
        .contains("keeps last 3; before: last 2 Europe/Madrid");
    assertThat(pipeline.admin("list").out()).contains("keep last 3").contains("every 1 s");
  }

  private long newest(Path data) throws Exception {
    List<VersionHeader> versions = pipeline.history("alpha", data).versions();
    return versions.isEmpty() ? 0 : versions.get(0).serial().value();
  }

  private void make(ArchiveStore bucket, RetentionPolicy policy, int many) throws Exception {
    new Registry(bucket)
        .save(
            new Registration(
                MADE,
                new Schedule.Every(86_400),
                null,
                1,
                START,
                Registration.State.ACTIVE,
                null,
                null,
                policy),
            null);
    MadeVersions made = new MadeVersions(bucket, MADE, folder);
    Random chance = new Random(9);
    @Nullable VersionHeader newest = null;
    for (int i = 1; i <= many; i++) {
      newest = made.commitNext(newest, START.plus(Duration.ofHours(i)), chance);
    }
  }

  private static RetentionPolicy last(int many) {
    return new RetentionPolicy(many, null, null, null, null, null, null, null);
  }

  /** Two at once, of which now one and then the other is killed, by chance. */
  @Test
  void killedAgainAndAgainAndTwoAtOnceTheyLeaveNothingHalfDone() throws Exception {
    Random chance = new Random();
    try (ArchiveStore bucket = pipeline.bucket()) {
      bucket.prepare();
      make(bucket, last(5), MADE_VERSIONS);
      String key = pipeline.keyOf("retention", "");
      String[] often = {"--interval", "1", "--grace", "1"};
      Process other = pipeline.retention(key, often);
      int rounds = 0;
      while (!isClean(bucket)) {
        Process one = pipeline.retention(key, often);
        Thread.sleep(500 + chance.nextInt(3000)); // how far it comes is left to chance
        assertWhole(bucket, MADE);
        Pipeline.kill(chance.nextBoolean() ? one : other);
        other = one.isAlive() ? one : other;
        assertWhole(bucket, MADE);
        if (++rounds == 8) {
          Process last = pipeline.retention(key, often);
          await().atMost(Pipeline.PATIENCE).until(() -> isClean(bucket));
          Pipeline.kill(last);
        }
      }
      assertThat(new VersionCatalog(bucket).serials(MADE).stream().map(Serial::value))
          .containsExactly(
              MADE_VERSIONS - 4L,
              MADE_VERSIONS - 3L,
              MADE_VERSIONS - 2L,
              MADE_VERSIONS - 1L,
              (long) MADE_VERSIONS);
      assertThat(keys(bucket, BucketLayout.ARCHIVES)).isEqualTo(leanedOn(bucket, MADE));
    }
  }

  private static boolean isClean(ArchiveStore bucket) throws Exception {
    return new VersionCatalog(bucket).serials(MADE).size() == 5 && notes(bucket).isEmpty();
  }

  /** What is removed in a bucket that keeps what is removed is gone for good, once it may be. */
  @Test
  void whatIsLockedStaysUntilItsTimeIsOverAndThenNothingOfItIsLeft() throws Exception {
    String owner = pipeline.store().fact("store_uri") + "&lock=true";
    try (ArchiveStore bucket = resguardo.infra.store.StoreUri.parse(owner).open()) {
      bucket.prepare();
      make(bucket, last(1), 4);
      VersionCatalog versions = new VersionCatalog(bucket);
      VersionHeader second = versions.header(MADE, new Serial(2)).orElseThrow();
      Instant free = Instant.now().plusSeconds(25);
      var locks = bucket.locks().orElseThrow();
      for (ArchiveRef ref : second.archives()) {
        locks.lock(new ObjectKey(ref.key()), free);
      }
      locks.lock(BucketLayout.manifest(MADE, new Serial(2)), free);
      pipeline.retention(
          pipeline.keyOf("retention", "&lock=true"), "--interval", "1", "--grace", "1");
      await()
          .atMost(Pipeline.PATIENCE)
          .until(
              () -> {
                boolean gone = !versions.has(MADE, new Serial(2));
                assertThat(gone && Instant.now().isBefore(free)).isFalse();
                assertWhole(bucket, MADE);
                return versions.serials(MADE).equals(List.of(new Serial(4)))
                    && notes(bucket).isEmpty();
              });
      assertThat(keys(bucket, BucketLayout.ARCHIVES)).isEqualTo(leanedOn(bucket, MADE));
      assertThat(bucket.forgetReplaced(BucketLayout.MANIFESTS)).isZero();
      assertThat(bucket.forgetReplaced(BucketLayout.ARCHIVES)).isZero();
    }
  }
}
