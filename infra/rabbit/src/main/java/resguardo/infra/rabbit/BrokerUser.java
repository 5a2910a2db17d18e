package resguardo.infra.rabbit;

import java.util.Map;

/**
 * A user of the broker that somebody outside of the servers logs in as, and all that it may do
 * there. The rules are RabbitMQ's: regular expressions over names of queues and exchanges, and over
 * the routing keys of an exchange. What no rule names is not allowed.
 */
public sealed interface BrokerUser permits NodeUser, OperatorUser, RoleUser {
  /** Nothing. */
  String NOTHING = "^$";

  /** The name at the broker. */
  String name();

  /** Who it is for, in words for a person. */
  String owner();

  /** The program that logs in as it, as a person starts it. */
  String program();

  /** Noted at the broker, where it means nothing to it; empty: no note. */
  String tag();

  /** What it may make and remove. */
  String configure();

  /** What it may publish to and bind. */
  String write();

  /** What it may consume and bind to. */
  String read();

  /** The routing keys that it may use, by the name of the exchange. */
  Map<String, Keys> keys();

  /**
   * Routing keys.
   *
   * @param write of what it may publish
   * @param read of what it may bind a queue to
   */
  record Keys(String write, String read) {}

  /** These words as a part of a rule: a {@code .} in them is any character otherwise. */
  static String anyOf(Iterable<String> words) {
    return "(" + String.join("|", words).replace(".", "\\.") + ")";
  }
}
