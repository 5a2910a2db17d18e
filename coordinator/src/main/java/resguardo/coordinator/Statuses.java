package resguardo.coordinator;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import resguardo.core.RegistrationKey;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Mirror;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;

/**
 * How the last attempts at all registrations ended, in memory as in the bucket at the last look.
 * Not for several threads.
 */
final class Statuses {
  private final Mirror<Status> mirror;
  private final Map<ObjectKey, Status> known = new HashMap<>();

  Statuses(ArchiveStore store, Platform platform) {
    this.mirror = new StatusBook(store).mirror(platform);
  }

  /**
   * Reads what has changed since the last look.
   *
   * @throws IOException when the store cannot be read; the next look reads it all the same
   */
  void refresh(Consumer<DamagedException> damaged) throws IOException {
    mirror.refresh(read -> known.put(read.key(), read.value()), damaged);
  }

  /** As {@link #refresh}, of one registration alone. */
  void look(RegistrationKey key, Consumer<DamagedException> damaged) throws IOException {
    mirror.look(BucketLayout.status(key), read -> known.put(read.key(), read.value()), damaged);
  }

  /** Takes note of how an attempt ended, as it stands in the bucket. */
  void note(RegistrationKey key, Status status) {
    known.merge(
        BucketLayout.status(key),
        status,
        (before, now) -> before.lastSlot().isAfter(now.lastSlot()) ? before : now);
  }

  /** How the last attempt ended; empty: none was made. */
  Optional<Status> of(RegistrationKey key) {
    return Optional.ofNullable(known.get(BucketLayout.status(key)));
  }
}
