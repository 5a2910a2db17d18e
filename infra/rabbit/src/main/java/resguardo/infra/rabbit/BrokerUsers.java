package resguardo.infra.rabbit;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.OperatorName;
import resguardo.core.Role;
import resguardo.infra.tls.Tls;

/**
 * The users of nodes and operators at the broker: who has one, and with it the right to speak for a
 * node, or to ask for what an operator may, and nothing else. Made over the management interface by
 * somebody who is an administrator there, so that no process of ours has to be one.
 */
public final class BrokerUsers {
  /** 192 bits: nothing that is tried out is ever right. */
  private static final int PASSWORD_BYTES = 24;

  /**
   * A process has two, or three where it hears nodes; those before a break linger for as long as
   * the broker has not noticed. An operator, or a role, has several processes at a time.
   */
  private static final int MOST_CONNECTIONS = 8;

  private static final int MOST_CONNECTIONS_OF_MANY = 60;

  /** Each stream that comes to a worker has one, too. */
  private static final int MOST_CONNECTIONS_OF_WORKERS = 400;

  /**
   * An agent has one or two on each connection, and one for each question that it asks beside. With
   * the broker's bound of consumers on a channel this is that of a node's consumers, too.
   */
  private static final int CHANNELS_A_CONNECTION = 4;

  /** Likewise of all processes of those that are many, with those of streams. */
  private static final int MOST_CHANNELS_OF_MANY = 960;

  /**
   * What may wait for a process that is slow, or that somebody floods: of events and lines, which
   * are hints.
   */
  private static final long MOST_BYTES_OF_HINTS = 32L << 20;

  /**
   * Those bytes are of bodies alone, and the broker has what else a message may have in memory, or
   * on disk: so many signs of life a thousand nodes send within ten seconds.
   */
  private static final int MOST_HINTS = 2000;

  /** Likewise of chunks: four times what the window of a stream allows. */
  private static final long MOST_BYTES_OF_REPLIES = 32L << 20;

  /** Likewise: three times the messages that somebody may send who has no answer to them. */
  private static final int MOST_REPLIES = 100;

  /** Orders, and the lines of a base: more than those of a hundred million files are. */
  private static final long MOST_BYTES_TO_A_NODE = 4L << 30;

  /** In milliseconds; nobody waits as long for an answer to an order. */
  private static final Map<String, Object> GROWS_OLD =
      Map.of("overflow", "reject-publish", "message-ttl", 3_600_000);

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
  public BrokerUsers(BrokerUri broker, @Nullable String management, Supplier<Tls> tls) {
    this.broker = broker;
    this.api =
        new ManagementApi(
            management == null ? ManagementUri.beside(broker) : ManagementUri.parse(management),
            tls);
    this.vhost = broker.factory().getVirtualHost();
  }

  /**
   * The address of a broker as this user's programs are to use it.
   *
   * @param address of the broker, with or without a user and password, which are replaced
   */
  public static String addressFor(BrokerUser user, String password, String address) {
    Matcher parts = ADDRESS.matcher(address.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "not the address of a broker; one is like amqps://host:5671/%2f");
    }
    return parts.group(1) + user.name() + ":" + password + "@" + parts.group(2);
  }

  /**
   * Makes a user. A try that was cut off in the middle left none that can log in to where our
   * queues are, and is simply done again.
   *
   * @return the password
   * @throws ManagementException of kind {@code EXISTS} when there is one
   */
  public String enroll(BrokerUser user) throws ManagementException {
    if (isThere(user)) {
      throw new ManagementException(
          ManagementException.Kind.EXISTS, user.owner() + " is enrolled already", null);
    }
    return make(user);
  }

  private String make(BrokerUser user) throws ManagementException {
    boundQueues();
    for (RoleUser earlier : roles()) {
      limit(earlier); // processes of today may need more than those did for which it was enrolled
    }
    String password = setPassword(user);
    // Limits and rules first, the right to enter last: there is no moment of too many rights.
    limit(user);
    for (Map.Entry<String, BrokerUser.Keys> rule : user.keys().entrySet()) {
      BrokerUser.Keys keys = rule.getValue();
      api.put(
          Map.of("exchange", rule.getKey(), "write", keys.write(), "read", keys.read()),
          "topic-permissions",
          vhost,
          user.name());
    }
    api.put(
        Map.of("configure", user.configure(), "write", user.write(), "read", user.read()),
        "permissions",
        vhost,
        user.name());
    return password;
  }

  private void limit(BrokerUser user) throws ManagementException {
    boolean node = user instanceof NodeUser;
    boolean worker = user instanceof RoleUser role && role.role() == Role.WORKER;
    int ofMany = worker ? MOST_CONNECTIONS_OF_WORKERS : MOST_CONNECTIONS_OF_MANY;
    int connections = node ? MOST_CONNECTIONS : ofMany;
    int channels = node ? MOST_CONNECTIONS * CHANNELS_A_CONNECTION : MOST_CHANNELS_OF_MANY;
    api.put(Map.of("value", connections), "user-limits", user.name(), "max-connections");
    api.put(Map.of("value", channels), "user-limits", user.name(), "max-channels");
  }

  /**
   * Gives a user another password, and ends what is connected with the one before. It is a new user
   * of the same name: only for one that is removed does the broker end everything, even what began
   * this second. Cut off in the middle, there is none, and it is to be enrolled.
   *
   * @return the password
   * @throws ManagementException of kind {@code NOT_FOUND} when there is no such user
   */
  public String rotate(BrokerUser user) throws ManagementException {
    revoke(user);
    return make(user);
  }

  /**
   * Removes a user; the broker ends what is connected as it. What waits for a node, and what is
   * registered and stored of it, stays.
   *
   * @throws ManagementException of kind {@code NOT_FOUND} when there is no such user
   */
  public void revoke(BrokerUser user) throws ManagementException {
    if (!api.delete("users", user.name())) {
      throw new ManagementException(
          ManagementException.Kind.NOT_FOUND, user.owner() + " is not enrolled", null);
    }
    if (user instanceof OperatorUser operator) {
      clearUpAfter(operator);
    }
  }

  /**
   * What an operator made at the broker outlives its user there: its queues, to which goes on
   * coming what all are told, and what it led elsewhere. No program of ours leads anything from one
   * exchange to another.
   */
  private void clearUpAfter(OperatorUser operator) throws ManagementException {
    for (JsonNode binding : api.find("bindings", vhost).orElseThrow()) {
      String to = binding.path("destination").asText();
      if (binding.path("destination_type").asText().equals("exchange")
          && OperatorUser.WRITES.contains(to)) {
        String from = binding.path("source").asText();
        String key = binding.path("properties_key").asText();
        api.delete("bindings", vhost, "e", from, "e", to, key);
      }
    }
    for (String queue : queues()) {
      if (isOf(operator).test(queue)) {
        api.delete("queues", vhost, queue);
      }
    }
  }

  private static Predicate<String> isOf(OperatorUser operator) {
    return Pattern.compile(operator.configure()).asMatchPredicate();
  }

  private List<String> queues() throws ManagementException {
    List<String> names = new ArrayList<>();
    api.list("name", "queues", vhost).forEach(queue -> names.add(queue.path("name").asText()));
    return names;
  }

  /**
   * How many queues each of these has at the broker: a program has about five. RabbitMQ bounds them
   * for all users together ({@code max-queues} of a virtual host), and not for one.
   */
  public Map<OperatorUser, Long> queues(List<OperatorUser> of) throws ManagementException {
    List<String> all = queues();
    Map<OperatorUser, Long> counts = new LinkedHashMap<>();
    for (OperatorUser operator : of) {
      counts.put(operator, all.stream().filter(isOf(operator)).count());
    }
    return counts;
  }

  /** The connections of nodes that no agent of ours makes; what is told is some seconds old. */
  public List<StrangeConnection> strangeConnections() throws ManagementException {
    List<StrangeConnection> strange =
        new ArrayList<>(
            StrangeConnection.among(api.list(StrangeConnection.COLUMNS, "connections")));
    strange.addAll(
        StrangeConnection.among(
            api.list(StrangeConnection.QUEUE_COLUMNS, "queues", vhost), nodes()));
    return strange;
  }

  /** The nodes that have a user, by name. */
  public List<NodeName> nodes() throws ManagementException {
    return entrants().stream()
        .flatMap(user -> NodeUser.parse(user).stream())
        .map(NodeUser::node)
        .sorted()
        .toList();
  }

  /** The users of coordinators, workers and retention, by name. */
  public List<RoleUser> roles() throws ManagementException {
    return entrants().stream()
        .flatMap(user -> RoleUser.parse(user).stream())
        .sorted(Comparator.comparing(BrokerUser::name))
        .toList();
  }

  /** The operators that have a user, by name. */
  public List<OperatorUser> operators() throws ManagementException {
    Set<String> entrants = entrants();
    List<OperatorUser> operators = new ArrayList<>();
    for (JsonNode user : api.find("users").orElseThrow()) {
      String name = user.path("name").asText();
      if (entrants.contains(name)) {
        OperatorUser.parse(name, tag(user)).ifPresent(operators::add);
      }
    }
    operators.sort(Comparator.comparing(BrokerUser::name));
    return operators;
  }

  /**
   * The user of an operator.
   *
   * @throws ManagementException of kind {@code NOT_FOUND} when there is none
   */
  public OperatorUser operator(OperatorName name) throws ManagementException {
    return operators().stream()
        .filter(user -> user.operator().equals(name))
        .findAny()
        .orElseThrow(
            () ->
                new ManagementException(
                    ManagementException.Kind.NOT_FOUND, "the operator is not enrolled", null));
  }

  /** Those who can enter where our queues are. */
  private Set<String> entrants() throws ManagementException {
    Set<String> users = new HashSet<>();
    for (JsonNode permission : api.find("permissions").orElseThrow()) {
      if (permission.path("vhost").asText().equals(vhost)) {
        users.add(permission.path("user").asText());
      }
    }
    return users;
  }

  /** The note on a user: RabbitMQ gives a list of them, and up to 3.8 a text. */
  private static String tag(JsonNode user) {
    JsonNode tags = user.path("tags");
    return tags.isArray() ? tags.path(0).asText() : tags.asText();
  }

  private boolean isThere(BrokerUser user) throws ManagementException {
    return api.find("permissions", vhost, user.name()).isPresent();
  }

  private String setPassword(BrokerUser user) throws ManagementException {
    byte[] random = new byte[PASSWORD_BYTES];
    RANDOM.nextBytes(random);
    String password = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    api.put(Map.of("password", password, "tags", user.tag()), "users", user.name());
    return password;
  }

  /**
   * What nodes send to the queues of processes is bounded, and what is over it falls off. What is
   * sent to a node that does not take it is refused, and grows old.
   */
  private void boundQueues() throws ManagementException {
    bound("resguardo-hints", "^(events|logs|control)\\.", MOST_BYTES_OF_HINTS, hints());
    bound("resguardo-replies", "^replies\\.", MOST_BYTES_OF_REPLIES, dropped(MOST_REPLIES));
    bound("resguardo-agents", "^agent\\.", MOST_BYTES_TO_A_NODE, GROWS_OLD);
  }

  /**
   * RabbitMQ before 3.12 keeps what waits in memory, and what it has read of headers beside them:
   * some thirty times as much. It is to be on disk. Later ones do so by themselves, and read past
   * this.
   */
  private static Map<String, Object> hints() {
    Map<String, Object> what = new TreeMap<>(dropped(MOST_HINTS));
    what.put("queue-mode", "lazy");
    return what;
  }

  private static Map<String, Object> dropped(int over) {
    return Map.of("overflow", "drop-head", "max-length", over);
  }

  private void bound(String name, String queues, long bytes, Map<String, Object> what)
      throws ManagementException {
    Map<String, Object> definition = new TreeMap<>(what);
    definition.put("max-length-bytes", bytes);
    api.put(
        Map.of("pattern", queues, "apply-to", "queues", "definition", definition),
        "policies",
        vhost,
        name);
  }

  @Override
  public String toString() {
    return "users at " + broker;
  }
}
