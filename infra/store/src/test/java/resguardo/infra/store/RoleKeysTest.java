package resguardo.infra.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.Role;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.infra.tls.Tls;
import resguardo.testkit.servers.RealServer;

/** A key of a role that a real MinIO gives can do what the role does, and no more. */
class RoleKeysTest {
  private static final ObjectKey MANIFEST = new ObjectKey("manifests/alpha/a/@/000001.json.gz");
  private static final Content ONE = Content.of("1".getBytes(StandardCharsets.UTF_8));

  @TempDir static Path folder;

  @AutoClose private static RealServer server;

  private StoreUri owner;

  @BeforeAll
  static void startServer() {
    server = RealServer.minio(folder.resolve("minio"));
  }

  @BeforeEach
  void makeBucket() throws Exception {
    owner =
        StoreUri.parse(
            server.fact("store_uri").replace("/resguardo?", "/b" + UUID.randomUUID() + "?"));
    try (ArchiveStore store = owner.open()) {
      store.prepare();
    }
  }

  private ArchiveStore keyOf(Role role) throws IOException {
    return StoreUri.parse(RoleKeys.of(owner, owner.policy(role), RoleKeys.LONGEST, Tls::ofJava))
        .open();
  }

  @Test
  void aWorkerMakesVersionsAndRetentionRemovesThem() throws Exception {
    try (ArchiveStore worker = keyOf(Role.WORKER);
        ArchiveStore retention = keyOf(Role.RETENTION);
        ArchiveStore coordinator = keyOf(Role.COORDINATOR)) {
      worker.putIfAbsent(MANIFEST, ONE);
      assertThatThrownBy(() -> worker.delete(MANIFEST)).isInstanceOf(StoreException.Denied.class);
      assertThatThrownBy(() -> coordinator.delete(MANIFEST))
          .isInstanceOf(StoreException.Denied.class);
      assertThatThrownBy(() -> retention.put(MANIFEST, ONE))
          .isInstanceOf(StoreException.Denied.class);
      assertThat(coordinator.head(MANIFEST)).isPresent();
      retention.delete(MANIFEST);
      assertThat(coordinator.head(MANIFEST)).isEmpty();
    }
  }

  @Test
  void whoeverIsNotLetInIsToldSoWithoutTheSecret() {
    StoreUri.S3 at = (StoreUri.S3) owner;
    StoreUri other =
        StoreUri.parse(
            "s3://" + at.accessKey() + ":not-it@127.0.0.1:" + at.port() + "/b?tls=false");
    assertThatThrownBy(
            () -> RoleKeys.of(other, other.policy(Role.WORKER), RoleKeys.LONGEST, Tls::ofJava))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("gives no key")
        .hasMessageNotContaining("not-it");
  }

  @Test
  void aFolderHasNoKeysAndNoKeyIsForever() {
    assertThatThrownBy(
            () -> RoleKeys.of(StoreUri.parse("file:///srv"), "{}", RoleKeys.LONGEST, Tls::ofJava))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("folder");
    for (Duration days : new Duration[] {Duration.ofDays(1), Duration.ofDays(366)}) {
      assertThatThrownBy(() -> RoleKeys.of(owner, owner.policy(Role.WORKER), days, Tls::ofJava))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("7 to 365 days");
    }
  }
}
