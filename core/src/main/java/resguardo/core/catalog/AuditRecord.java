package resguardo.core.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Command;

/**
 * What an operator asked for, and what came of it. Kept in the bucket for each command that changes
 * something or hands out what is stored; looking at lists leaves none.
 *
 * @param version of this form: 1
 * @param time when a coordinator took it
 * @param sender who asked
 * @param coordinator that took it
 * @param outcome what came of it
 * @param said in words; absent where the outcome says all
 */
public record AuditRecord(
    int version,
    Instant time,
    Sender sender,
    Peer coordinator,
    Command command,
    Outcome outcome,
    @Nullable String said) {
  /** The form that is written. */
  public static final int VERSION = 1;

  /** What came of a command. */
  public enum Outcome {
    /** It is left to workers, or to all processes, and what comes of it is told by them. */
    BEGUN,
    /** It is done. */
    DONE,
    /** It was refused, for the reason that {@code said} gives. */
    REFUSED
  }

  /** The same command, with what came of it. */
  public AuditRecord ended(Outcome how, @Nullable String words) {
    return new AuditRecord(version, time, sender, coordinator, command, how, words);
  }
}
