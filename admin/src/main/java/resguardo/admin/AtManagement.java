package resguardo.admin;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import resguardo.core.Role;
import resguardo.core.port.BrokerException;
import resguardo.core.protocol.Command;
import resguardo.infra.rabbit.BrokerUsers;
import resguardo.infra.rabbit.ManagementException;
import resguardo.infra.rabbit.RabbitBroker;

/** What commands about the broker's users have: where its management interface is. */
final class AtManagement {
  @Mixin Session session = new Session();

  @Option(
      names = "--management-uri",
      paramLabel = "URI",
      description =
          "Where the management interface is, as http(s)://user:password@host:15672. Default: $$RESGUARDO_MANAGEMENT_URI, or the"
              + " host, user and password of the broker. Prefer those: this shows in the process list.")
  private @Nullable String uri;

  /** The users there. */
  BrokerUsers users(String doing) throws AdminException {
    return session.brokerUsers(uri, doing);
  }

  /** Something about the broker's users. */
  @FunctionalInterface
  interface Work {
    /**
     * Does it.
     *
     * @throws ManagementException when the management interface did not
     * @throws BrokerException when the broker did not
     */
    void at(RabbitBroker broker, BrokerUsers users)
        throws ManagementException, BrokerException, AdminException;
  }

  /**
   * Does something, with a connection to the broker.
   *
   * @param doing for {@code Failed to …}
   * @throws AdminException when it could not be done
   */
  void work(String doing, Work work) throws AdminException {
    BrokerUsers users = users(doing);
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      work.at(broker, users);
    } catch (BrokerException e) {
      throw Desk.failed(doing, e);
    } catch (ManagementException e) {
      throw failed(doing, e);
    }
  }

  /**
   * Has a coordinator keep on record what was done, now or when there is one. It is done already:
   * that it could not be told is no failure of it, and is said.
   */
  void tell(RabbitBroker broker, Command what, PrintWriter err) {
    try {
      broker.commands().send(what);
    } catch (BrokerException e) {
      err.println("It is done, and could not be put on record: " + e.getMessage() + ".");
    }
  }

  /** What to say of its failure. */
  static AdminException failed(String doing, ManagementException e) {
    ExitCode exit =
        switch (e.kind()) {
          case UNREACHABLE -> ExitCode.NO_BROKER;
          case NOT_FOUND -> ExitCode.NOT_FOUND;
          case NOT_ALLOWED, EXISTS, FAILED -> ExitCode.FAILED;
        };
    return new AdminException(exit, "Failed to " + doing + ": " + e.getMessage() + ".", hint(e));
  }

  private static @Nullable String hint(ManagementException e) {
    return switch (e.kind()) {
      case UNREACHABLE ->
          "Set RESGUARDO_MANAGEMENT_URI to where RabbitMQ's management plugin listens.";
      case NOT_ALLOWED ->
          "It takes a user with the tag administrator: set RESGUARDO_MANAGEMENT_URI.";
      case EXISTS -> "A new password: rotate, in the place of enroll. None any more: revoke.";
      case NOT_FOUND -> "Those that are: list.";
      case FAILED -> null;
    };
  }
}
