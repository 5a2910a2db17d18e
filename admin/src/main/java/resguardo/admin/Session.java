package resguardo.admin;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.Texts;
import resguardo.core.port.BrokerException;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.BrokerUsers;
import resguardo.infra.rabbit.OperatorUser;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.Environment;
import resguardo.infra.runtime.Instances;

/** What all commands of the operator have: where the broker is, and how long to wait. */
public final class Session {
  /** For so long nobody wonders. */
  private static final Duration SILENT = Duration.ofSeconds(3);

  @Option(
      names = "--amqp-uri",
      description =
          "Where the broker is. Default: $$RESGUARDO_AMQP_URI. Prefer that: this shows in the process list.")
  private @Nullable String amqpUri;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Settings as lines of NAME=value, such as `admin operator enroll` writes; they win over the environment. Default:"
              + " $$RESGUARDO_CONFIG, or none.")
  private @Nullable String config;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait for the broker and for an answer. Default: ${DEFAULT-VALUE}.",
      defaultValue = "30")
  private int timeoutSeconds = 30;

  /** How long to wait. */
  public Duration timeout() {
    return Duration.ofSeconds(timeoutSeconds);
  }

  /**
   * Connects.
   *
   * @param doing what is being done, for {@code Failed to …}
   * @throws AdminException when the broker cannot be reached in time
   */
  RabbitBroker connect(Role role, String doing) throws AdminException {
    List<BrokerUri> uris = uris(doing);
    RabbitBroker broker = new RabbitBroker(uris, self(role, uris));
    try {
      await(broker);
      return broker;
    } catch (BrokerException e) {
      broker.close();
      throw new AdminException(
          ExitCode.NO_BROKER,
          "Failed to " + doing + ": " + e.getMessage() + ".",
          "Check that RESGUARDO_AMQP_URI names a broker that runs, with its user and password.");
    }
  }

  /** Says after a moment what it is waiting for: a wrong address looks like a slow one. */
  private void await(RabbitBroker broker) throws BrokerException {
    Duration left = timeout().minus(SILENT);
    if (left.isNegative() || left.isZero()) {
      broker.await(timeout());
      return;
    }
    try {
      broker.await(SILENT);
    } catch (BrokerException.Unavailable e) {
      System.err.println(
          Texts.whole(e.getMessage() + "; trying for " + left.toSeconds() + " s more"));
      broker.await(left);
    }
  }

  /**
   * Who this process is: an operator's own user is believed only what comes in the operator's name.
   */
  private static Peer self(Role role, List<BrokerUri> uris) {
    return Instances.random(role, OperatorUser.of(uris.get(0)));
  }

  /** The same for a process that stays, whose broker may come later. */
  public Peer self(Role role) {
    return self(role, stayingUris());
  }

  /**
   * A way to the broker that nobody waits for.
   *
   * @throws IllegalArgumentException when an address is none
   */
  public RabbitBroker staying(Peer self) {
    return new RabbitBroker(stayingUris(), self);
  }

  private List<BrokerUri> stayingUris() {
    Environment environment = environment();
    return BrokerUri.parse(environment.brokers(amqpUri), environment::tls);
  }

  private List<BrokerUri> uris(String doing) throws AdminException {
    try {
      Environment environment = environment();
      return BrokerUri.parse(addresses(), environment::tls);
    } catch (IllegalArgumentException e) {
      throw new AdminException(
          ExitCode.USAGE,
          "Failed to " + doing + ": " + e.getMessage() + ".",
          "Set RESGUARDO_AMQP_URI or give --amqp-uri.");
    }
  }

  /** The addresses of the broker, with what is secret in them. */
  List<String> addresses() {
    return environment().brokers(amqpUri);
  }

  private Environment environment() {
    Environment ofProcess = Environment.ofProcess();
    return ofProcess
        .value(config, Environment.CONFIG)
        .map(file -> ofProcess.with(Path.of(file)))
        .orElse(ofProcess);
  }

  /**
   * The users at the broker.
   *
   * @param management where its management interface is; absent: as the environment says, or at the
   *     usual port of the broker's host
   * @param doing for {@code Failed to …}
   * @throws AdminException when an address is none
   */
  BrokerUsers brokerUsers(@Nullable String management, String doing) throws AdminException {
    Environment environment = environment();
    BrokerUri broker = uris(doing).get(0);
    try {
      return new BrokerUsers(
          broker,
          environment.value(management, Environment.MANAGEMENT_URI).orElse(null),
          environment::tls);
    } catch (IllegalArgumentException e) {
      throw new AdminException(
          ExitCode.USAGE,
          "Failed to " + doing + ": " + e.getMessage() + ".",
          "Set RESGUARDO_MANAGEMENT_URI or give --management-uri.");
    }
  }

  /** Whether somebody has said where the management interface of the broker is. */
  boolean knowsManagement() {
    return environment().value(null, Environment.MANAGEMENT_URI).isPresent();
  }

  /** A desk over this connection. */
  Desk desk(RabbitBroker broker) {
    return new Desk(broker.commands(), broker.replies(), timeout());
  }

  /**
   * A query over this connection.
   *
   * @param doing for {@code Failed to …}
   */
  VersionQuery query(RabbitBroker broker, String doing) {
    return new VersionQuery(broker.commands(), broker.replies(), timeout(), doing);
  }
}
