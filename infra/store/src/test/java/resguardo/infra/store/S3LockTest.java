package resguardo.infra.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.minio.ListObjectsArgs;
import io.minio.MinioAsyncClient;
import io.minio.RemoveObjectArgs;
import io.minio.Result;
import io.minio.SetBucketLifecycleArgs;
import io.minio.SetObjectRetentionArgs;
import io.minio.credentials.StaticProvider;
import io.minio.errors.ErrorResponseException;
import io.minio.messages.Filter;
import io.minio.messages.Item;
import io.minio.messages.LifecycleConfiguration;
import io.minio.messages.Retention;
import io.minio.messages.RetentionMode;
import io.minio.messages.Status;
import io.minio.messages.Tag;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoreRule;
import resguardo.testkit.net.ChaosProxy;
import resguardo.testkit.servers.RealServer;
import resguardo.testkit.store.StoredBytes;

/** What is locked stays, whoever has which key; and what is not is let go of. */
class S3LockTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectKey ARCHIVE = new ObjectKey("archives/alpha/a/@/000001-01234567.tgz");
  private static final ObjectKey MANIFEST = new ObjectKey("manifests/alpha/a/@/000001.json.gz");
  private static final ObjectKey STATUS = new ObjectKey("status/alpha/a/@.json");
  private static final ObjectKey NOTE = new ObjectKey("staging/j/a.json");

  @TempDir static Path folder;

  @AutoClose private static RealServer server;

  private StoreUri.S3 at;

  @AutoClose private ArchiveStore store;

  @BeforeAll
  static void startServer() {
    server = RealServer.minio(folder.resolve("minio"));
  }

  @BeforeEach
  void makeBucket() throws Exception {
    at = bucket("&lock=true");
    store = at.open();
    store.prepare();
  }

  private static StoreUri.S3 bucket(String options) {
    String uri = server.fact("store_uri").replace("/resguardo?", "/b" + UUID.randomUUID() + "?");
    return (StoreUri.S3) StoreUri.parse(uri + options);
  }

  private static Content text(String text) {
    return Content.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Instant inDays(int days) {
    return Instant.now().plus(Duration.ofDays(days)).truncatedTo(ChronoUnit.SECONDS);
  }

  private static MinioAsyncClient client(StoreUri.S3 at) {
    return MinioAsyncClient.builder()
        .endpoint(at.host(), at.port(), at.tls())
        .credentialsProvider(new StaticProvider(at.accessKey(), at.secretKey(), at.sessionToken()))
        .region(at.region())
        .build();
  }

  private List<Item> versions(String prefix) throws Exception {
    List<Item> found = new ArrayList<>();
    try (MinioAsyncClient client = client(at)) {
      for (Result<Item> result :
          client.listObjects(
              ListObjectsArgs.builder()
                  .bucket(at.bucket())
                  .prefix(prefix)
                  .recursive(true)
                  .includeVersions(true)
                  .build())) {
        found.add(result.get());
      }
    }
    return found;
  }

  private ObjectLock locks() throws StoreException {
    return store.locks().orElseThrow();
  }

  private void assertContent(ObjectKey key, String text) throws Exception {
    assertThat(new String(StoredBytes.of(store, key), StandardCharsets.UTF_8)).isEqualTo(text);
  }

  @Test
  void whatIsLockedIsNotRemovedAndItsLockGrowsAndNeverShrinks() throws Exception {
    store.put(ARCHIVE, text("content"));
    assertThat(locks().until(ARCHIVE)).isEmpty();
    Instant first = inDays(1);
    locks().lock(ARCHIVE, first);
    assertThat(locks().until(ARCHIVE)).contains(first);
    assertThatThrownBy(() -> store.delete(ARCHIVE))
        .isInstanceOf(StoreException.Denied.class)
        .hasMessageContaining(first.toString());
    assertContent(ARCHIVE, "content");
    Instant later = inDays(2);
    locks().lock(ARCHIVE, later);
    assertThat(locks().until(ARCHIVE)).contains(later);
    assertThatThrownBy(() -> locks().lock(ARCHIVE, first))
        .isInstanceOf(StoreException.Denied.class);
    assertThat(locks().until(ARCHIVE)).contains(later);
    assertThatThrownBy(() -> locks().until(MANIFEST)).isInstanceOf(StoreException.NotFound.class);
    assertThatThrownBy(() -> locks().lock(MANIFEST, later))
        .isInstanceOf(StoreException.NotFound.class);
  }

  @Test
  void aLockThatIsOverLetsGo() throws Exception {
    store.put(ARCHIVE, text("content"));
    locks().lock(ARCHIVE, Instant.now().plusSeconds(3));
    await()
        .atMost(PATIENCE)
        .ignoreException(StoreException.Denied.class)
        .until(
            () -> {
              store.delete(ARCHIVE);
              return true;
            });
    assertThat(versions("archives/")).as("nothing of it is kept").isEmpty();
  }

  /** Something that is tried with a client of the store. */
  interface Attempt {
    CompletableFuture<?> with(MinioAsyncClient client) throws Exception;
  }

  private Attempt remove(String version) {
    return client ->
        client.removeObject(
            RemoveObjectArgs.builder()
                .bucket(at.bucket())
                .object(ARCHIVE.value())
                .versionId(version)
                .bypassGovernanceMode(true)
                .build());
  }

  private static void assertDenied(StoreUri.S3 at, Attempt attempt) throws Exception {
    try (MinioAsyncClient client = client(at)) {
      assertThatThrownBy(() -> attempt.with(client).get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(ErrorResponseException.class)
          .satisfies(
              e ->
                  assertThat(((ErrorResponseException) e.getCause()).response().code())
                      .isBetween(400, 403));
    }
  }

  @Test
  void notEvenTheOwnerRemovesWhatIsLocked() throws Exception {
    store.put(ARCHIVE, text("content"));
    locks().lock(ARCHIVE, inDays(1));
    assertDenied(at, remove(versions(ARCHIVE.value()).get(0).versionId()));
    Retention shorter =
        new Retention(RetentionMode.COMPLIANCE, ZonedDateTime.now().plusSeconds(30));
    assertDenied(
        at,
        client ->
            client.setObjectRetention(
                SetObjectRetentionArgs.builder()
                    .bucket(at.bucket())
                    .object(ARCHIVE.value())
                    .bypassGovernanceMode(true)
                    .config(shorter)
                    .build()));
    assertContent(ARCHIVE, "content");
  }

  @Test
  void whatWasReplacedOrRemovedIsLetGoOfAndWhatIsThereStays() throws Exception {
    for (int i = 0; i < 5; i++) {
      store.put(STATUS, text("status " + i));
      store.put(NOTE, text("note " + i));
    }
    store.put(ARCHIVE, text("first"));
    store.put(ARCHIVE, text("second"));
    store.delete(NOTE);
    assertThat(versions("staging/")).as("of what was removed nothing is kept").isEmpty();
    assertThat(versions("status/")).hasSize(5);
    assertThat(store.forgetReplaced("status/")).isEqualTo(4);
    assertThat(versions("status/")).hasSize(1);
    assertContent(STATUS, "status 4");
    assertThat(versions("archives/")).as("not asked for").hasSize(2);
    assertThat(store.forgetReplaced("status/")).isZero();
  }

  @Test
  void moreVersionsThanAPageHasAreLetGoOfAndARefusalThatPassesIsTriedAgain() throws Exception {
    int many = 1010; // a page has 1000
    for (int i = 0; i < many; i++) {
      store.put(STATUS, text("status " + i));
    }
    store.put(NOTE, text("note"));
    try (ChaosProxy proxy = new ChaosProxy(at.port());
        ArchiveStore through =
            new StoreUri.S3(
                    "127.0.0.1",
                    proxy.port(),
                    false,
                    at.bucket(),
                    at.accessKey(),
                    at.secretKey(),
                    null,
                    at.region(),
                    true)
                .open()) {
      assertThat(through.forgetReplaced("staging/")).as("it knows the bucket by now").isZero();
      proxy.answer(2, "503 Slow Down");
      proxy.cut(); // these answers are for those who connect
      assertThat(through.forgetReplaced("status/")).isEqualTo(many - 1);
      assertThat(proxy.unanswered()).isZero();
    }
    assertThat(versions("status/")).hasSize(1);
    assertContent(STATUS, "status " + (many - 1));
    assertThat(versions("staging/")).hasSize(1);
  }

  @Test
  void whatWasHiddenWhileItWasLockedCanBeHadBack() throws Exception {
    store.put(ARCHIVE, text("content"));
    locks().lock(ARCHIVE, inDays(1));
    try (MinioAsyncClient client = client(at)) {
      client
          .removeObject(
              RemoveObjectArgs.builder().bucket(at.bucket()).object(ARCHIVE.value()).build())
          .get();
      assertThat(store.head(ARCHIVE)).isEmpty();
      assertThat(store.forgetReplaced("archives/")).isZero();
      Item mark =
          versions(ARCHIVE.value()).stream().filter(Item::isDeleteMarker).findAny().orElseThrow();
      remove(mark.versionId()).with(client).get();
    }
    assertContent(ARCHIVE, "content");
  }

  @Test
  void aBucketThatIsMadeWithoutHasNoLocksAndKeepsNothing() throws Exception {
    try (ArchiveStore plain = bucket("").open()) {
      plain.prepare();
      assertThat(plain.locks()).isEmpty();
      plain.put(STATUS, text("one"));
      plain.put(STATUS, text("two"));
      assertThat(plain.forgetReplaced("status/")).isZero();
      plain.delete(STATUS);
      assertThat(plain.head(STATUS)).isEmpty();
    }
  }

  @Test
  void aWorkersKeyRemovesNothingAndWritesOnlyWhatWorkersWrite() throws Exception {
    store.put(ARCHIVE, text("content"));
    store.put(NOTE, text("note"));
    locks().lock(ARCHIVE, inDays(1));
    String version = versions(ARCHIVE.value()).get(0).versionId();
    StoreUri.S3 key = ShortLivedKey.of(at, at.policy(Role.WORKER));
    try (ArchiveStore workers = key.open()) {
      workers.prepare();
      assertThat(StoredBytes.of(workers, ARCHIVE)).hasSize(7);
      assertThat(workers.list("archives/", null, 10)).hasSize(1);
      workers.putIfAbsent(MANIFEST, text("manifest"));
      workers.locks().orElseThrow().lock(MANIFEST, inDays(1));
      assertThat(workers.locks().orElseThrow().until(MANIFEST)).isPresent();
      workers.put(STATUS, text("status"));
      ObjectKey other = new ObjectKey("archives/alpha/a/@/000002-01234567.tgz");
      try (ArchiveStore.Upload upload = workers.startUpload(other)) {
        upload.write("more".getBytes(StandardCharsets.UTF_8), 0, 4);
        upload.complete();
      }
      workers.abortUpload(other, workers.startUpload(other).id());
      for (ObjectKey removed : List.of(NOTE, STATUS, other, ARCHIVE, MANIFEST)) {
        assertThatThrownBy(() -> workers.delete(removed))
            .as(removed.value())
            .isInstanceOf(StoreException.Denied.class);
      }
      for (String alien : List.of("registry/alpha/a/@.json", "lease/coordinator.json", "audit/x")) {
        assertThatThrownBy(() -> workers.put(new ObjectKey(alien), text("mine")))
            .as(alien)
            .isInstanceOf(StoreException.Denied.class);
      }
      assertDenied(key, remove(version));
      workers.put(ARCHIVE, text("garbage")); // what it may: over it. What was there is kept.
    }
    assertThat(versions(ARCHIVE.value()))
        .hasSize(2)
        .anyMatch(item -> item.versionId().equals(version));
    assertDenied(key, remove(version));
  }

  @Test
  void whatRulesOfTheBucketDoIsToldToWhoeverMayAsk() throws Exception {
    assertThat(store.rules()).isEmpty();
    rules(
        rule("all of ours", new Filter("archives/"), expiring(30)),
        rule("with a tag", new Filter(new Tag("class", "old")), expiring(1)),
        rule("what was replaced", new Filter(""), null));
    List<StoreRule> told =
        List.of(
            new StoreRule("all of ours", "archives/", StoreRule.Effect.REMOVES, "after 30 days"));
    assertThat(store.rules()).isEqualTo(told);
    try (ArchiveStore coordinators = ShortLivedKey.of(at, at.policy(Role.COORDINATOR)).open()) {
      assertThat(coordinators.rules()).isEqualTo(told);
    }
    try (ArchiveStore workers = ShortLivedKey.of(at, at.policy(Role.WORKER)).open()) {
      assertThatThrownBy(workers::rules).isInstanceOf(StoreException.Denied.class);
    }
  }

  private static LifecycleConfiguration.Expiration expiring(int days) {
    return new LifecycleConfiguration.Expiration((ZonedDateTime) null, days, null, null);
  }

  private static LifecycleConfiguration.Rule rule(
      String name, Filter filter, LifecycleConfiguration.@Nullable Expiration expiration) {
    return new LifecycleConfiguration.Rule(
        Status.ENABLED,
        null,
        expiration,
        filter,
        name,
        new LifecycleConfiguration.NoncurrentVersionExpiration(7, null),
        null,
        null);
  }

  private void rules(LifecycleConfiguration.Rule... rules) throws Exception {
    try (MinioAsyncClient client = client(at)) {
      client
          .setBucketLifecycle(
              SetBucketLifecycleArgs.builder()
                  .bucket(at.bucket())
                  .config(new LifecycleConfiguration(List.of(rules)))
                  .build())
          .get();
    }
  }

  @Test
  void aCoordinatorsKeyRemovesNoManifest() throws Exception {
    store.put(MANIFEST, text("manifest"));
    store.put(ARCHIVE, text("content"));
    store.put(STATUS, text("status"));
    StoreUri.S3 key = ShortLivedKey.of(at, at.policy(Role.COORDINATOR));
    try (ArchiveStore coordinators = key.open()) {
      coordinators.prepare();
      assertThatThrownBy(() -> coordinators.delete(MANIFEST))
          .isInstanceOf(StoreException.Denied.class);
      for (ObjectKey alien : List.of(MANIFEST, ARCHIVE)) {
        assertThatThrownBy(() -> coordinators.put(alien, text("another")))
            .as(alien.value())
            .isInstanceOf(StoreException.Denied.class);
      }
      for (String own :
          List.of("registry/alpha/a/@.json", "lease/coordinator.json", "audit/x", "RESTORE.md")) {
        coordinators.put(new ObjectKey(own), text("one"));
        coordinators.put(new ObjectKey(own), text("two"));
      }
      coordinators.put(NOTE, text("note"));
      coordinators.delete(NOTE);
      coordinators.delete(ARCHIVE); // what an attempt left behind
      coordinators.put(STATUS, text("another"));
      assertThat(coordinators.forgetReplaced("lease/")).isEqualTo(1);
      assertThat(coordinators.forgetReplaced("status/")).isEqualTo(1);
    }
    assertThat(versions("archives/")).isEmpty();
    assertContent(MANIFEST, "manifest");
  }

  @Test
  void aKeyOfRetentionRemovesVersionsButNoneThatIsLockedAndWritesNothingButItsNotes()
      throws Exception {
    store.put(MANIFEST, text("manifest"));
    store.put(ARCHIVE, text("content"));
    store.put(STATUS, text("status"));
    store.put(NOTE, text("note"));
    ObjectKey free = new ObjectKey("archives/alpha/a/@/000002-01234567.tgz");
    store.put(free, text("more"));
    locks().lock(ARCHIVE, inDays(1));
    String version = versions(ARCHIVE.value()).get(0).versionId();
    StoreUri.S3 key = ShortLivedKey.of(at, at.policy(Role.RETENTION));
    try (ArchiveStore expirers = key.open()) {
      expirers.prepare();
      ObjectKey command = new ObjectKey("audit/2026-06-01/000000.000-01234567.json");
      for (ObjectKey alien : List.of(MANIFEST, ARCHIVE, STATUS, NOTE, command)) {
        assertThatThrownBy(() -> expirers.put(alien, text("another")))
            .as(alien.value())
            .isInstanceOf(StoreException.Denied.class);
      }
      for (ObjectKey alien : List.of(STATUS, NOTE, new ObjectKey("registry/alpha/a/@.json"))) {
        assertThatThrownBy(() -> expirers.delete(alien))
            .as(alien.value())
            .isInstanceOf(StoreException.Denied.class);
      }
      assertThatThrownBy(() -> expirers.delete(ARCHIVE)).isInstanceOf(StoreException.Denied.class);
      assertDenied(key, remove(version));
      ObjectKey record = BucketLayout.expiryAudit(Instant.now(), ReplyId.random());
      expirers.put(record, text("these go"));
      assertThatThrownBy(() -> expirers.delete(record)).isInstanceOf(StoreException.Denied.class);
      ObjectKey own = new ObjectKey("expiring/marked/alpha/a/@/000001.json");
      expirers.put(own, text("one"));
      expirers.put(own, text("two"));
      for (ObjectKey gone : List.of(own, MANIFEST, free)) {
        expirers.delete(gone);
        assertThat(versions(gone.value())).as(gone.value()).isEmpty();
      }
    }
    assertContent(ARCHIVE, "content");
  }

  @Test
  void aFolderHasNoPolicyAndNoLocks() throws Exception {
    StoreUri files = StoreUri.parse(folder.resolve("store").toUri().toString());
    assertThatThrownBy(() -> files.policy(Role.WORKER))
        .isInstanceOf(IllegalArgumentException.class);
    try (ArchiveStore store = files.open()) {
      assertThat(store.locks()).isEmpty();
    }
    assertThatThrownBy(() -> at.policy(Role.AGENT)).isInstanceOf(IllegalArgumentException.class);
  }
}
