package resguardo.coordinator;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import resguardo.core.Registration;
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
  private final Map<String, DamagedException> damaged = new HashMap<>();

  Statuses(ArchiveStore store, Platform platform) {
    this.mirror = new StatusBook(store).mirror(platform);
  }

  /** Begins to read what has changed since the last look; see {@link #end}. */
  Mirror<Status>.Look begin() {
    return mirror.begin();
  }

  /** Takes in what a look has read. */
  void end(Mirror<Status>.Look look, Consumer<DamagedException> tell) {
    mirror.end(look, this::take, broken -> leaveOut(broken, tell));
  }

  /**
   * Reads what has changed of one registration alone.
   *
   * @throws IOException when the store cannot be read
   */
  void look(RegistrationKey key, Consumer<DamagedException> tell) throws IOException {
    mirror.look(BucketLayout.status(key), this::take, broken -> leaveOut(broken, tell));
  }

  private void take(Mirror.Read<Status> read) {
    known.put(read.key(), read.value());
    damaged.remove(read.key().value());
  }

  private void leaveOut(DamagedException broken, Consumer<DamagedException> tell) {
    damaged.put(broken.key(), broken);
    tell.accept(broken);
  }

  /** Takes note of how an attempt ended, as it stands in the bucket. */
  void note(RegistrationKey key, Status status) {
    ObjectKey object = BucketLayout.status(key);
    mirror.note(object);
    damaged.remove(object.value());
    known.merge(
        object, status, (before, now) -> before.lastSlot().isAfter(now.lastSlot()) ? before : now);
  }

  /** How the last attempt ended; empty: none was made. */
  Optional<Status> of(RegistrationKey key) {
    return Optional.ofNullable(known.get(BucketLayout.status(key)));
  }

  /** What is known now, for whoever takes longer; of registrations in the order that is given. */
  Map<RegistrationKey, Status> copy(List<Registration> registrations) {
    Map<RegistrationKey, Status> copy = new LinkedHashMap<>();
    registrations.forEach(one -> of(one.key()).ifPresent(status -> copy.put(one.key(), status)));
    return copy;
  }

  /** Those that hold something else, when they were read last. */
  List<DamagedException> damaged() {
    return List.copyOf(damaged.values());
  }
}
