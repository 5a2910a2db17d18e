package resguardo.console;

import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import resguardo.core.Permission;
import resguardo.core.Texts;

/**
 * Who may do what here.
 *
 * @param hosts by which names this console may be called, with their ports, small letters; another
 *     one is that of a page elsewhere, whose name was made to lead here
 * @param secure whether browsers come by HTTPS only
 * @param token that lets in; absent: a proxy says who comes
 * @param proxy who says so; absent: the token lets in
 * @param may what is allowed at the most
 */
record Access(
    Set<String> hosts,
    boolean secure,
    @Nullable String token,
    @Nullable Proxy proxy,
    Permission may) {
  /** Shorter ones can be guessed. */
  static final int SHORTEST_TOKEN = 20;

  private static final int LONGEST_NAME = 100;

  Access {
    hosts = Set.copyOf(hosts);
    if ((token == null) == (proxy == null)) {
      throw new IllegalArgumentException("either a token or a proxy lets in");
    }
    if (token != null && token.length() < SHORTEST_TOKEN) {
      throw new IllegalArgumentException(
          "a token has " + SHORTEST_TOKEN + " characters or more: openssl rand -hex 32");
    }
  }

  /**
   * Whoever signs people in before they come here.
   *
   * @param header in which it says who it is
   * @param addresses from where it comes; from elsewhere nobody is believed
   * @param readers who may look; {@code *} is everybody
   * @param writers who may change something; {@code *} is everybody
   */
  record Proxy(
      String header, Set<InetAddress> addresses, Set<String> readers, Set<String> writers) {
    Proxy {
      addresses = Set.copyOf(addresses);
      readers = Set.copyOf(readers);
      writers = Set.copyOf(writers);
      if (addresses.isEmpty()) {
        throw new IllegalArgumentException("a header is believed of certain addresses only");
      }
    }

    private static boolean has(Set<String> names, String name) {
      return names.contains("*") || names.contains(name);
    }
  }

  /**
   * Whether the console was called by one of its own names.
   *
   * @param host as the browser says it; absent: it does not
   */
  boolean isOurs(@Nullable String host) {
    return host != null && hosts.contains(host.toLowerCase(Locale.ROOT));
  }

  /**
   * Whether a form can come from one of our own pages.
   *
   * @param origin where the browser says that it comes from; absent: it does not say
   * @param site what the browser says of that; absent: it does not say
   */
  boolean comesFromHere(@Nullable String origin, @Nullable String site) {
    boolean elsewhere = site != null && !site.equals("same-origin") && !site.equals("none");
    return !elsewhere && (origin == null || isOurs(authority(origin)));
  }

  private static @Nullable String authority(String origin) {
    try {
      return URI.create(origin).getAuthority();
    } catch (IllegalArgumentException none) {
      return null;
    }
  }

  /** Whether this is the token. How long that takes says nothing about it. */
  boolean isToken(String given) {
    return token != null && same(token, given);
  }

  /** Whether two words are the same. How long that takes says nothing about them. */
  static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Whom a proxy says that it lets through.
   *
   * @param from the address that the connection comes from
   * @param said the values of its header
   * @return empty when it is not to be believed, or says nothing, or several things
   */
  Optional<String> saidByProxy(InetAddress from, List<String> said) {
    if (proxy == null || !proxy.addresses().contains(from) || said.size() != 1) {
      return Optional.empty();
    }
    String name = Texts.whole(Texts.cut(said.get(0).strip(), LONGEST_NAME));
    return name.isEmpty() ? Optional.empty() : Optional.of(name);
  }

  /** What somebody of this name may do; empty: nothing. */
  Optional<Permission> mayDo(String name) {
    if (proxy == null) {
      return Optional.of(may);
    }
    if (may.covers(Permission.WRITE) && Proxy.has(proxy.writers(), name)) {
      return Optional.of(Permission.WRITE);
    }
    return Proxy.has(proxy.readers(), name) || Proxy.has(proxy.writers(), name)
        ? Optional.of(Permission.READ)
        : Optional.empty();
  }

  @Override
  public String toString() {
    return "Access[" + (proxy == null ? "token" : "proxy") + ", " + may.word() + "]";
  }
}
