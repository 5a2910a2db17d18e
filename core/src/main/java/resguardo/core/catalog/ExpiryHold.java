package resguardo.core.catalog;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;

/**
 * What of a registration may not be removed because an alarm stands that nobody has accepted:
 * whoever expires versions, or removes archives, has to ask this first. Held are the newest version
 * with an open alarm (its manifest is what says so), all that are older, among them the one that it
 * was compared with, and all archives that any of them needs. Newer ones are not: they are what the
 * disaster has left, and look well against it.
 *
 * <p>It is made of manifests and operators' words alone, and so holds as well where notes of alarms
 * are gone. A word that is said later is seen by the next one that is made.
 */
public final class ExpiryHold {
  private final @Nullable Serial upTo;
  private final Set<Serial> serials;
  private final Set<String> archives;

  private ExpiryHold(@Nullable Serial upTo, Set<Serial> serials, Set<String> archives) {
    this.upTo = upTo;
    this.serials = Collections.unmodifiableSet(serials);
    this.archives = Collections.unmodifiableSet(archives);
  }

  /**
   * As the bucket says now.
   *
   * @throws DamagedException when a manifest is none: whether it had an alarm is not known, so
   *     nothing is to be removed before an operator has looked
   * @throws IOException when the bucket cannot be read: nothing is to be removed
   */
  public static ExpiryHold of(VersionCatalog versions, Alarms alarms, RegistrationKey key)
      throws IOException {
    List<Serial> all = versions.serials(key);
    Set<Serial> held = new TreeSet<>();
    Set<String> archives = new TreeSet<>();
    @Nullable Serial upTo = null;
    for (int i = all.size() - 1; i >= 0; i--) {
      Optional<VersionHeader> header = versions.header(key, all.get(i));
      if (header.isEmpty()) {
        continue; // removed in between
      }
      if (upTo == null && isOpen(alarms, header.get())) {
        upTo = header.get().serial();
      }
      if (upTo != null) {
        held.add(header.get().serial());
        header.get().archives().stream().map(ArchiveRef::key).forEach(archives::add);
      }
    }
    return new ExpiryHold(upTo, held, archives);
  }

  /**
   * Whether a version has an alarm that nobody has accepted: then it holds itself and all that are
   * older.
   */
  public static boolean isOpen(Alarms alarms, VersionHeader header) throws IOException {
    return header.alarm() != null
        && alarms.acceptance(header.registration(), header.serial()).isEmpty();
  }

  /** The newest version with an open alarm; empty when there is none, and nothing is held. */
  public Optional<Serial> newestAlarm() {
    return Optional.ofNullable(upTo);
  }

  /** The versions that may not be expired. */
  public Set<Serial> serials() {
    return serials;
  }

  /** Whether a version may not be expired, also one that was not there yet. */
  public boolean holds(Serial serial) {
    return upTo != null && serial.compareTo(upTo) <= 0;
  }

  /** The keys of the archives that may not be removed, whatever newer versions need. */
  public Set<String> archives() {
    return archives;
  }
}
