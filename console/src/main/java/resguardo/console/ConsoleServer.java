package resguardo.console;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import resguardo.core.Permission;
import resguardo.core.port.Platform;
import resguardo.infra.rabbit.RabbitBroker;

/**
 * The console as a server of HTTP. It is Jetty: an answer that goes wrong in the middle can be
 * broken off there, and whoever is slow is put out.
 */
public final class ConsoleServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int THREADS = 40;

  /** A path has up to 16 KiB, and each byte may take three in an address; twice in one. */
  private static final int LARGEST_HEADER = 128 * 1024;

  /** How long a request that is being answered may stand still, as when somebody saves a file. */
  private static final long IDLE_MILLIS = 180_000;

  /** How long a connection may stand still that has not sent a whole request. */
  private static final long SILENT_MILLIS = 10_000;

  /**
   * Each takes a file descriptor. When there are so many the others wait, and whoever is silent is
   * put out.
   */
  static final int CONNECTIONS = 256;

  private static final int CONNECTIONS_WAITING = 64;

  private final Server server;
  private final ServerConnector connector;
  private final Access access;
  private final Fleet fleet;
  private final AutoCloseable[] parts;

  /**
   * How it is to be.
   *
   * @param address to listen at
   * @param port 0: a free one
   * @param hosts names with ports that browsers call it by, besides those of loopback
   * @param secure whether browsers come by HTTPS only
   * @param token lets in; absent: a proxy says who comes
   * @param proxy says who comes; absent: the token lets in
   * @param may what is allowed at the most
   */
  record Settings(
      InetAddress address,
      int port,
      Set<String> hosts,
      boolean secure,
      @Nullable String token,
      Access.@Nullable Proxy proxy,
      Permission may) {}

  /**
   * Starts to answer.
   *
   * @throws IOException when the port is taken
   */
  ConsoleServer(Settings settings, Operator operator, Platform platform) throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS);
    threads.setName("console");
    threads.setDaemon(true);
    server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(LARGEST_HEADER);
    http.setUriCompliance(UriCompliance.RFC3986);
    http.setIdleTimeout(IDLE_MILLIS);
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(settings.address().getHostAddress());
    connector.setPort(settings.port());
    connector.setIdleTimeout(SILENT_MILLIS);
    connector.setAcceptQueueSize(CONNECTIONS_WAITING);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(CONNECTIONS, connector));
    connector.open(); // now the port is known
    access =
        new Access(
            hosts(settings, connector.getLocalPort()),
            settings.secure(),
            settings.token(),
            settings.proxy(),
            settings.may());
    fleet = new Fleet(operator, platform.clock());
    Sizes sizes = new Sizes(operator);
    Manifests manifests = new Manifests(operator);
    Downloads downloads = new Downloads(operator, manifests);
    Restores restores = new Restores(operator, platform.clock());
    parts = new AutoCloseable[] {restores, downloads, manifests, sizes, fleet};
    Assets assets = new Assets();
    Layout layout = new Layout(assets);
    Pages pages =
        new Pages(layout, operator, fleet, sizes, manifests, downloads, restores, platform.clock());
    Door door = new Door(access, new Sessions(platform.clock()), connector.getLocalPort());
    server.setHandler(new Console(door, pages, layout, assets));
    start();
  }

  /**
   * One for whoever is at this machine, let in by a token that is made now.
   *
   * @param port 0: a free one
   * @throws IOException when the port is taken
   */
  public static ConsoleServer onLoopback(RabbitBroker broker, int port, Platform platform)
      throws IOException {
    return new ConsoleServer(
        new Settings(
            InetAddress.getLoopbackAddress(),
            port,
            Set.of(),
            false,
            Sessions.word(),
            null,
            Permission.WRITE),
        Operator.at(broker, PATIENCE),
        platform);
  }

  private void start() throws IOException {
    try {
      server.start();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the console cannot be started: " + e.getMessage(), e);
    }
  }

  private static Set<String> hosts(Settings settings, int port) {
    Set<String> hosts = new HashSet<>(settings.hosts());
    for (String name : new String[] {"127.0.0.1", "localhost", "[::1]"}) {
      hosts.add(name + ":" + port);
    }
    return hosts;
  }

  /** Asks how all stands now, and now and then, so that nobody who comes has to wait for it. */
  void stayAwake() {
    fleet.stayAwake();
  }

  /** The port it listens at. */
  public int port() {
    return connector.getLocalPort();
  }

  /** How many are connected now. */
  int connections() {
    return connector.getConnectedEndPoints().size();
  }

  /** Where it is, for a browser on this machine. */
  public String address() {
    return "http://127.0.0.1:" + port() + "/";
  }

  /** Where a browser on this machine gets in at once; where a proxy lets in, just where it is. */
  public String entrance() {
    return access.token() == null ? address() : address() + "enter?token=" + access.token();
  }

  @Override
  public void close() throws Exception {
    server.stop();
    for (AutoCloseable part : parts) {
      part.close();
    }
  }
}
