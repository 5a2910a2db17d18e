package resguardo.infra.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.infra.tls.Tls;
import resguardo.infra.tls.TlsFiles;
import resguardo.testkit.servers.RealServer;
import resguardo.testkit.servers.TestCa;
import resguardo.testkit.store.StoredBytes;

/** A MinIO that is reached by TLS, with a certificate of an authority that Java does not know. */
class S3TlsTest {
  @TempDir static Path folder;

  private static TestCa authority;

  @AutoClose private static RealServer server;

  @BeforeAll
  static void start() {
    authority = new TestCa(folder.resolve("ca"));
    server = RealServer.minioWithTls(folder.resolve("minio"), authority, "server");
  }

  private static ArchiveStore store(String uri, TlsFiles files) {
    return StoreUri.parse(uri).open(() -> Tls.of(files));
  }

  @Test
  void aServerThatTheAuthorityVouchesForIsUsed() throws Exception {
    TlsFiles files = new TlsFiles(authority.certificate("ca"), null, null);
    try (ArchiveStore store = store(server.fact("store_uri"), files)) {
      store.prepare();
      ObjectKey key = new ObjectKey("a/b");
      store.put(key, Content.of("content".getBytes(StandardCharsets.UTF_8)));
      assertThat(StoredBytes.of(store, key)).asString(StandardCharsets.UTF_8).isEqualTo("content");
    }
  }

  @Test
  void aServerThatNobodyVouchesForOrOfAnotherNameIsRefusedAtOnceWithTheReason() {
    try (ArchiveStore store = store(server.fact("store_uri"), TlsFiles.NONE)) {
      assertThatThrownBy(store::prepare)
          .isInstanceOf(StoreException.Denied.class)
          .hasMessageContaining("certif");
    }
    String byNumber = server.fact("store_uri").replace("@localhost:", "@127.0.0.1:");
    TlsFiles files = new TlsFiles(authority.certificate("ca"), null, null);
    try (ArchiveStore store = store(byNumber, files)) {
      assertThatThrownBy(store::prepare)
          .isInstanceOf(StoreException.Denied.class)
          .hasMessageContaining("127.0.0.1");
    }
  }
}
