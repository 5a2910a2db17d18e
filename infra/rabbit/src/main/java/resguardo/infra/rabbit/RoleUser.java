package resguardo.infra.rabbit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import resguardo.core.OperatorName;
import resguardo.core.Role;

/**
 * The user of the broker that coordinators, workers or retention log in as, with what that role
 * does there and no more. Coordinators make what all use together, and the queues of nodes; a
 * worker makes queues of its own; retention one by which it hears the word to stop. The names of
 * the processes, and with them of their queues and routing keys, begin with the user's.
 *
 * @param role one of {@link #ROLES}
 * @param group whose processes log in as it: there may be several
 */
public record RoleUser(Role role, OperatorName group) implements BrokerUser {
  /** Those whose processes have such a user. */
  public static final List<Role> ROLES = List.of(Role.COORDINATOR, Role.WORKER, Role.RETENTION);

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

  /** Whether it may make what others use too, queues of nodes among them. */
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
    return switch (role) {
      case COORDINATOR -> rule(EXCHANGES, SHARED_QUEUES, QUEUE_OF_A_NODE, ownQueues());
      default -> rule(ownQueues());
    };
  }

  @Override
  public String write() {
    return switch (role) {
      case COORDINATOR ->
          rule(
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
              ownQueues());
      case WORKER ->
          rule(
              List.of(
                  Topology.AGENTS, Topology.REPLIES, Topology.EVENTS, Topology.LOGS, Topology.DEAD),
              ownQueues());
      default -> rule(List.of(Topology.EVENTS, Topology.LOGS), ownQueues());
    };
  }

  @Override
  public String read() {
    return switch (role) {
      case COORDINATOR ->
          rule(EXCHANGES, List.of(Topology.COMMAND_QUEUE, Topology.DEAD_QUEUE), ownQueues());
      case WORKER ->
          rule(
              List.of(Topology.REPLIES, Topology.CONTROL),
              List.of(Topology.FETCH_QUEUE, Topology.QUERY_QUEUE),
              ownQueues());
      default -> rule(List.of(Topology.CONTROL), ownQueues());
    };
  }

  @Override
  public Map<String, Keys> keys() {
    String own = "^" + processes() + "\\.";
    String told = own + WORD + "$";
    String hears = declares() ? ALL : NOTHING;
    Keys replies =
        role == Role.RETENTION // it asks for nothing and answers nobody
            ? new Keys(NOTHING, NOTHING)
            : new Keys(own + REPLY_ID + "$", "^\\*\\.\\*\\." + REPLY_ID + "$");
    return Map.of(
        Topology.COMMANDS,
        new Keys(NOTHING, hears),
        Topology.REPLIES,
        replies,
        Topology.EVENTS,
        new Keys(told, hears),
        Topology.LOGS,
        new Keys(told, hears));
  }

  private String processes() {
    return BrokerUser.anyOf(List.of(role.word())) + "\\." + group + MORE;
  }

  private String ownQueues() {
    List<String> kinds =
        role == Role.RETENTION
            ? List.of("control")
            : List.of("replies", "events", "logs", "control");
    return BrokerUser.anyOf(kinds) + "\\." + processes() + "\\.[0-9]+";
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
