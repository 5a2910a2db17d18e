package resguardo.coordinator;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Schedule;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Registry;
import resguardo.core.port.StoreException;

/** All registrations, in memory as in the bucket. Not for several threads. */
final class RegistrationBook {
  private final Registry registry;
  private final NavigableMap<RegistrationKey, Registration> known = new TreeMap<>();

  RegistrationBook(Registry registry) {
    this.registry = registry;
  }

  /** Reads what the bucket has. */
  void load(Consumer<DamagedException> damaged) throws IOException {
    known.clear();
    registry.forEach(registration -> known.put(registration.key(), registration), damaged);
  }

  /** All of them, removed ones included. */
  List<Registration> all() {
    return List.copyOf(known.values());
  }

  /** The one of this key, if it is active. */
  Optional<Registration> active(RegistrationKey key) {
    return Optional.ofNullable(known.get(key)).filter(Registration::active);
  }

  /** Active ones in the order of their keys, after one of them. */
  List<Registration> page(@Nullable RegistrationKey after, int most) {
    NavigableMap<RegistrationKey, Registration> rest =
        after == null ? known : known.tailMap(after, false);
    return rest.values().stream().filter(Registration::active).limit(most).toList();
  }

  /**
   * Registers, as the next generation of its key; the same wish once more changes nothing.
   *
   * @return the registration as it is now
   */
  Registration register(
      RegistrationKey key, Schedule schedule, @Nullable BackupOptions options, Instant now)
      throws StoreException {
    Optional<Registration> same =
        active(key)
            .filter(old -> old.schedule().equals(schedule))
            .filter(old -> Objects.equals(old.options(), BackupOptions.orAbsent(options)));
    return same.isPresent()
        ? same.get()
        : save(key, schedule, options, now, Registration.State.ACTIVE);
  }

  /** Removes; empty when there is nothing active to remove. */
  Optional<Registration> unregister(RegistrationKey key, Instant now) throws StoreException {
    Optional<Registration> old = active(key);
    return old.isEmpty()
        ? Optional.empty()
        : Optional.of(
            save(key, old.get().schedule(), old.get().options(), now, Registration.State.REMOVED));
  }

  private Registration save(
      RegistrationKey key,
      Schedule schedule,
      @Nullable BackupOptions options,
      Instant now,
      Registration.State state)
      throws StoreException {
    Registration old = known.get(key);
    long generation = old == null ? 1 : old.generation() + 1;
    // A slot of the generation before may be of this very second, and then none of the new one
    // would
    // be due for a whole period: the new one begins with the next second.
    Instant since = old == null ? now : now.plusSeconds(1);
    Registration registration = new Registration(key, schedule, options, generation, since, state);
    registry.save(registration);
    known.put(key, registration);
    return registration;
  }
}
