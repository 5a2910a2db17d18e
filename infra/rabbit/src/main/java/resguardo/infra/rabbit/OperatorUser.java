package resguardo.infra.rabbit;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import resguardo.core.OperatorName;
import resguardo.core.Permission;
import resguardo.core.Role;
import resguardo.core.protocol.Command;

/**
 * The user of the broker that one operator's programs log in as: they send the commands that the
 * operator may send, get the answers to them, and see events, activity and what all are told. The
 * names of the processes, and with them of their queues and routing keys, begin with the
 * operator's.
 *
 * @param may what the operator may ask for; {@link Permission#ADMINISTER} is not for the broker to
 *     give
 */
public record OperatorUser(OperatorName operator, Permission may) implements BrokerUser {
  private static final String PREFIX = "operator.";
  private static final String TAG = "resguardo-";

  /** As {@code Instances.random} makes the end of a name of a process. */
  private static final String RANDOM = "-[0-9a-f]{6}";

  /** As {@link resguardo.core.ReplyId}. */
  private static final String REPLY_ID = "[0-9a-f]{32}";

  private static final List<String> OWN_QUEUES = List.of("replies", "events", "logs", "control");

  /**
   * Nothing that it reads from, but for the replies: RabbitMQ lets whoever may read from one
   * exchange and write to another bind them, and what goes to the first then comes to the second.
   */
  static final List<String> WRITES = List.of(Topology.COMMANDS, Topology.REPLIES);

  private static final List<String> READS =
      List.of(Topology.REPLIES, Topology.EVENTS, Topology.LOGS, Topology.CONTROL);

  /**
   * @throws IllegalArgumentException when it could do more than an operator
   */
  public OperatorUser {
    if (!Permission.WRITE.covers(may)) {
      throw new IllegalArgumentException("an operator may read or write");
    }
  }

  /** Who logs in to this broker; empty when it is no operator's user. */
  public static Optional<OperatorName> of(BrokerUri broker) {
    return parse(broker.user());
  }

  /** Whose user this is; empty when it is no operator's. */
  static Optional<OperatorName> parse(String user) {
    try {
      return user.startsWith(PREFIX)
          ? Optional.of(new OperatorName(user.substring(PREFIX.length())))
          : Optional.empty();
    } catch (IllegalArgumentException notOurs) {
      return Optional.empty();
    }
  }

  /** The user of this name and note; empty when it is no operator's. */
  static Optional<OperatorUser> parse(String user, String tag) {
    return parse(user)
        .flatMap(
            name ->
                List.of(Permission.READ, Permission.WRITE).stream()
                    .map(may -> new OperatorUser(name, may))
                    .filter(known -> known.tag().equals(tag))
                    .findAny());
  }

  @Override
  public String name() {
    return PREFIX + operator;
  }

  @Override
  public String owner() {
    return "the operator";
  }

  @Override
  public String program() {
    return "bin/admin";
  }

  @Override
  public String tag() {
    return TAG + may.word();
  }

  @Override
  public String configure() {
    return "^" + ownQueues() + "$";
  }

  @Override
  public String write() {
    return "^(" + BrokerUser.anyOf(WRITES) + "|" + ownQueues() + ")$";
  }

  @Override
  public String read() {
    return "^(" + BrokerUser.anyOf(READS) + "|" + ownQueues() + ")$";
  }

  @Override
  public Map<String, Keys> keys() {
    String own = "^" + processes() + "\\.";
    return Map.of(
        Topology.COMMANDS,
        new Keys(own + BrokerUser.anyOf(Command.wordsFor(may)) + "$", NOTHING),
        // Answers to one question, whose id nobody else knows: no wildcard at its place, and no
        // word
        // that a command could have.
        Topology.REPLIES,
        new Keys(own + REPLY_ID + "$", "^\\*\\.\\*\\." + REPLY_ID + "$"),
        Topology.EVENTS,
        new Keys(NOTHING, ".*"),
        Topology.LOGS,
        new Keys(NOTHING, ".*"));
  }

  private String processes() {
    return BrokerUser.anyOf(List.of(Role.ADMIN.word(), Role.LOGGER.word()))
        + "\\."
        + operator
        + RANDOM;
  }

  private String ownQueues() {
    return BrokerUser.anyOf(OWN_QUEUES) + "\\." + processes() + "\\.[0-9]+";
  }
}
