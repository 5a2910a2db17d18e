package resguardo.core.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;

/**
 * The last look at all registrations for versions that are to be expired. Of several processes the
 * one that wrote last.
 *
 * @param version of this form: 1
 * @param by who looks
 * @param began when, by its clock
 * @param ended when; absent: it has not, or was left off
 */
public record ExpiryRound(int version, Peer by, Instant began, @Nullable Instant ended) {
  /** The form that is written. */
  public static final int VERSION = 1;
}
