package resguardo.transfer.copy;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.VersionHeader;

/** One look at one registration: compare → copy what is missing → lock → remove what is gone. */
final class RegistrationCopy {
  private final ArchiveStore target;
  private final VersionCatalog ofSource;
  private final VersionCatalog ofTarget;
  private final VersionCopy versions;
  private final NoteCopy notes;
  private final Pruning pruning;
  private final ExportOptions options;
  private final Platform platform;
  private final Lanes lanes;
  private final Account account;

  /**
   * @param account of this registration alone: where it has a problem, nothing is removed
   */
  RegistrationCopy(
      ArchiveStore source,
      ArchiveStore target,
      VersionCopy versions,
      NoteCopy notes,
      Pruning pruning,
      ExportOptions options,
      Platform platform,
      Lanes lanes,
      Account account) {
    this.target = target;
    this.ofSource = new VersionCatalog(source);
    this.ofTarget = new VersionCatalog(target);
    this.versions = versions;
    this.notes = notes;
    this.pruning = pruning;
    this.options = options;
    this.platform = platform;
    this.lanes = lanes;
    this.account = account;
  }

  /**
   * Looks.
   *
   * @param there the numbers of the versions of the source, ascending, one or more
   * @return whether the target may be one that this source was copied to; if not, nothing was done
   */
  boolean run(RegistrationKey key, List<Serial> there) throws IOException, InterruptedException {
    TreeSet<Serial> copied = new TreeSet<>(ofTarget.serials(key));
    Optional<String> other = otherwise(key, there, copied);
    if (other.isPresent()) {
      account.problem(key + ": " + other.get());
      return false;
    }
    int most = options.last() == null ? there.size() : Math.min(options.last(), there.size());
    for (Serial serial : there.subList(there.size() - most, there.size())) {
      lanes.check();
      if (!copied.contains(serial)) {
        copy(key, serial);
      } else if (options.lock() != null) {
        lockWhatIsNot(key, serial);
      }
    }
    notes.all(BucketLayout.alarms(key), account);
    notes.all(BucketLayout.acceptances(key), account);
    lanes.check();
    if (options.prune() != null && account.problems() == 0) {
      pruning.look(key, there, options.prune());
    }
    return true;
  }

  private void copy(RegistrationKey key, Serial serial) throws IOException, InterruptedException {
    try {
      Optional<VersionHeader> version = versions.copy(key, serial);
      if (version.isPresent() && options.lock() != null) {
        lock(version.get());
      }
    } catch (DamagedException damaged) {
      account.problem(key + " " + serial + " is not copied: " + damaged.getMessage());
    }
  }

  /** Why the target is not one that this source was copied to; empty: it may be. */
  private Optional<String> otherwise(
      RegistrationKey key, List<Serial> there, TreeSet<Serial> copied) throws IOException {
    if (copied.isEmpty()) {
      return Optional.empty();
    }
    Serial newest = there.get(there.size() - 1);
    if (copied.last().compareTo(newest) > 0) {
      return Optional.of(
          "the target has version "
              + copied.last()
              + ", and the newest of the source is "
              + newest
              + ": somebody else writes to the target, or the source has lost versions; nothing is done");
    }
    Serial common = common(there, copied);
    if (common == null || copied.last().equals(newest) && copied.size() == there.size()) {
      return Optional.empty(); // nothing to be copied, and nothing is gone
    }
    Optional<VersionHeader> one = ofSource.header(key, common);
    Optional<VersionHeader> two = ofTarget.header(key, common);
    boolean same = one.isEmpty() || two.isEmpty() || one.get().equals(two.get());
    return same
        ? Optional.empty()
        : Optional.of(
            "version "
                + common
                + " of the target is another than that of the source; nothing is done");
  }

  private static @Nullable Serial common(List<Serial> there, TreeSet<Serial> copied) {
    for (int i = there.size() - 1; i >= 0; i--) {
      if (copied.contains(there.get(i))) {
        return there.get(i);
      }
    }
    return null;
  }

  /** Whoever was killed between the commit and the lock left one that is not. */
  private void lockWhatIsNot(RegistrationKey key, Serial serial) throws IOException {
    if (locks().until(BucketLayout.manifest(key, serial)).isEmpty()) {
      Optional<VersionHeader> version = ofTarget.header(key, serial);
      if (version.isPresent()) {
        lock(version.get());
      }
    }
  }

  /** The manifest last: one that is locked says that its archives are. */
  private void lock(VersionHeader version) throws IOException {
    if (options.lock() == null) {
      return;
    }
    Instant until = platform.clock().instant().plus(options.lock());
    for (ArchiveRef archive : version.archives()) {
      lock(new ObjectKey(archive.key()), until);
    }
    lock(BucketLayout.manifest(version.registration(), version.serial()), until);
  }

  private void lock(ObjectKey object, Instant until) throws StoreException {
    Optional<Instant> known = locks().until(object);
    if (known.isEmpty() || known.get().isBefore(until)) {
      locks().lock(object, until);
    }
  }

  private ObjectLock locks() throws StoreException {
    return target
        .locks()
        .orElseThrow(
            () -> new StoreException.Denied("the target has no object lock: --lock-for", null));
  }
}
