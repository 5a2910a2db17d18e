package resguardo.infra.rabbit;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.infra.tls.Tls;

/**
 * The users of nodes at the broker: who has one, and with it the right to speak for a node and no
 * other. Made over the management interface by somebody who is an administrator there, so that no
 * process of ours has to be one.
 */
public final class NodeUsers {
  /** 192 bits: nothing that is tried out is ever right. */
  private static final int PASSWORD_BYTES = 24;

  /** An agent has two; those before a break linger for as long as the broker has not noticed. */
  private static final int MOST_CONNECTIONS = 8;

  /** An agent has about four on each connection. */
  private static final int MOST_CHANNELS = 64;

  /**
   * What may wait for a process that is slow, or that somebody floods: of events and lines, which
   * are hints.
   */
  private static final long MOST_BYTES_OF_HINTS = 64L << 20;

  /** Likewise of chunks: far more than the windows of all streams of a worker allow. */
  private static final long MOST_BYTES_OF_REPLIES = 256L << 20;

  private static final Pattern ADDRESS = Pattern.compile("(amqps?://)(?:[^@/]*@)?([^@/]+(?:/.*)?)");

  private static final SecureRandom RANDOM = new SecureRandom();

  private final BrokerUri broker;
  private final ManagementApi api;
  private final String vhost;

  /**
   * @param broker whose users they are
   * @param management {@code http://user:password@host:15672} of an administrator; absent: at the
   *     broker's host and usual port, with the broker's user
   * @param tls for an address with https
   * @throws IllegalArgumentException when the address is none
   */
  public NodeUsers(BrokerUri broker, @Nullable String management, Supplier<Tls> tls) {
    this.broker = broker;
    this.api =
        new ManagementApi(
            management == null ? ManagementUri.beside(broker) : ManagementUri.parse(management),
            tls);
    this.vhost = broker.factory().getVirtualHost();
  }

  /**
   * The address of a broker as the agent of a node is to use it.
   *
   * @param address of the broker, with or without a user and password, which are replaced
   * @param password of the node's user
   */
  public static String addressFor(NodeName node, String password, String address) {
    Matcher parts = ADDRESS.matcher(address.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "not the address of a broker; one is like amqps://host:5671/%2f");
    }
    return parts.group(1) + new NodeUser(node).name() + ":" + password + "@" + parts.group(2);
  }

  /**
   * Makes the user of a node. A try that was cut off in the middle left none that can log in to
   * where our queues are, and is simply done again.
   *
   * @return the password
   * @throws ManagementException of kind {@code EXISTS} when the node has one
   */
  public String enroll(NodeName node) throws ManagementException {
    NodeUser user = new NodeUser(node);
    if (isThere(user)) {
      throw new ManagementException(
          ManagementException.Kind.EXISTS, "the node is enrolled already", null);
    }
    return make(user);
  }

  private String make(NodeUser user) throws ManagementException {
    boundQueues();
    String password = setPassword(user);
    // Limits and rules first, the right to enter last: there is no moment of too many rights.
    api.put(Map.of("value", MOST_CONNECTIONS), "user-limits", user.name(), "max-connections");
    api.put(Map.of("value", MOST_CHANNELS), "user-limits", user.name(), "max-channels");
    for (String exchange : NodeUser.WRITES) {
      api.put(
          Map.of("exchange", exchange, "write", user.routingKeys(), "read", NodeUser.NOTHING),
          "topic-permissions",
          vhost,
          user.name());
    }
    api.put(
        Map.of("configure", NodeUser.NOTHING, "write", user.write(), "read", user.read()),
        "permissions",
        vhost,
        user.name());
    return password;
  }

  /**
   * Gives the user of a node another password, and ends what is connected with the one before. It
   * is a new user of the same name: only for one that is removed does the broker end everything,
   * even what began this second. Cut off in the middle, the node has none, and is to be enrolled.
   *
   * @return the password
   * @throws ManagementException of kind {@code NOT_FOUND} when the node has no user
   */
  public String rotate(NodeName node) throws ManagementException {
    revoke(node);
    return make(new NodeUser(node));
  }

  /**
   * Removes the user of a node; the broker ends what is connected as it. What waits for the node,
   * and what is registered and stored of it, stays.
   *
   * @throws ManagementException of kind {@code NOT_FOUND} when the node has no user
   */
  public void revoke(NodeName node) throws ManagementException {
    if (!api.delete("users", new NodeUser(node).name())) {
      throw new ManagementException(
          ManagementException.Kind.NOT_FOUND, "the node is not enrolled", null);
    }
  }

  /** The nodes that have a user, by name. */
  public List<NodeName> list() throws ManagementException {
    List<NodeName> nodes = new ArrayList<>();
    for (JsonNode permission : api.find("permissions").orElseThrow()) {
      if (permission.path("vhost").asText().equals(vhost)) {
        NodeUser.parse(permission.path("user").asText()).ifPresent(user -> nodes.add(user.node()));
      }
    }
    nodes.sort(Comparator.comparing(NodeName::value));
    return nodes;
  }

  /** Whether the user can enter where our queues are. */
  private boolean isThere(NodeUser user) throws ManagementException {
    return api.find("permissions", vhost, user.name()).isPresent();
  }

  private String setPassword(NodeUser user) throws ManagementException {
    byte[] random = new byte[PASSWORD_BYTES];
    RANDOM.nextBytes(random);
    String password = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    api.put(Map.of("password", password, "tags", ""), "users", user.name());
    return password;
  }

  /** What nodes send to the queues of processes is bounded, and what is over it falls off. */
  private void boundQueues() throws ManagementException {
    bound("resguardo-hints", "^(events|logs)\\.", MOST_BYTES_OF_HINTS);
    bound("resguardo-replies", "^replies\\.", MOST_BYTES_OF_REPLIES);
  }

  private void bound(String name, String queues, long bytes) throws ManagementException {
    api.put(
        Map.of(
            "pattern",
            queues,
            "apply-to",
            "queues",
            "definition",
            Map.of("max-length-bytes", bytes, "overflow", "drop-head")),
        "policies",
        vhost,
        name);
  }

  @Override
  public String toString() {
    return "users of nodes at " + broker;
  }
}
