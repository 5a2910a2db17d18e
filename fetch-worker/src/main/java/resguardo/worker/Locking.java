package resguardo.worker;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.StoreException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;

/**
 * Locks a version and all that it leans on, for as long as its registration says. An archive that
 * later versions lean on is locked anew with each of them, so that it is free when the last of them
 * is. A repeat does no harm: whoever does a job again, because somebody died over it, locks again.
 */
final class Locking {
  /** Its job fails with this reason: to try it again at once would be refused again. */
  static final class NotLockedException extends IOException {
    private static final long serialVersionUID = 1;

    NotLockedException(String why, StoreException.Denied cause) {
      super(why, cause);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Locking.class);

  private static final String NO_LOCKS =
      "versions are to be locked, and the bucket has no object lock";

  private final ArchiveStore store;
  private final Clock clock;
  private final Optional<Duration> time;
  private final @Nullable Duration longest;

  /**
   * @param time for how long; empty: nothing is locked
   * @param longest for no longer than this; absent: for any time
   */
  Locking(ArchiveStore store, Clock clock, Optional<Duration> time, @Nullable Duration longest) {
    this.store = store;
    this.clock = clock;
    this.time = time;
    this.longest = longest;
  }

  /** Why no version can be as it is asked for; empty: one can, as far as is known. */
  Optional<String> refusal() throws StoreException {
    if (time.isEmpty()) {
      return Optional.empty();
    } else if (store.locks().isEmpty()) {
      return Optional.of(NO_LOCKS);
    } else if (longest != null && time.get().compareTo(longest) > 0) {
      return Optional.of(
          "versions are to be locked for %s, and this worker locks for %s at most (--lock-at-most): register it with a shorter --lock-for"
              .formatted(text(time.get()), text(longest)));
    }
    return Optional.empty();
  }

  private static String text(Duration time) {
    long days = time.toDays();
    return time.equals(Duration.ofDays(days)) ? days + "d" : time.toSeconds() + "s";
  }

  /**
   * To be called before anything is made after the newest version: one that has no lock at all
   * could not be locked when it was committed, or was not to be. So a key that may not lock leaves
   * one version without, and not one at each slot, and what was refused is made up for.
   *
   * @throws NotLockedException when the store does not lock
   */
  void before(VersionHeader newest) throws IOException {
    if (time.isPresent() && locks().until(manifest(newest)).isEmpty()) {
      try {
        lockAll(newest, clock.instant().plus(time.get()));
      } catch (StoreException.NotFound damaged) {
        // Something that it leans on is gone: the job looks what can be done about that.
        LOG.debug("version {} is not locked", newest.serial(), damaged);
      }
    }
  }

  /**
   * To be called when a version was committed, before that is told.
   *
   * @throws NotLockedException when the store does not lock
   */
  void committed(VersionHeader version) throws IOException {
    if (time.isPresent()) {
      lockAll(version, clock.instant().plus(time.get()));
    }
  }

  /**
   * To be called when a version was found to be what is there: it is needed still. It is locked
   * anew when less than half of its time is left, so that most rounds cost one question.
   *
   * @throws NotLockedException when the store does not lock
   */
  void needed(VersionHeader version) throws IOException {
    if (time.isEmpty()) {
      return;
    }
    Instant now = clock.instant();
    Optional<Instant> until = locks().until(manifest(version));
    if (until.isEmpty() || until.get().isBefore(now.plus(time.get().dividedBy(2)))) {
      lockAll(version, now.plus(time.get()));
    }
  }

  /** The manifest last: one that is locked says that its archives are. */
  private void lockAll(VersionHeader version, Instant until) throws IOException {
    ObjectLock locks = locks();
    List<ObjectKey> keys = new ArrayList<>();
    version.archives().stream().map(ArchiveRef::key).map(ObjectKey::new).forEach(keys::add);
    keys.add(manifest(version));
    for (ObjectKey key : keys) {
      Optional<Instant> known = locks.until(key);
      if (known.isEmpty() || known.get().isBefore(until)) { // nothing can be shortened
        lock(locks, key, until, version);
      }
    }
  }

  private void lock(ObjectLock locks, ObjectKey key, Instant until, VersionHeader version)
      throws IOException {
    try {
      locks.lock(key, until);
    } catch (StoreException.Denied refused) {
      throw new NotLockedException(
          "version %s is there and could not be locked for %s: the worker's key of the store may not, or not for so long (--lock-at-most): %s"
              .formatted(version.serial(), text(time.orElse(Duration.ZERO)), refused.getMessage()),
          refused);
    }
  }

  private static ObjectKey manifest(VersionHeader version) {
    return BucketLayout.manifest(version.registration(), version.serial());
  }

  private ObjectLock locks() throws StoreException {
    return store.locks().orElseThrow(() -> new StoreException.Denied(NO_LOCKS, null));
  }
}
