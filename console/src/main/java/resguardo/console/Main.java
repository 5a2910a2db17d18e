package resguardo.console;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import resguardo.admin.Session;
import resguardo.core.Peer;
import resguardo.core.Permission;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Platform;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.Program;
import resguardo.infra.runtime.RunningProcess;

/** The program that serves the web console. */
@Command(
    name = "console",
    mixinStandardHelpOptions = true,
    description = {
      "Serves the web console: how all stands, versions and their files, downloads, restores.",
      "It is an operator as bin/admin is, with no credential of the store: give it a user of its own by admin operator enroll."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:stopped in order", "1:failed", "2:wrong usage"})
public final class Main implements Callable<Integer> {
  /** Where it is usually found. */
  public static final int PORT = 7070;

  private static final Duration FIRST_LOOK = Duration.ofSeconds(15);
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  @Mixin private Session session = new Session();

  @Option(
      names = "--port",
      description = "Port of the console; 0 takes a free one. Default: ${DEFAULT-VALUE}.",
      defaultValue = "7070")
  private int port = PORT;

  @Option(
      names = "--listen",
      description =
          "Address to listen at. Default: ${DEFAULT-VALUE}. Elsewhere than on loopback put a proxy with TLS in front.",
      defaultValue = "127.0.0.1")
  private String listen = "127.0.0.1";

  @Option(
      names = "--host",
      paramLabel = "NAME[:PORT]",
      description =
          "A name that browsers call it by, as backup.example.org. May be given several times. Those of loopback are known.")
  private Set<String> hosts = new LinkedHashSet<>();

  @Option(
      names = "--https",
      description = "Browsers come by HTTPS only, through a proxy: cookies are sent no other way.")
  private boolean secure;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "A file with the token that lets in, 20 characters or more. Default: one is made at each start, and printed once.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--trust-header",
      paramLabel = "NAME",
      description =
          "Who comes is said in this header by a proxy that has signed them in (OIDC), such as X-Forwarded-User; no token lets in then.")
  private @Nullable String trustHeader;

  @Option(
      names = "--trust-proxy",
      paramLabel = "ADDRESS",
      description = "From where that header is believed. May be given several times; one at least.")
  private Set<InetAddress> proxies = new LinkedHashSet<>();

  @Option(
      names = "--may-read",
      paramLabel = "NAME",
      description =
          "Who may look, of those the proxy names. May be given several times. Default: all that it lets through.")
  private Set<String> readers = new HashSet<>();

  @Option(
      names = "--may-write",
      paramLabel = "NAME",
      description =
          "Who may change something, of those the proxy names; * is all. May be given several times. Default: nobody.")
  private Set<String> writers = new HashSet<>();

  @Option(
      names = "--read-only",
      description = "Nobody changes anything here, whatever its user of the broker may do.")
  private boolean readOnly;

  @Option(
      names = "--health-port",
      description =
          "Serve /healthz, /readyz and /metrics at this port; 0 takes a free one. Default: neither.")
  private @Nullable Integer healthPort;

  /** Runs until it is stopped. */
  public static void main(String[] args) {
    System.exit(Program.run(new Main(), args));
  }

  @Override
  public Integer call() throws Exception {
    ConsoleServer.Settings settings = settings();
    Peer self = session.self(Role.ADMIN);
    RunningProcess process = new RunningProcess(self, Platform.ofJvm());
    RabbitBroker broker = process.add(session.staying(self));
    process.readiness().needs(broker::trouble);
    if (healthPort != null) {
      process.answerHealth(InetAddress.getByName(listen), healthPort);
    }
    process.obey(broker.control());
    ConsoleServer server =
        process.add(
            new ConsoleServer(
                settings, Operator.at(broker, session.timeout()), process.platform()));
    awaitBroker(broker);
    server.stayAwake();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    if (tokenFile == null && trustHeader == null) {
      out.println("console " + server.entrance());
      out.println("This address lets in whoever has it; it is not shown again.");
    } else {
      out.println("console " + server.address());
    }
    LOG.info("console at port {}", server.port());
    process.runUntilStopped();
    return 0;
  }

  /** Whoever follows the address at once should see something; it is served all the same. */
  private static void awaitBroker(RabbitBroker broker) {
    try {
      broker.await(FIRST_LOOK);
    } catch (BrokerException e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  private ConsoleServer.Settings settings() throws IOException {
    if (trustHeader != null && tokenFile != null) {
      throw new IllegalArgumentException("either a token lets in, or a proxy: not both");
    }
    if (trustHeader == null && !(proxies.isEmpty() && readers.isEmpty() && writers.isEmpty())) {
      throw new IllegalArgumentException(
          "--trust-proxy, --may-read and --may-write go with --trust-header");
    }
    Set<String> names = new HashSet<>();
    hosts.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    return new ConsoleServer.Settings(
        InetAddress.getByName(listen),
        port,
        names,
        secure,
        trustHeader == null ? token() : null,
        trustHeader == null
            ? null
            : new Access.Proxy(
                trustHeader, proxies, readers.isEmpty() ? Set.of("*") : readers, writers),
        readOnly ? Permission.READ : Permission.WRITE);
  }

  private String token() throws IOException {
    return tokenFile == null ? Sessions.word() : Files.readString(tokenFile).strip();
  }
}
