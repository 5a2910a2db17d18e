package resguardo.core.port;

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
}
