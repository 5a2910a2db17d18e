package resguardo.infra.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.testkit.servers.TestCa;

class TlsTest {
  @TempDir Path folder;

  private TestCa authority;
  private TestCa other;
  private final AtomicLong nanos = new AtomicLong();

  @BeforeEach
  void makeAuthorities() {
    authority = new TestCa(folder.resolve("one"));
    other = new TestCa(folder.resolve("other"));
  }

  /** A server that tells the serial number of each client's certificate; 0 of one without any. */
  private static final class Server implements AutoCloseable {
    private final SSLServerSocket socket;
    final BlockingQueue<String> clients = new LinkedBlockingQueue<>();

    Server(TestCa authority, String name, boolean asks) throws Exception {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      Certificate[] chain = {Pem.certificates(authority.certificate(name)).get(0)};
      store.setKeyEntry("server", Pem.key(authority.key(name)), new char[0], chain);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      TlsFiles trusted = new TlsFiles(authority.certificate("ca"), null, null);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), new TrustManager[] {Tls.of(trusted).trust()}, null);
      socket =
          (SSLServerSocket)
              context
                  .getServerSocketFactory()
                  .createServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
      socket.setNeedClientAuth(asks);
      Thread thread = new Thread(this::serve);
      thread.setDaemon(true);
      thread.start();
    }

    private void serve() {
      while (!socket.isClosed()) {
        try (SSLSocket client = (SSLSocket) socket.accept()) {
          client.startHandshake();
          clients.add(
              socket.getNeedClientAuth()
                  ? ((X509Certificate) client.getSession().getPeerCertificates()[0])
                      .getSerialNumber()
                      .toString(16)
                  : "0");
          client.getOutputStream().write('!');
        } catch (IOException e) {
          // the client finds out by itself
        }
      }
    }

    int port() {
      return socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** Connects as the clients of broker and store do: with a check of the name. */
  private static void connect(Tls tls, Server server) throws IOException {
    try (SSLSocket socket =
        (SSLSocket) tls.context().getSocketFactory().createSocket("localhost", server.port())) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      InputStream in = socket.getInputStream();
      if (in.read() != '!') { // with TLS 1.3 a client hears here that it is refused
        throw new SSLException("refused");
      }
    }
  }

  private TlsFiles files(String client) {
    return new TlsFiles(
        authority.certificate("ca"), authority.certificate(client), authority.key(client));
  }

  private String serial(Path certificate) throws IOException {
    return Pem.certificates(certificate).get(0).getSerialNumber().toString(16);
  }

  @Test
  void aServerOfTheAuthorityIsTrustedAndShownTheCertificate() throws Exception {
    try (Server server = new Server(authority, "server", true)) {
      connect(Tls.of(files("client")), server);
      assertThat(server.clients.poll(10, TimeUnit.SECONDS))
          .isEqualTo(serial(authority.certificate("client")));
    }
  }

  @Test
  void whoeverShowsNothingIsRefusedByAServerThatAsks() throws Exception {
    try (Server server = new Server(authority, "server", true)) {
      Tls silent = Tls.of(new TlsFiles(authority.certificate("ca"), null, null));
      assertThatThrownBy(() -> connect(silent, server)).isInstanceOf(IOException.class);
      assertThat(server.clients).isEmpty();
    }
  }

  @Test
  void aServerOfAnotherAuthorityOrNameIsRefused() throws Exception {
    try (Server foreign = new Server(other, "server", false);
        Server elsewhere = new Server(authority, "elsewhere", false)) {
      Tls tls = Tls.of(files("client"));
      assertThatThrownBy(() -> connect(tls, foreign)).isInstanceOf(SSLException.class);
      assertThatThrownBy(() -> connect(tls, elsewhere))
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("localhost");
      assertThatThrownBy(() -> connect(Tls.ofJava(), foreign)).isInstanceOf(SSLException.class);
    }
  }

  @Test
  void whatIsRenewedIsUsedByTheNextConnection() throws Exception {
    try (Server server = new Server(authority, "server", true)) {
      Tls tls = Tls.of(files("client"), nanos::get);
      connect(tls, server);
      String before = server.clients.poll(10, TimeUnit.SECONDS);
      authority.renew();
      nanos.addAndGet(Renewed.LOOK.toNanos());
      connectAnew(tls, server);
      assertThat(server.clients.poll(10, TimeUnit.SECONDS))
          .isNotEqualTo(before)
          .isEqualTo(serial(authority.certificate("client")));
    }
  }

  /** When sessions of before are over: those are taken up again without a look at certificates. */
  private static void connectAnew(Tls tls, Server server) throws Exception {
    tls.context().getClientSessionContext().setSessionTimeout(1);
    Thread.sleep(2100);
    connect(tls, server);
  }

  @Test
  void inTheMiddleOfARenewalWhatWasThereBeforeIsUsed() throws Exception {
    try (Server server = new Server(authority, "server", true)) {
      Tls tls = Tls.of(files("client"), nanos::get);
      String before = serial(authority.certificate("client"));
      Path kept = folder.resolve("kept.key");
      Files.copy(authority.key("client"), kept);
      authority.renew();
      Path renewed = folder.resolve("renewed.key");
      Files.move(authority.key("client"), renewed);
      Files.move(kept, authority.key("client")); // the certificate is there already, the key is not
      nanos.addAndGet(Renewed.LOOK.toNanos());
      connectAnew(tls, server);
      assertThat(server.clients.poll(10, TimeUnit.SECONDS)).isEqualTo(before);
      Files.move(renewed, authority.key("client"), StandardCopyOption.REPLACE_EXISTING);
      nanos.addAndGet(Renewed.LOOK.toNanos());
      connectAnew(tls, server);
      assertThat(server.clients.poll(10, TimeUnit.SECONDS))
          .isEqualTo(serial(authority.certificate("client")));
    }
  }

  @Test
  void anAuthorityThatIsTakenOutOfTheFileIsTrustedNoMore() throws Exception {
    try (Server server = new Server(authority, "server", false)) {
      Path trusted = folder.resolve("trusted.pem");
      Files.copy(authority.certificate("ca"), trusted);
      Tls tls = Tls.of(new TlsFiles(trusted, null, null), nanos::get);
      connect(tls, server);
      Files.copy(other.certificate("ca"), trusted, StandardCopyOption.REPLACE_EXISTING);
      nanos.addAndGet(Renewed.LOOK.toNanos());
      assertThatThrownBy(() -> connectAnew(tls, server)).isInstanceOf(SSLException.class);
    }
  }

  @Test
  void filesThatCannotBeUsedAreToldByTheirNameAndNotByWhatIsInThem() throws Exception {
    Path broken = folder.resolve("broken");
    Files.writeString(
        broken, "-----BEGIN EC PRIVATE KEY-----\nhush\n-----END EC PRIVATE KEY-----\n");
    TlsFiles[] all = {
      new TlsFiles(broken, null, null),
      new TlsFiles(folder.resolve("absent"), null, null),
      new TlsFiles(null, authority.certificate("client"), broken),
      new TlsFiles(null, broken, authority.key("client")),
      new TlsFiles(null, authority.certificate("client"), authority.key("server")),
    };
    for (TlsFiles files : all) {
      assertThatThrownBy(() -> Tls.of(files))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageNotContaining("hush");
    }
    assertThatThrownBy(() -> new TlsFiles(null, authority.certificate("client"), null))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
