package resguardo.core.catalog;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Command;

/**
 * What an operator asked for, and what came of it; or which versions were expired. Kept in the
 * bucket for each command that changes something or hands out what is stored, and for what goes by
 * itself; looking at lists leaves none.
 *
 * @param version of this form: {@link #VERSION} of a command, {@link #OF_VERSIONS} of versions
 * @param time when a coordinator took it, or when they began to go
 * @param sender who asked; of versions the process that expires them
 * @param coordinator that took it; of versions the process that expires them
 * @param command absent: it is of versions
 * @param outcome what came of it
 * @param said in words; absent where the outcome says all
 * @param expired the versions; absent: it is of a command
 */
public record AuditRecord(
    int version,
    Instant time,
    Sender sender,
    Peer coordinator,
    @Nullable Command command,
    Outcome outcome,
    @Nullable String said,
    @Nullable Expired expired) {
  /** The form that is written of a command. */
  public static final int VERSION = 1;

  /** The form that is written of versions, which programs that know the first alone refuse. */
  public static final int OF_VERSIONS = 2;

  /** What came of a command. */
  public enum Outcome {
    /** It is left to workers, or to all processes, and what comes of it is told by them. */
    BEGUN,
    /** It is done. */
    DONE,
    /** It was refused, for the reason that {@code said} gives. */
    REFUSED
  }

  /** Versions of a registration that no rule of its policy keeps. */
  public record Expired(RegistrationKey registration, List<Serial> serials) {
    public Expired {
      serials = List.copyOf(serials);
    }
  }

  public AuditRecord {
    if ((command == null) == (expired == null)) {
      throw new IllegalArgumentException("a record is of a command or of versions");
    }
  }

  /** Of a command that was taken. */
  public static AuditRecord of(Instant time, Sender sender, Peer coordinator, Command command) {
    return new AuditRecord(VERSION, time, sender, coordinator, command, Outcome.BEGUN, null, null);
  }

  /**
   * Of versions that go now. One that could not be removed after all, as it is locked, is there as
   * before; whoever dies in between removes the rest later, which is on record once more.
   *
   * @param policy in words
   */
  public static AuditRecord of(
      Instant time, Peer by, @Nullable String from, Expired expired, String policy) {
    Sender sender = new Sender(null, by, from);
    return new AuditRecord(OF_VERSIONS, time, sender, by, null, Outcome.BEGUN, policy, expired);
  }

  /** The same command, with what came of it. */
  public AuditRecord ended(Outcome how, @Nullable String words) {
    return new AuditRecord(version, time, sender, coordinator, command, how, words, expired);
  }
}
