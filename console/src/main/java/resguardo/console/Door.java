package resguardo.console;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Permission;

/** Lets in who may come: by the session of a browser, which a token or a proxy begins. */
final class Door {
  /** Who has signed in with the token; nobody knows more. */
  static final String BY_TOKEN = "token";

  private static final Logger LOG = LoggerFactory.getLogger(Door.class);

  private final Access access;
  private final Sessions sessions;
  private final String cookieName;

  /**
   * @param port of this console: browsers keep one set of cookies for all ports of a machine
   */
  Door(Access access, Sessions sessions, int port) {
    this.access = access;
    this.sessions = sessions;
    cookieName = access.secure() ? "__Host-resguardo" : "resguardo-" + port;
  }

  /** Who comes; empty when nobody knows, or nobody who may. */
  Optional<Visitor> visitor(Request request, Response response) {
    Optional<Sessions.Session> session = cookie(request).flatMap(sessions::find);
    if (access.proxy() == null) {
      return session.flatMap(this::visitor);
    }
    Optional<String> name =
        access.saidByProxy(
            address(request), request.getHeaders().getValuesList(access.proxy().header()));
    if (name.isEmpty() || access.mayDo(name.get()).isEmpty()) {
      return Optional.empty();
    }
    if (session.isPresent() && session.get().name().equals(name.get())) {
      return visitor(session.get());
    }
    return visitor(open(response, name.get()));
  }

  private Optional<Visitor> visitor(Sessions.Session session) {
    Optional<Permission> may = access.mayDo(session.name());
    return may.map(permission -> new Visitor(session.name(), permission, session));
  }

  private Sessions.Session open(Response response, String name) {
    Sessions.Opened opened = sessions.open(name);
    Response.addCookie(
        response,
        HttpCookie.build(cookieName, opened.cookie())
            .path("/")
            .httpOnly(true)
            .secure(access.secure())
            .sameSite(HttpCookie.SameSite.STRICT)
            .build());
    return opened.session();
  }

  /** Lets somebody in who has the token; whether that was it. */
  boolean enter(Request request, Response response, @Nullable String token) {
    if (token == null || !access.isToken(token.strip())) {
      LOG.warn("somebody at {} came with a wrong token", address(request).getHostAddress());
      return false;
    }
    open(response, BY_TOKEN);
    return true;
  }

  /** Ends a session. */
  void leave(Request request, Response response) {
    cookie(request).ifPresent(sessions::end);
    Response.addCookie(
        response,
        HttpCookie.build(cookieName, "")
            .path("/")
            .maxAge(0)
            .httpOnly(true)
            .secure(access.secure())
            .sameSite(HttpCookie.SameSite.STRICT)
            .build());
  }

  private Optional<String> cookie(Request request) {
    return Request.getCookies(request).stream()
        .filter(cookie -> cookie.getName().equals(cookieName))
        .map(HttpCookie::getValue)
        .findFirst();
  }

  private static InetAddress address(Request request) {
    return request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress at
        ? at.getAddress()
        : InetAddress.getLoopbackAddress();
  }

  /** Whether the console was called by one of its own names. */
  boolean isForUs(Request request) {
    return access.isOurs(request.getHeaders().get(HttpHeader.HOST));
  }

  /** Whether what would change something comes from one of our own pages. */
  boolean comesFromHere(Request request) {
    return access.comesFromHere(
        request.getHeaders().get(HttpHeader.ORIGIN), request.getHeaders().get("Sec-Fetch-Site"));
  }

  /** Whether a proxy says who comes, and nobody signs in here. */
  boolean isBehindProxy() {
    return access.proxy() != null;
  }
}
