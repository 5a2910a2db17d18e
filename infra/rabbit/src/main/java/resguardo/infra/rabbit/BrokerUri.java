package resguardo.infra.rabbit;

import com.rabbitmq.client.ConnectionFactory;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import resguardo.infra.tls.Tls;

/** Where a broker is, and as whom to log in. Shown without the password. */
public final class BrokerUri {
  /**
   * A peer that sends nothing for two of these is taken as gone: a half-open connection is found in
   * at most 20 s.
   */
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private static final Duration CONNECT = Duration.ofSeconds(5);

  /**
   * Whoever does not answer a call in this time, such as a node that is cut off from the rest of
   * its cluster, is left.
   */
  private static final Duration ANSWER = Duration.ofSeconds(30);

  /** The largest message there is, an answer of 8 MiB, with room for its headers. */
  private static final int LARGEST_MESSAGE = 16 * 1024 * 1024;

  private final ConnectionFactory factory;
  private final String shown;

  private BrokerUri(ConnectionFactory factory) {
    this.factory = factory;
    this.shown =
        (factory.isSSL() ? "amqps://" : "amqp://")
            + factory.getHost()
            + ":"
            + factory.getPort()
            + " as "
            + factory.getUsername();
  }

  /** As the other, with the authorities that this Java trusts and no certificate of our own. */
  public static BrokerUri parse(String uri) {
    return parse(uri, Tls::ofJava);
  }

  /**
   * @param uri {@code amqp://user:password@host:port/vhost}, or {@code amqps://} for TLS with a
   *     check of the host's name
   * @param tls asked for TLS only
   * @throws IllegalArgumentException when it is not of this form; the message does not hold the
   *     password
   */
  public static BrokerUri parse(String uri, Supplier<Tls> tls) {
    ConnectionFactory factory = SoundFrames.factory(LARGEST_MESSAGE);
    address(factory, uri);
    if (factory.isSSL()) {
      factory.useSslProtocol(tls.get().context()); // the client's own default trusts everyone
      factory.enableHostnameVerification();
    }
    // Our own loop connects again and declares; the client's recovery would drop acks in silence.
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    factory.setRequestedHeartbeat((int) HEARTBEAT.toSeconds());
    factory.setConnectionTimeout((int) CONNECT.toMillis());
    factory.setChannelRpcTimeout((int) ANSWER.toMillis());
    return new BrokerUri(factory);
  }

  /**
   * Several, of the nodes of a cluster.
   *
   * @throws IllegalArgumentException when there is none, one is not of its form, or they do not all
   *     name one user: the broker knows whoever sends something by that name
   */
  public static List<BrokerUri> parse(List<String> uris, Supplier<Tls> tls) {
    List<BrokerUri> parsed = uris.stream().map(uri -> parse(uri, tls)).toList();
    if (parsed.stream().map(BrokerUri::user).distinct().count() != 1) {
      throw new IllegalArgumentException("the addresses of the broker have to name one user");
    }
    return parsed;
  }

  private static void address(ConnectionFactory factory, String uri) {
    try {
      factory.setUri(uri.strip());
    } catch (URISyntaxException | GeneralSecurityException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "not the address of a broker; one is like amqp://user:password@host:5672/%2f",
          e.getCause());
    }
  }

  ConnectionFactory factory() {
    return factory;
  }

  /** The user that messages are signed with. */
  String user() {
    return factory.getUsername();
  }

  @Override
  public String toString() {
    return shown;
  }
}
