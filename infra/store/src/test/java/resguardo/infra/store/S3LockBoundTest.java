package resguardo.infra.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.minio.CopyObjectArgs;
import io.minio.EnableObjectLegalHoldArgs;
import io.minio.MinioAsyncClient;
import io.minio.PutObjectArgs;
import io.minio.SetObjectRetentionArgs;
import io.minio.SourceObject;
import io.minio.credentials.StaticProvider;
import io.minio.errors.ErrorResponseException;
import io.minio.messages.Retention;
import io.minio.messages.RetentionMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.Role;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.StoreException;
import resguardo.testkit.servers.RealServer;

/**
 * A worker's key that locks for some days at most, at a real MinIO, and what a thief makes of it.
 */
class S3LockBoundTest {
  private static final ObjectKey ARCHIVE = new ObjectKey("archives/alpha/a/@/000001-01234567.tgz");
  private static final ObjectKey MANIFEST = new ObjectKey("manifests/alpha/a/@/000001.json.gz");
  private static final Duration BOUND = Duration.ofDays(40);
  private static final Instant IN_A_HUNDRED_YEARS = Instant.now().plus(Duration.ofDays(36_500));

  /** More than a client sends in one part. */
  private static final int LARGE = 6 << 20;

  private static final int PART = 5 << 20;

  @TempDir static Path folder;

  @AutoClose private static RealServer server;

  private StoreUri.S3 at;
  private StoreUri.S3 key;

  @AutoClose private ArchiveStore store;

  @AutoClose private ArchiveStore worker;

  @BeforeAll
  static void startServer() {
    server = RealServer.minio(folder.resolve("minio"));
  }

  @BeforeEach
  void makeBucket() throws Exception {
    String uri = server.fact("store_uri").replace("/resguardo?", "/b" + UUID.randomUUID() + "?");
    at = (StoreUri.S3) StoreUri.parse(uri + "&lock=true");
    store = at.open();
    store.prepare();
    key = ShortLivedKey.of(at, at.workersPolicy(BOUND));
    worker = key.open();
    worker.prepare();
    worker.put(ARCHIVE, text("garbage"));
    worker.putIfAbsent(MANIFEST, text("manifest"));
  }

  private static Content text(String text) {
    return Content.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Instant in(Duration time) {
    return Instant.now().plus(time).truncatedTo(ChronoUnit.SECONDS);
  }

  private ObjectLock locks() throws StoreException {
    return worker.locks().orElseThrow();
  }

  @Test
  void itLocksForAsLongAsItIsMadeForAndLocksAnew() throws Exception {
    for (ObjectKey object : new ObjectKey[] {ARCHIVE, MANIFEST}) {
      for (Duration time : new Duration[] {Duration.ofHours(1), Duration.ofDays(30), BOUND}) {
        Instant until = in(time);
        locks().lock(object, until);
        assertThat(locks().until(object)).contains(until);
      }
    }
    // The clock of a worker may be some minutes ahead of the store's.
    Instant ahead = in(BOUND.plusMinutes(10));
    locks().lock(ARCHIVE, ahead);
    assertThat(store.locks().orElseThrow().until(ARCHIVE)).contains(ahead);
  }

  @Test
  void itLocksNothingForLonger() throws Exception {
    for (Instant until :
        new Instant[] {
          in(BOUND.plusDays(2)), in(Duration.ofDays(400)), IN_A_HUNDRED_YEARS,
        }) {
      for (ObjectKey object : new ObjectKey[] {ARCHIVE, MANIFEST}) {
        assertThatThrownBy(() -> locks().lock(object, until))
            .as(object + " until " + until)
            .isInstanceOf(StoreException.Denied.class);
        assertThat(locks().until(object)).isEmpty();
      }
    }
    locks().lock(ARCHIVE, in(BOUND));
    assertThatThrownBy(() -> locks().lock(ARCHIVE, IN_A_HUNDRED_YEARS))
        .as("one that is locked already")
        .isInstanceOf(StoreException.Denied.class);
  }

  @Test
  void norByAnotherWayThanWorkersTake() throws Exception {
    Retention forEver =
        new Retention(RetentionMode.COMPLIANCE, IN_A_HUNDRED_YEARS.atZone(ZoneOffset.UTC));
    Retention governed =
        new Retention(RetentionMode.GOVERNANCE, IN_A_HUNDRED_YEARS.atZone(ZoneOffset.UTC));
    assertDenied(
        "with the writing of an object",
        client ->
            client.putObject(
                named(PutObjectArgs.builder()).data(new byte[10], 10).retention(forEver).build()));
    assertDenied(
        "with an upload in parts",
        client ->
            client.putObject(
                named(PutObjectArgs.builder()).stream(
                        new java.io.ByteArrayInputStream(new byte[LARGE]), -1L, (long) PART)
                    .retention(forEver)
                    .build()));
    assertDenied(
        "with a copy",
        client ->
            client.copyObject(
                named(CopyObjectArgs.builder())
                    .source(
                        SourceObject.builder().bucket(at.bucket()).object(MANIFEST.value()).build())
                    .retention(forEver)
                    .build()));
    assertDenied(
        "in governance mode",
        client ->
            client.setObjectRetention(
                named(SetObjectRetentionArgs.builder()).config(governed).build()));
    assertDenied(
        "by a hold, which has no end",
        client -> client.enableObjectLegalHold(named(EnableObjectLegalHoldArgs.builder()).build()));
    assertDenied(
        "with the writing of an object, by a hold",
        client ->
            client.putObject(
                named(PutObjectArgs.builder()).data(new byte[10], 10).legalHold(true).build()));
    assertThat(store.locks().orElseThrow().until(ARCHIVE)).isEmpty();
    store.delete(ARCHIVE);
    assertThat(store.head(ARCHIVE)).isEmpty();
  }

  /** Something that is tried with a client of the store. */
  private interface Attempt {
    CompletableFuture<?> with(MinioAsyncClient client) throws Exception;
  }

  private <B extends io.minio.ObjectArgs.Builder<B, A>, A extends io.minio.ObjectArgs> B named(
      B arguments) {
    return arguments.bucket(at.bucket()).object(ARCHIVE.value());
  }

  private void assertDenied(String what, Attempt attempt) throws Exception {
    try (MinioAsyncClient client =
        MinioAsyncClient.builder()
            .endpoint(at.host(), at.port(), at.tls())
            .credentialsProvider(
                new StaticProvider(key.accessKey(), key.secretKey(), key.sessionToken()))
            .region(at.region())
            .build()) {
      assertThatThrownBy(() -> attempt.with(client).get())
          .as(what)
          .isInstanceOf(ExecutionException.class)
          .satisfies(e -> assertThat(root(e)).isInstanceOf(ErrorResponseException.class))
          .satisfies(
              e ->
                  assertThat(((ErrorResponseException) root(e)).errorResponse().code())
                      .isEqualTo("AccessDenied"));
    }
  }

  private static Throwable root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  @Test
  void withoutABoundThereIsNoCondition() {
    assertThat(at.workersPolicy(null))
        .isEqualTo(at.policy(Role.WORKER))
        .doesNotContain("Condition");
    assertThat(at.workersPolicy(BOUND))
        .contains("\"NumericLessThanEquals\"")
        .contains("\"s3:object-lock-remaining-retention-days\" : \"41\"");
  }
}
