package resguardo.worker;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  private static final String NO_LOCKS =
      "versions are to be locked, and the bucket has no object lock";

  private final ArchiveStore store;
  private final Clock clock;
  private final Optional<Duration> time;

  /**
   * @param time for how long; empty: nothing is locked
   */
  Locking(ArchiveStore store, Clock clock, Optional<Duration> time) {
    this.store = store;
    this.clock = clock;
    this.time = time;
  }

  /** Why no version can be as it is asked for; empty: one can. */
  Optional<String> refusal() throws StoreException {
    return time.isPresent() && store.locks().isEmpty() ? Optional.of(NO_LOCKS) : Optional.empty();
  }

  /**
   * To be called when a version was committed, before that is told.
   *
   * @throws StoreException.Denied when the store does not lock
   */
  void committed(VersionHeader version) throws StoreException {
    if (time.isPresent()) {
      lockAll(version, clock.instant().plus(time.get()));
    }
  }

  /**
   * To be called when a version was found to be what is there: it is needed still. It is locked
   * anew when less than half of its time is left, so that most rounds cost one question.
   *
   * @throws StoreException.Denied when the store does not lock
   */
  void needed(VersionHeader version) throws StoreException {
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
  private void lockAll(VersionHeader version, Instant until) throws StoreException {
    ObjectLock locks = locks();
    List<ObjectKey> keys = new ArrayList<>();
    version.archives().stream().map(ArchiveRef::key).map(ObjectKey::new).forEach(keys::add);
    keys.add(manifest(version));
    for (ObjectKey key : keys) {
      Optional<Instant> known = locks.until(key);
      if (known.isEmpty() || known.get().isBefore(until)) { // nothing can be shortened
        locks.lock(key, until);
      }
    }
  }

  private static ObjectKey manifest(VersionHeader version) {
    return BucketLayout.manifest(version.registration(), version.serial());
  }

  private ObjectLock locks() throws StoreException {
    return store.locks().orElseThrow(() -> new StoreException.Denied(NO_LOCKS, null));
  }
}
