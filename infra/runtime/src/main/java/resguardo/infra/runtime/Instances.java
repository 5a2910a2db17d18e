package resguardo.infra.runtime;

import java.security.SecureRandom;
import java.util.Optional;
import resguardo.core.OperatorName;
import resguardo.core.Peer;
import resguardo.core.Role;

/** Names for processes that were given none. */
public final class Instances {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Instances() {}

  /** A name that no other process has: {@code worker-3f9a1c}. */
  public static Peer random(Role role) {
    return random(role, role.word().substring(role.word().lastIndexOf('-') + 1));
  }

  /**
   * One that begins with the name of the user that the process logs in at the broker as, which
   * believes it no other.
   *
   * @param user empty: the user is believed any name
   */
  public static Peer random(Role role, Optional<OperatorName> user) {
    return user.map(name -> random(role, name.value())).orElseGet(() -> random(role));
  }

  /** One that begins with this: {@code alice-3f9a1c}. */
  public static Peer random(Role role, String beginning) {
    return new Peer(role, String.format("%s-%06x", beginning, RANDOM.nextInt(1 << 24)));
  }
}
