package resguardo.core.retention;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.RetentionPolicy;
import resguardo.core.Serial;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.Damage;
import resguardo.core.catalog.DamageBook;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.ExpiryHold;
import resguardo.core.catalog.ProvenHold;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;

/**
 * Which versions of a registration a policy keeps and which it expires, as the bucket is now,
 * newest first and a page at a time: of any number of versions no more than a page is in memory.
 * Changes nothing.
 *
 * <p>What would be freed follows from how versions lean on archives: an archive is leaned on by the
 * version that it was made for, and by each after it up to the last that needs it, with none left
 * out between. So an archive is needed by a version that is kept exactly when the nearest one that
 * is kept, newer or older, leans on it.
 */
public final class RetentionPlan {
  private static final int READ_AT_ONCE = 16;

  private final ArchiveStore store;
  private final Platform platform;
  private final VersionCatalog versions;
  private final Alarms alarms;
  private final RegistrationKey key;
  private final RetentionPolicy policy;
  private final Instant now;

  /**
   * @param now by the clock of the store or one that is near
   */
  public RetentionPlan(
      ArchiveStore store,
      Platform platform,
      RegistrationKey key,
      RetentionPolicy policy,
      Instant now) {
    this.store = store;
    this.platform = platform;
    this.versions = new VersionCatalog(store);
    this.alarms = new Alarms(store);
    this.key = key;
    this.policy = policy;
    this.now = now;
  }

  /**
   * A version.
   *
   * @param bytes of all archives that it leans on
   * @param frees how many of these nothing that stays leans on, nor an older version that goes: so
   *     over all lines each archive is counted once; 0 where it is kept
   * @param kept why it is kept; none: it is to be expired
   */
  public record Decided(VersionHeader header, long bytes, long frees, List<KeepReason> kept) {
    public Decided {
      kept = List.copyOf(kept);
    }

    /** Whether it is to be expired. */
    public boolean expires() {
      return kept.isEmpty();
    }
  }

  /**
   * Some versions, newest first.
   *
   * @param next what to ask for the next page with; absent: there is none
   */
  public record Page(List<Decided> versions, @Nullable PlanCursor next) {
    public Page {
      versions = List.copyOf(versions);
    }
  }

  /** All that is read of a version before it is decided about. */
  private record Read(
      VersionHeader header, boolean alarm, boolean proven, @Nullable Instant lockedUntil) {
    Set<String> leaned() {
      Set<String> names = new HashSet<>();
      header.archives().forEach(ref -> names.add(name(ref)));
      return names;
    }
  }

  /** The last part of its key: with these, where a page begins is a short message. */
  private static String name(ArchiveRef archive) {
    return archive.key().substring(archive.key().lastIndexOf('/') + 1);
  }

  /**
   * The next versions.
   *
   * @param from as the page before said; absent: the newest
   * @param most how many at the most
   * @throws DamagedException when a manifest is none: whether it has an alarm, and what it leans
   *     on, is not known, so nothing is to be expired before an operator has looked; or as of
   *     {@link ProvenHold}
   * @throws IOException when the bucket cannot be read
   */
  public Page page(@Nullable PlanCursor from, int most) throws IOException {
    List<Serial> serials = serials(from, most + 1);
    List<Read> all = read(serials);
    boolean more = serials.size() > most;
    Keeping keeping = new Keeping(policy, now, from == null ? Keeping.State.NONE : from.keeping());
    Set<String> leaned = from == null ? Set.of() : Set.copyOf(from.leaned());
    List<Decided> decided = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Read version = all.get(i);
      if (more && version.header().serial().equals(serials.get(most))) {
        break; // it was only looked at for what the one before it shares with it
      }
      List<KeepReason> kept = decide(keeping, version);
      Set<String> older = i + 1 < all.size() ? all.get(i + 1).leaned() : Set.of();
      decided.add(decided(version, kept, leaned, older));
      leaned = kept.isEmpty() ? leaned : version.leaned();
    }
    return new Page(
        decided,
        more ? new PlanCursor(serials.get(most - 1), keeping.state(), List.copyOf(leaned)) : null);
  }

  private List<Serial> serials(@Nullable PlanCursor from, int most) throws StoreException {
    if (from != null) {
      return versions.before(key, from.before(), most);
    }
    Optional<Serial> newest = versions.latest(key, null);
    return newest.isEmpty() ? List.of() : versions.before(key, newest.get().next(), most);
  }

  private List<KeepReason> decide(Keeping keeping, Read version) throws IOException {
    VersionHeader header = version.header();
    boolean good = keeping.seeksGood() && isGood(header);
    List<KeepReason> kept =
        keeping.decide(
            new Keeping.Candidate(header.slot(), version.alarm(), version.proven(), good));
    Instant until = version.lockedUntil();
    if (kept.isEmpty() && until != null && until.isAfter(now)) {
      kept.add(KeepReason.lockedUntil(until));
    }
    return kept;
  }

  private boolean isGood(VersionHeader header) throws IOException {
    Optional<Damage> damage =
        new DamageBook(store).find(key).filter(known -> known.isOpen(header.serial()));
    if (damage
        .filter(known -> known.isIn(BucketLayout.manifest(key, header.serial())))
        .isPresent()) {
      return false;
    }
    for (ArchiveRef ref : header.archives()) {
      if (damage.filter(known -> known.isIn(new ObjectKey(ref.key()))).isPresent()) {
        return false;
      }
      if (store
          .head(new ObjectKey(ref.key()))
          .filter(object -> object.size() == ref.bytes())
          .isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private Decided decided(
      Read version, List<KeepReason> kept, Set<String> leaned, Set<String> older) {
    long bytes = 0;
    long frees = 0;
    for (ArchiveRef ref : version.header().archives()) {
      bytes += ref.bytes();
      if (kept.isEmpty() && !leaned.contains(name(ref)) && !older.contains(name(ref))) {
        frees += ref.bytes();
      }
    }
    return new Decided(version.header(), bytes, frees, kept);
  }

  /** Those that are there still, in the same order. */
  private List<Read> read(List<Serial> serials) throws IOException {
    if (serials.isEmpty()) {
      return List.of();
    }
    Optional<ObjectLock> locks = store.locks();
    Serial proven = new ProvenHold(store).find(key).orElse(null);
    ExecutorService threads = platform.pool("headers", Math.min(READ_AT_ONCE, serials.size()));
    try {
      List<Future<Optional<Read>>> reads = new ArrayList<>();
      for (Serial serial : serials) {
        Callable<Optional<Read>> read = () -> read(serial, serial.equals(proven), locks);
        reads.add(threads.submit(read));
      }
      List<Read> all = new ArrayList<>();
      for (Future<Optional<Read>> read : reads) {
        await(read).ifPresent(all::add);
      }
      return all;
    } finally {
      threads.shutdownNow();
    }
  }

  private Optional<Read> read(Serial serial, boolean proven, Optional<ObjectLock> locks)
      throws IOException {
    Optional<VersionHeader> header = versions.header(key, serial);
    if (header.isEmpty()) {
      return Optional.empty();
    }
    boolean alarm = ExpiryHold.isOpen(alarms, header.get());
    try {
      Instant until =
          locks.isEmpty()
              ? null
              : locks.get().until(BucketLayout.manifest(key, serial)).orElse(null);
      return Optional.of(new Read(header.get(), alarm, proven, until));
    } catch (StoreException.NotFound gone) {
      return Optional.empty();
    }
  }

  private static <T> T await(Future<T> read) throws IOException {
    try {
      return read.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException unreadable) {
        throw unreadable;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
