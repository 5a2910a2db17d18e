package resguardo.infra.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.testkit.net.ChaosProxy;
import resguardo.testkit.servers.RealServer;
import resguardo.testkit.store.ArchiveStoreContract;
import resguardo.testkit.store.StoredBytes;

class S3ArchiveStoreTest extends ArchiveStoreContract {
  private static final ObjectKey KEY = new ObjectKey("archives/alpha/a%20b/@/000001-01234567.tgz");

  @TempDir static Path folder;

  @AutoClose private static RealServer server;

  private String bucket;

  @BeforeAll
  static void startServer() {
    server = RealServer.minio(folder.resolve("minio"));
  }

  @BeforeEach
  void anotherBucket() {
    bucket = "b" + UUID.randomUUID();
  }

  @Override
  protected ArchiveStore open() {
    if (bucket == null) {
      anotherBucket();
    }
    return StoreUri.parse(server.fact("store_uri").replace("/resguardo?", "/" + bucket + "?"))
        .open();
  }

  @Test
  void anUploadGoesOnWhenTheStoreIsKilledAndStartedAgainInTheMiddle() throws Exception {
    byte[] bytes = new byte[30 * 1024 * 1024];
    new Random(1).nextBytes(bytes);
    try (ArchiveStore store = open()) {
      store.prepare();
      try (ArchiveStore.Upload upload = store.startUpload(KEY)) {
        upload.write(bytes, 0, 20 * 1024 * 1024);
        server.kill();
        server.start();
        upload.write(bytes, 20 * 1024 * 1024, 10 * 1024 * 1024);
        assertThat(upload.complete().size()).isEqualTo(bytes.length);
      }
      assertThat(Arrays.equals(StoredBytes.of(store, KEY), bytes)).isTrue();
    }
  }

  @Test
  void readingGoesOnWhenTheStoreIsKilledAndStartedAgainInTheMiddle() throws Exception {
    byte[] bytes = new byte[30 * 1024 * 1024];
    new Random(2).nextBytes(bytes);
    try (ArchiveStore store = open()) {
      store.prepare();
      store.put(KEY, Content.of(bytes));
      try (var in = store.read(KEY, 5, Long.MAX_VALUE)) {
        byte[] first = in.readNBytes(1000);
        server.kill();
        server.start();
        byte[] rest = in.readAllBytes();
        assertThat(first).isEqualTo(Arrays.copyOfRange(bytes, 5, 1005));
        assertThat(Arrays.equals(rest, Arrays.copyOfRange(bytes, 1005, bytes.length))).isTrue();
      }
    }
  }

  @Test
  void aSourceThatChangesBetweenTwoCopiesIsToldWhetherItIsReadOrCopied() throws Exception {
    ObjectKey source = new ObjectKey("archives/source");
    byte[] bytes = new byte[30 * 1024 * 1024];
    new Random(3).nextBytes(bytes);
    try (ArchiveStore store = open()) {
      store.prepare();
      store.put(source, Content.of(bytes));
      try (ArchiveStore.Upload upload = store.startUpload(KEY)) {
        upload.copy(source, 0, 10 * 1024 * 1024);
        bytes[0]++;
        store.put(source, Content.of(bytes));
        assertThatThrownBy(() -> upload.copy(source, 0, 10 * 1024 * 1024))
            .isInstanceOf(StoreException.ConditionFailed.class);
        assertThatThrownBy(() -> upload.copy(source, 0, 10))
            .isInstanceOf(StoreException.ConditionFailed.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"500 Internal Server Error", "503 Slow Down", "429 Too Many Requests"})
  void anAnswerThatPassesIsTriedAgain(String status) throws Exception {
    StoreUri.S3 at = (StoreUri.S3) StoreUri.parse(server.fact("store_uri"));
    try (ArchiveStore direct = open();
        ChaosProxy proxy = new ChaosProxy(at.port())) {
      direct.prepare();
      StoreUri.S3 through = through(proxy, at);
      proxy.answer(2, status);
      try (ArchiveStore store = through.open()) {
        store.putIfAbsent(KEY, Content.of(new byte[] {1}));
        assertThat(proxy.unanswered()).isZero();
      }
      proxy.answer(2, status);
      try (ArchiveStore store = through.open()) {
        assertThat(StoredBytes.of(store, KEY)).containsExactly(1);
        assertThat(proxy.unanswered()).isZero();
      }
    }
  }

  @Test
  void aStoreThatIsFullIsToldAfterSomeTries() throws Exception {
    StoreUri.S3 at = (StoreUri.S3) StoreUri.parse(server.fact("store_uri"));
    try (ChaosProxy proxy = new ChaosProxy(at.port());
        ArchiveStore store = through(proxy, at).open()) {
      proxy.answer(1000, "507 Insufficient Storage");
      assertThatThrownBy(() -> store.put(KEY, Content.of(new byte[] {2})))
          .isInstanceOf(StoreException.Unavailable.class)
          .hasMessageContaining("507");
      assertThat(proxy.unanswered()).isBetween(1, 997);
    }
  }

  private StoreUri.S3 through(ChaosProxy proxy, StoreUri.S3 at) {
    return new StoreUri.S3(
        "127.0.0.1",
        proxy.port(),
        false,
        bucket,
        at.accessKey(),
        at.secretKey(),
        null,
        at.region(),
        false);
  }

  /** As it stands in a log. */
  private static String allOf(Throwable e) {
    StringWriter out = new StringWriter();
    e.printStackTrace(new PrintWriter(out));
    return out.toString();
  }

  @Test
  void wrongCredentialsAndAMissingBucketAreToldWithoutTheSecret() throws Exception {
    StoreUri.S3 at = (StoreUri.S3) StoreUri.parse(server.fact("store_uri"));
    String secret = "one-that-nobody-has-" + System.nanoTime();
    StoreUri.S3 wrong =
        new StoreUri.S3(
            at.host(), at.port(), false, bucket, at.accessKey(), secret, null, at.region(), false);
    try (ArchiveStore store = wrong.open()) {
      assertThatThrownBy(() -> store.put(KEY, Content.of(new byte[1])))
          .isInstanceOf(StoreException.Denied.class)
          .satisfies(e -> assertThat(allOf(e)).doesNotContain(secret));
    }
    try (ArchiveStore store = open()) {
      assertThatThrownBy(() -> store.put(KEY, Content.of(new byte[1])))
          .isInstanceOf(StoreException.NotFound.class)
          .satisfies(e -> assertThat(allOf(e)).doesNotContain(at.secretKey()));
    }
    assertThat(at.toString()).doesNotContain(at.secretKey()).doesNotContain(at.accessKey());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "http://a:hush@b/c",
        "s3://host/bucket",
        "s3://a:hush@host",
        "s3://a:hush@host/b/c",
        "s3://a:hush@ /b"
      })
  void whatIsNoAddressOfAStoreIsRefusedWithoutTheSecret(String uri) {
    assertThatThrownBy(() -> StoreUri.parse(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("hush");
  }

  @Test
  void anAddressIsReadWithItsDefaults() {
    assertThat(StoreUri.parse("s3://k%2F:s+%3D@h/b"))
        .isEqualTo(new StoreUri.S3("h", 443, true, "b", "k/", "s+=", null, "us-east-1", false));
    assertThat(StoreUri.parse("s3://k:s@127.0.0.1:9000/b?tls=false&region=eu"))
        .isEqualTo(new StoreUri.S3("127.0.0.1", 9000, false, "b", "k", "s", null, "eu", false));
    assertThat(StoreUri.parse("s3://k:s@h/b?lock=true&token=a%2B%2F%3D"))
        .isEqualTo(new StoreUri.S3("h", 443, true, "b", "k", "s", "a+/=", "us-east-1", true))
        .asString()
        .doesNotContain("a+/=");
    assertThat(StoreUri.parse("file:///a%20b")).isEqualTo(new StoreUri.Folder(Path.of("/a b")));
  }
}
