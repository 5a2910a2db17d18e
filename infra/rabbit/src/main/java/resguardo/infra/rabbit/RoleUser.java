package resguardo.infra.rabbit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import resguardo.core.OperatorName;
import resguardo.core.Role;

/**
 * The user of the broker that coordinators or workers log in as, with what that role does there and
 * no more. Coordinators make what all use together; a worker makes queues of its own and of nodes.
 * The names of the processes, and with them of their queues and routing keys, begin with the
 * user's.
 *
 * @param role {@link Role#COORDINATOR} or {@link Role#WORKER}
 * @param group whose processes log in as it: there may be several
 */
public record RoleUser(Role role, OperatorName group) implements BrokerUser {
  private static final List<Role> ROLES = List.of(Role.COORDINATOR, Role.WORKER);

  /** A process's name is the user's, or that and what makes it differ from others. */
  private static final String MORE = "(-[a-z0-9]+)?";

  private static final String QUEUE_OF_A_NODE = "agent\\.[a-z0-9-]+";
  private static final String REPLY_ID = "[0-9a-f]{32}";
  private static final String WORD = "[A-Za-z]+";
  private static final String ALL = ".*";

  private static final List<String> SHARED_QUEUES =
      List.of(
          Topology.COMMAND_QUEUE, Topology.FETCH_QUEUE, Topology.QUERY_QUEUE, Topology.DEAD_QUEUE);

  private static final List<String> EXCHANGES =
      List.of(
          Topology.COMMANDS,
          Topology.JOBS,
          Topology.AGENTS,
          Topology.REPLIES,
          Topology.EVENTS,
          Topology.LOGS,
          Topology.CONTROL,
          Topology.DEAD);

  /**
   * @throws IllegalArgumentException for a role whose processes have other users
   */
  public RoleUser {
    if (!ROLES.contains(role)) {
      throw new IllegalArgumentException("no user is for all of this role: " + role.word());
    }
  }

  /** Who logs in to this broker; empty when it is no role's user. */
  public static Optional<RoleUser> of(BrokerUri broker) {
    return parse(broker.user());
  }

  /** Whose user this is; empty when it is no role's. */
  static Optional<RoleUser> parse(String user) {
    try {
      return ROLES.stream()
          .filter(role -> user.startsWith(role.word() + "."))
          .map(
              role ->
                  new RoleUser(role, new OperatorName(user.substring(role.word().length() + 1))))
          .findAny();
    } catch (IllegalArgumentException notOurs) {
      return Optional.empty();
    }
  }

  /** Whether it may make what others use too. */
  boolean declares() {
    return role == Role.COORDINATOR;
  }

  @Override
  public String name() {
    return role.word() + "." + group;
  }

  @Override
  public String owner() {
    return "the " + role.word();
  }

  @Override
  public String program() {
    return "bin/" + role.word();
  }

  @Override
  public String tag() {
    return "";
  }

  @Override
  public String configure() {
    return declares()
        ? rule(EXCHANGES, SHARED_QUEUES, QUEUE_OF_A_NODE, ownQueues())
        : rule(QUEUE_OF_A_NODE, ownQueues());
  }

  @Override
  public String write() {
    return declares()
        ? rule(
            List.of(
                Topology.JOBS,
                Topology.AGENTS,
                Topology.REPLIES,
                Topology.EVENTS,
                Topology.LOGS,
                Topology.CONTROL,
                Topology.DEAD),
            SHARED_QUEUES,
            QUEUE_OF_A_NODE,
            ownQueues())
        : rule(
            List.of(
                Topology.AGENTS, Topology.REPLIES, Topology.EVENTS, Topology.LOGS, Topology.DEAD),
            QUEUE_OF_A_NODE,
            ownQueues());
  }

  @Override
  public String read() {
    return declares()
        ? rule(EXCHANGES, List.of(Topology.COMMAND_QUEUE, Topology.DEAD_QUEUE), ownQueues())
        : rule(
            List.of(Topology.AGENTS, Topology.REPLIES, Topology.CONTROL),
            List.of(Topology.FETCH_QUEUE, Topology.QUERY_QUEUE),
            ownQueues());
  }

  @Override
  public Map<String, Keys> keys() {
    String own = "^" + processes() + "\\.";
    String told = own + WORD + "$";
    String hears = declares() ? ALL : NOTHING;
    return Map.of(
        Topology.COMMANDS,
        new Keys(NOTHING, hears),
        Topology.REPLIES,
        new Keys(own + REPLY_ID + "$", "^\\*\\.\\*\\." + REPLY_ID + "$"),
        Topology.EVENTS,
        new Keys(told, hears),
        Topology.LOGS,
        new Keys(told, hears));
  }

  private String processes() {
    return BrokerUser.anyOf(List.of(role.word())) + "\\." + group + MORE;
  }

  private String ownQueues() {
    return BrokerUser.anyOf(List.of("replies", "events", "logs", "control"))
        + "\\."
        + processes()
        + "\\.[0-9]+";
  }

  /** A rule of names, given as lists, and of rules, given as texts. */
  private static String rule(Object... parts) {
    List<String> rules =
        Stream.of(parts)
            .map(
                part ->
                    part instanceof List<?> names
                        ? BrokerUser.anyOf(names.stream().map(String::valueOf).toList())
                        : "(" + part + ")")
            .toList();
    return "^(" + String.join("|", rules) + ")$";
  }
}
