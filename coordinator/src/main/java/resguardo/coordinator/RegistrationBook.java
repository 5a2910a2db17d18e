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
import resguardo.coordinator.lease.Lease;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.RunOrder;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Mirror;
import resguardo.core.catalog.Registry;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Command;

/**
 * All registrations, in memory as in the bucket. Each change is announced in the lease before it is
 * written over what is known, so that only the coordinator that leads can write (see {@link
 * Lease}). Not for several threads.
 */
final class RegistrationBook {
  /** Somebody who edits the bucket by hand may be in between; not time after time. */
  private static final int TRIES = 3;

  private final Registry registry;
  private final Lease lease;
  private final Mirror<Registration> mirror;
  private final NavigableMap<RegistrationKey, Known> known = new TreeMap<>();

  private record Known(Registration registration, String etag) {}

  /** What is to be made of what is known of a key; absent: nothing is to be changed. */
  private interface Change {
    @Nullable Registration of(@Nullable Registration old);
  }

  RegistrationBook(Registry registry, Lease lease, Platform platform) {
    this.registry = registry;
    this.lease = lease;
    this.mirror = registry.mirror(platform);
  }

  /** Begins to read what has changed in the bucket since the last time; see {@link #end}. */
  Mirror<Registration>.Look begin() {
    return mirror.begin();
  }

  /** Takes in what a look has read. To be called while another coordinator may lead. */
  void end(Mirror<Registration>.Look look, Consumer<DamagedException> damaged) {
    mirror.end(
        look, read -> known.put(read.value().key(), new Known(read.value(), read.etag())), damaged);
  }

  /**
   * Writes what the lease says was about to be written, where it was not. From here on nobody can
   * write who announced something before.
   */
  void settle() throws IOException {
    Optional<Registration> pending = lease.pending();
    if (pending.isPresent()) {
      Registration wanted = pending.get();
      for (int i = 0; i < TRIES && generation(wanted.key()) < wanted.generation(); i++) {
        tryToWrite(wanted);
      }
      lease.settled();
    }
  }

  private long generation(RegistrationKey key) {
    Known there = known.get(key);
    return there == null ? 0 : there.registration().generation();
  }

  /** All of them, removed ones included. */
  List<Registration> all() {
    return known.values().stream().map(Known::registration).toList();
  }

  /** The one of this key, removed ones included. */
  Optional<Registration> find(RegistrationKey key) {
    return Optional.ofNullable(known.get(key)).map(Known::registration);
  }

  /** The one of this key, if it is active. */
  Optional<Registration> active(RegistrationKey key) {
    return find(key).filter(Registration::active);
  }

  /** Active ones in the order of their keys, after one of them. */
  List<Registration> page(@Nullable RegistrationKey after, int most) {
    NavigableMap<RegistrationKey, Known> rest = after == null ? known : known.tailMap(after, false);
    return rest.values().stream()
        .map(Known::registration)
        .filter(Registration::active)
        .limit(most)
        .toList();
  }

  /**
   * Registers, as the next generation of its key; the same wish once more changes nothing.
   *
   * @return the registration as it is now
   */
  Registration register(Command.Register wish, Instant now) throws IOException {
    return change(wish.key(), old -> isSo(wish, old) ? null : next(wish, old, now))
        .orElseGet(() -> active(wish.key()).orElseThrow());
  }

  private static boolean isSo(Command.Register wish, @Nullable Registration there) {
    return there != null
        && there.active()
        && there.schedule().equals(wish.schedule())
        && Objects.equals(there.options(), wish.options())
        && Objects.equals(there.scheduling(), wish.scheduling())
        && Objects.equals(there.retention(), wish.retention())
        && Objects.equals(there.drills(), wish.drills());
  }

  private static Registration next(Command.Register wish, @Nullable Registration old, Instant now) {
    return new Registration(
        wish.key(),
        wish.schedule(),
        wish.options(),
        old == null ? 1 : old.generation() + 1,
        since(old, now),
        Registration.State.ACTIVE,
        wish.scheduling(),
        old == null ? null : old.order(),
        wish.retention(),
        wish.drills());
  }

  /**
   * A slot of the generation before may be of this very second. Then none of the new one would be
   * due for a whole period; so the new one begins with the next second.
   */
  private static Instant since(@Nullable Registration old, Instant now) {
    return old == null ? now : now.plusSeconds(1);
  }

  /** Removes; empty when there is nothing active to remove. */
  Optional<Registration> unregister(RegistrationKey key, Instant now) throws IOException {
    return change(
        key,
        old ->
            old == null || !old.active()
                ? null
                : new Registration(
                    key,
                    old.schedule(),
                    old.options(),
                    old.generation() + 1,
                    since(old, now),
                    Registration.State.REMOVED,
                    old.scheduling(),
                    null,
                    old.retention(),
                    old.drills()));
  }

  /** Asks for a run of what is active; empty when nothing is. */
  Optional<Registration> order(RegistrationKey key, RunOrder run) throws IOException {
    return change(key, old -> old == null || !old.active() ? null : old.ordered(run));
  }

  /** Makes a change; empty when there is nothing to be changed. */
  private Optional<Registration> change(RegistrationKey key, Change change) throws IOException {
    settle(); // an earlier change may have been announced, and its writing have failed
    for (int i = 0; i < TRIES; i++) {
      Known old = known.get(key);
      Registration wanted = change.of(old == null ? null : old.registration());
      if (wanted == null) {
        return Optional.empty();
      }
      lease.announce(wanted);
      if (tryToWrite(wanted)) {
        lease.settled();
        return Optional.of(wanted);
      }
      lease.settled();
    }
    throw new StoreException.Unavailable(
        "Failed to write the registration of " + key + ": it changes all the time.", null);
  }

  /** Whether it stands in the bucket now; if not, what does is known. */
  private boolean tryToWrite(Registration wanted) throws IOException {
    Known old = known.get(wanted.key());
    try {
      String etag = registry.save(wanted, old == null ? null : old.etag());
      known.put(wanted.key(), new Known(wanted, etag));
      return true;
    } catch (StoreException.ConditionFailed another) {
      Optional<Mirror.Read<Registration>> there = registry.findToChange(wanted.key());
      there.ifPresent(read -> known.put(wanted.key(), new Known(read.value(), read.etag())));
      return there.isPresent() && there.get().value().equals(wanted);
    }
  }
}
