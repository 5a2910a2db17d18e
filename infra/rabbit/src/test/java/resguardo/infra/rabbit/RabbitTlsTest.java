package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.infra.tls.Tls;
import resguardo.infra.tls.TlsFiles;
import resguardo.testkit.servers.RealServer;
import resguardo.testkit.servers.TestCa;

/** A RabbitMQ that is reached by TLS, and wants to see a certificate. */
class RabbitTlsTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofSeconds(3);

  @TempDir static Path folder;

  private static TestCa authority;

  @AutoClose private static RealServer server;

  @BeforeAll
  static void start() {
    authority = new TestCa(folder.resolve("ca"));
    server = RealServer.rabbitmqWithTls(folder.resolve("rabbitmq"), authority, "server");
  }

  private static RabbitBroker broker(String uri, TlsFiles files) {
    return new RabbitBroker(
        List.of(BrokerUri.parse(uri, () -> Tls.of(files))), new Peer(Role.WORKER, "one"));
  }

  private static TlsFiles files(TestCa of) {
    return new TlsFiles(authority.certificate("ca"), of.certificate("client"), of.key("client"));
  }

  @Test
  void whoeverHasACertificateOfTheAuthorityGetsIn() throws Exception {
    try (RabbitBroker broker = broker(server.fact("amqps_uri"), files(authority))) {
      broker.await(LONG);
    }
  }

  @Test
  void whoeverHasNoneOrOneOfAnotherAuthorityDoesNot() {
    TestCa other = new TestCa(folder.resolve("other"));
    for (TlsFiles files :
        List.of(new TlsFiles(authority.certificate("ca"), null, null), files(other))) {
      try (RabbitBroker broker = broker(server.fact("amqps_uri"), files)) {
        assertThatThrownBy(() -> broker.await(SHORT))
            .isInstanceOf(BrokerException.Unavailable.class);
      }
    }
  }

  @Test
  void aServerThatIsNotVouchedForIsToldWithTheReason() {
    try (RabbitBroker broker = broker(server.fact("amqps_uri"), TlsFiles.NONE)) {
      assertThatThrownBy(() -> broker.await(SHORT))
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("certif");
    }
  }

  @Test
  void aServerOfAnotherNameIsToldWithTheReason() {
    String byNumber = server.fact("amqps_uri").replace("@localhost:", "@127.0.0.1:");
    try (RabbitBroker broker = broker(byNumber, files(authority))) {
      assertThatThrownBy(() -> broker.await(SHORT))
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("127.0.0.1");
    }
  }
}
