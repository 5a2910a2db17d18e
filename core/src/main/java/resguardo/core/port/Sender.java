package resguardo.core.port;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;

/**
 * Who sent a message.
 *
 * @param user of the broker, which vouches for it; absent: the message is not signed, as one that a
 *     person published by hand
 * @param peer the process, as its routing key says; the broker vouches for it where the user's
 *     rights say so. Absent: the key is of no process of ours
 * @param from {@code account@host}, as the sender says itself, and nobody vouches for; absent: it
 *     does not say
 */
public record Sender(@Nullable String user, @Nullable Peer peer, @Nullable String from) {
  /** Of whom nothing is known. */
  public static final Sender UNKNOWN = new Sender(null, null, null);

  /** What each process has at the end of its name, so that two of a kind differ. */
  private static final Pattern RANDOM = Pattern.compile("-[0-9a-f]{6}$");

  /**
   * On whose account it is: the user, or of what is not signed the process without the end that
   * each of its kind has for itself, which the sender may choose anew for each message. All of whom
   * nothing is known have one account, the empty word. A signature is a property that a sender may
   * leave off: nothing is free without one.
   */
  public String account() {
    if (user != null) {
      return user;
    }
    return peer == null ? "" : RANDOM.matcher(peer.prefix()).replaceFirst("");
  }

  /** Who it is, for people: {@code alice}; {@code bob-1a2b3c (unsigned)}; empty: nobody knows. */
  public Optional<String> name() {
    if (user != null) {
      return Optional.of(user);
    }
    return Optional.ofNullable(peer).map(known -> known.instance() + " (unsigned)");
  }
}
