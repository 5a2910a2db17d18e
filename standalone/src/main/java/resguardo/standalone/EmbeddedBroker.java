package resguardo.standalone;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.SystemLauncherListener;
import org.apache.qpid.server.model.Broker;
import org.apache.qpid.server.model.Port;
import org.apache.qpid.server.model.SystemConfig;
import org.apache.qpid.server.model.port.AmqpPort;
import org.jspecify.annotations.Nullable;

/**
 * An Apache Qpid Broker-J in this process, on loopback, with a user of its own. It keeps messages
 * in memory: what it loses with the process comes back from the store. It checks no {@code user-id}
 * and has no quorum queues; where those are the promise, it takes a RabbitMQ.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final String USER = "resguardo";

  private final SystemLauncher launcher;
  private final String password;
  private final int port;

  /** Takes hold of the broker's configuration as it comes to be: the only way to its port. */
  private static final class Listener extends SystemLauncherListener.DefaultSystemLauncherListener {
    private @Nullable SystemConfig<?> system;

    @Override
    public void onContainerResolve(SystemConfig<?> resolved) {
      system = resolved;
    }

    int boundPort() {
      if (system == null) {
        throw new IllegalStateException("the embedded broker did not start");
      }
      return system.getContainer(Broker.class).getChildren(Port.class).stream()
          .filter(AmqpPort.class::isInstance)
          .mapToInt(found -> ((AmqpPort<?>) found).getBoundPort())
          .findAny()
          .orElseThrow(() -> new IllegalStateException("the embedded broker has no port"));
    }
  }

  private EmbeddedBroker(SystemLauncher launcher, String password, int port) {
    this.launcher = launcher;
    this.password = password;
    this.port = port;
  }

  /**
   * Starts one.
   *
   * @param wantedPort on 127.0.0.1; 0 for a free one
   * @throws IOException when it does not start, such as on a port that is taken
   */
  public static EmbeddedBroker start(int wantedPort) throws IOException {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String password = HexFormat.of().formatHex(random);
    Path configuration = Files.createTempFile("resguardo-broker", ".json");
    Listener listener = new Listener();
    SystemLauncher launcher = new SystemLauncher(listener);
    try {
      new ObjectMapper().writeValue(configuration.toFile(), configuration(wantedPort, password));
      launcher.startup(system(configuration));
      int port = listener.boundPort();
      if (port <= 0) {
        throw new IOException("port " + wantedPort + " of 127.0.0.1 cannot be listened at");
      }
      return new EmbeddedBroker(launcher, password, port);
    } catch (IOException e) {
      launcher.shutdown();
      throw e;
    } catch (Exception e) { // what its start throws is not told more closely
      launcher.shutdown();
      throw new IOException("the embedded broker did not start: " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(configuration);
    }
  }

  private static Map<String, Object> system(Path configuration) {
    return Map.of(
        "type",
        "Memory",
        "startupLoggedToSystemOut",
        false,
        "initialConfigurationLocation",
        configuration.toUri().toString(),
        "context",
        Map.of(
            "qpid.broker.defaultPreferenceStoreAttributes", "{\"type\":\"Noop\"}",
            // Kinds of queues and their limits are RabbitMQ's: here they go without effect.
            "queue.behaviourOnUnknownDeclareArgument", "IGNORE",
            "virtualhost.housekeepingCheckPeriod", "500"));
  }

  private static Map<String, Object> configuration(int port, String password) {
    return Map.of(
        "name", "embedded",
        "modelVersion", "9.0",
        "authenticationproviders",
            List.of(
                Map.of(
                    "name",
                    "plain",
                    "type",
                    "Plain",
                    "secureOnlyMechanisms",
                    List.of(),
                    "users",
                    List.of(Map.of("name", USER, "type", "managed", "password", password)))),
        "ports",
            List.of(
                Map.of(
                    "name", "AMQP",
                    "type", "AMQP",
                    "port", String.valueOf(port),
                    "bindingAddress", "127.0.0.1",
                    "authenticationProvider", "plain",
                    "protocols", List.of("AMQP_0_9_1"),
                    "virtualhostaliases",
                        List.of(
                            Map.of("name", "nameAlias", "type", "nameAlias"),
                            Map.of("name", "defaultAlias", "type", "defaultAlias")))),
        "virtualhostnodes",
            List.of(
                Map.of(
                    "name", "default",
                    "type", "Memory",
                    "defaultVirtualHostNode", "true",
                    "virtualHostInitialConfiguration",
                        "{\"type\":\"Memory\",\"name\":\"default\",\"modelVersion\":\"9.0\"}")));
  }

  /** Where it is, with user and password: for those who are to get in, and for no log. */
  public String uri() {
    return "amqp://" + USER + ":" + password + "@127.0.0.1:" + port + "/default";
  }

  @Override
  public void close() {
    launcher.shutdown();
  }
}
