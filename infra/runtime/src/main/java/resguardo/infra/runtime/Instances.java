package resguardo.infra.runtime;

import java.security.SecureRandom;
import resguardo.core.Peer;
import resguardo.core.Role;

/** Names for processes that were given none. */
public final class Instances {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Instances() {}

  /** A name that no other process has: {@code worker-3f9a1c}. */
  public static Peer random(Role role) {
    String word = role.word().substring(role.word().lastIndexOf('-') + 1);
    return new Peer(role, String.format("%s-%06x", word, RANDOM.nextInt(1 << 24)));
  }
}
