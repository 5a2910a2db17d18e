package resguardo.infra.rabbit;

import java.util.Optional;
import resguardo.core.Peer;
import resguardo.core.Role;

/**
 * {@code <role>.<instance>.<word>}: who sent a message, as the broker can check it, and what it is
 * or where it goes.
 */
record RoutingKey(Peer from, String word) {
  /** The key; empty when it is of another form, which no process of ours sends. */
  static Optional<RoutingKey> parse(String key) {
    String[] words = key.split("\\.", -1);
    if (words.length != 3) {
      return Optional.empty();
    }
    try {
      return Optional.of(new RoutingKey(new Peer(Role.parse(words[0]), words[1]), words[2]));
    } catch (IllegalArgumentException notOurs) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return from.prefix() + "." + word;
  }
}
