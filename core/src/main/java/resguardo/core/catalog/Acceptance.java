package resguardo.core.catalog;

import java.time.Instant;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.port.Sender;

/**
 * An operator's word that a suspicious version is as it should be. Written once, by a coordinator,
 * and never changed.
 *
 * @param version of this form: 1
 * @param serial of the version whose alarm is accepted
 * @param time when the coordinator took the word
 * @param sender whose word it is; the broker vouches for its user
 * @param coordinator that took it
 */
public record Acceptance(
    int version,
    RegistrationKey registration,
    Serial serial,
    Instant time,
    Sender sender,
    Peer coordinator) {
  /** The form that is written. */
  public static final int VERSION = 1;
}
