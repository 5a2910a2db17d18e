package resguardo.infra.rabbit;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * Where the broker's management interface is, and as whom to ask it. Shown without the password.
 *
 * @param base {@code http://host:15672} or {@code https://host:15671}, without a slash at its end
 */
record ManagementUri(String base, String user, String password) {
  private static final int PLAIN_PORT = 15672;
  private static final int TLS_PORT = 15671;

  /**
   * @param uri {@code http://user:password@host:15672}
   * @throws IllegalArgumentException when it is not of this form; the message does not hold the
   *     password
   */
  static ManagementUri parse(String uri) {
    try {
      URI parsed = new URI(uri.strip());
      String[] login = String.valueOf(parsed.getRawUserInfo()).split(":", 2);
      String scheme = String.valueOf(parsed.getScheme());
      if (login.length == 2
          && parsed.getHost() != null
          && (scheme.equals("http") || scheme.equals("https"))) {
        int port =
            parsed.getPort() > 0
                ? parsed.getPort()
                : scheme.equals("https") ? TLS_PORT : PLAIN_PORT;
        String path = parsed.getRawPath() == null ? "" : parsed.getRawPath().replaceAll("/+$", "");
        return new ManagementUri(
            scheme + "://" + parsed.getHost() + ":" + port + path,
            decoded(login[0]),
            decoded(login[1]));
      }
    } catch (URISyntaxException e) {
      // as any other that is not of this form: its message would hold the password
    }
    throw new IllegalArgumentException(
        "not the address of a management interface; one is like http://user:password@host:15672");
  }

  /**
   * Where it is at a broker that was installed and not changed: the same host, user and password.
   */
  static ManagementUri beside(BrokerUri broker) {
    String host = broker.factory().getHost();
    String written = host.contains(":") ? "[" + host + "]" : host;
    return new ManagementUri(
        broker.factory().isSSL()
            ? "https://" + written + ":" + TLS_PORT
            : "http://" + written + ":" + PLAIN_PORT,
        broker.factory().getUsername(),
        broker.factory().getPassword());
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return base + " as " + user;
  }
}
