package resguardo.infra.rabbit;

import java.nio.file.Path;
import resguardo.infra.tls.Tls;
import resguardo.testkit.servers.RealServer;

/** A RabbitMQ of a test's own, with the queues that all share. */
final class TestRabbit implements AutoCloseable {
  private final RealServer server;

  private TestRabbit(RealServer server) {
    this.server = server;
  }

  /**
   * Starts one.
   *
   * @param folder where it has a folder of its own for all that it keeps
   */
  static TestRabbit start(Path folder) {
    TestRabbit started = new TestRabbit(RealServer.rabbitmq(folder.resolve("rabbitmq")));
    try {
      Queues.declare(started.uri());
      return started;
    } catch (RuntimeException e) {
      started.close();
      throw e;
    }
  }

  /** The server itself. */
  RealServer server() {
    return server;
  }

  /** Its address, for one who may do everything. */
  BrokerUri uri() {
    return BrokerUri.parse(server.fact("amqp_uri"));
  }

  /** Its address as a user's programs use it. */
  BrokerUri uri(BrokerUser user, String password) {
    return BrokerUri.parse(BrokerUsers.addressFor(user, password, server.fact("amqp_uri")));
  }

  /** Its users, as an administrator sees to them. */
  BrokerUsers users() {
    return users(server.fact("management_user"), server.fact("management_password"));
  }

  /** Its users, as somebody else would. */
  BrokerUsers users(String user, String password) {
    return new BrokerUsers(uri(), management(user, password), Tls::ofJava);
  }

  /** The address of its management interface for this user. */
  String management(String user, String password) {
    return server.fact("management_url").replaceFirst("://", "://" + user + ":" + password + "@");
  }

  @Override
  public void close() {
    server.close();
  }
}
