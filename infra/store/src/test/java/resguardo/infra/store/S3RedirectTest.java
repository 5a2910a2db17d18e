package resguardo.infra.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.infra.tls.Tls;
import resguardo.testkit.store.StoredBytes;

/**
 * A store that leads elsewhere is not followed: a request is signed, and holds what is backed up.
 */
class S3RedirectTest {
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger askedElsewhere = new AtomicInteger();
  private HttpServer server;
  private HttpServer elsewhere;
  private volatile int status;

  @BeforeEach
  void start() throws Exception {
    elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    elsewhere.createContext(
        "/",
        exchange -> {
          askedElsewhere.incrementAndGet();
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().add("ETag", "\"0a1b\"");
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    elsewhere.start();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          exchange.getRequestBody().readAllBytes();
          exchange
              .getResponseHeaders()
              .add(
                  "Location",
                  "http://127.0.0.1:"
                      + elsewhere.getAddress().getPort()
                      + exchange.getRequestURI());
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void end() {
    server.stop(0);
    elsewhere.stop(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void whereItLeadsNothingIsSentAndThatIsToldAtOnce(int answered) {
    status = answered;
    String uri = "s3://KEY:SECRET@127.0.0.1:" + server.getAddress().getPort() + "/bucket?tls=false";
    ObjectKey key = new ObjectKey("a/b");
    try (ArchiveStore store = StoreUri.parse(uri).open(Tls::ofJava)) {
      assertThatThrownBy(
              () -> store.put(key, Content.of("content".getBytes(StandardCharsets.UTF_8))))
          .isInstanceOf(StoreException.Denied.class)
          .hasMessageContaining(answered + " to http://127.0.0.1:")
          .hasMessageNotContaining("SECRET");
      assertThatThrownBy(() -> StoredBytes.of(store, key))
          .isInstanceOf(StoreException.Denied.class);
      assertThatThrownBy(() -> store.head(key)).isInstanceOf(StoreException.Denied.class);
      assertThatThrownBy(store::prepare).isInstanceOf(StoreException.Denied.class);
    }
    assertThat(asked).hasValueGreaterThan(3);
    assertThat(askedElsewhere).hasValue(0);
  }
}
