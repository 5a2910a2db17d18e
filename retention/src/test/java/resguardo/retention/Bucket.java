package resguardo.retention;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.version.ArchiveRef;
import resguardo.testkit.store.ForwardingStore;
import resguardo.testkit.store.MemoryArchiveStore;

/** A bucket whose clock is set by hand, and processes of which may die at any change. */
final class Bucket {
  private final SetClock clock = new SetClock(Instant.parse("2026-06-01T00:00:00Z"));
  final MemoryArchiveStore store = new MemoryArchiveStore(clock);

  /** A clock that goes on when it is told to. */
  private static final class SetClock extends Clock {
    private volatile Instant now;

    SetClock(Instant now) {
      this.now = now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  Clock clock() {
    return clock;
  }

  Instant now() {
    return clock.instant();
  }

  void pass(Duration time) {
    clock.now = clock.now.plus(time);
  }

  /** What a process sees of it that has been killed. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Killed() {
      super("killed", null, false, false);
    }
  }

  /** What happens at each change, before and after it. */
  interface Meddler {
    void at(ObjectKey changed, boolean after) throws StoreException;
  }

  /** The bucket as one process sees it that is killed right before its change of this number. */
  ArchiveStore killedBefore(int change) {
    return new Watched(new Killing(change, false));
  }

  /** Likewise right after. */
  ArchiveStore killedAfter(int change) {
    return new Watched(new Killing(change, true));
  }

  ArchiveStore meddledWith(Meddler meddler) {
    return new Watched(meddler);
  }

  private static final class Killing implements Meddler {
    private final int change;
    private final boolean after;
    private int changes;
    private boolean dead;

    Killing(int change, boolean after) {
      this.change = change;
      this.after = after;
    }

    @Override
    public synchronized void at(ObjectKey changed, boolean isAfter) {
      changes += isAfter ? 0 : 1;
      // Others may have begun theirs since: what is hit then is one of them.
      dead |= changes >= change && isAfter == after;
      if (dead) {
        throw new Killed();
      }
    }
  }

  private final class Watched extends ForwardingStore {
    private final Meddler meddler;

    Watched(Meddler meddler) {
      super(store);
      this.meddler = meddler;
    }

    @Override
    public StoredObject put(ObjectKey key, Content content) throws StoreException {
      meddler.at(key, false);
      StoredObject put = super.put(key, content);
      meddler.at(key, true);
      return put;
    }

    @Override
    public void delete(ObjectKey key) throws StoreException {
      meddler.at(key, false);
      super.delete(key);
      meddler.at(key, true);
    }
  }

  Set<String> keys(String prefix) {
    Set<String> keys = new TreeSet<>();
    @Nullable ObjectKey last = null;
    List<StoredObject> page = store.list(prefix, null, 1000);
    while (!page.isEmpty()) {
      page.forEach(object -> keys.add(object.key().value()));
      last = page.get(page.size() - 1).key();
      page = store.list(prefix, last, 1000);
    }
    return keys;
  }

  /** The archives that versions lean on. */
  Set<String> leanedOn(RegistrationKey key) throws Exception {
    VersionCatalog versions = new VersionCatalog(store);
    Set<String> archives = new HashSet<>();
    for (Serial serial : versions.serials(key)) {
      versions.header(key, serial).orElseThrow().archives().stream()
          .map(ArchiveRef::key)
          .forEach(archives::add);
    }
    return archives;
  }

  Set<String> archives() {
    return keys(BucketLayout.ARCHIVES);
  }

  /** What is said of versions on their way out. */
  Set<String> notes() {
    Set<String> notes = keys(BucketLayout.EXPIRING);
    notes.remove(BucketLayout.EXPIRY_ROUND.value());
    return notes;
  }
}
