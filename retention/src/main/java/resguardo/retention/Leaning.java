package resguardo.retention;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.ExpiryNote;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.VersionHeader;

/**
 * Whether anything leans on an archive of a version that is gone.
 *
 * <p>The next version is always made from the newest, and takes over archives of it alone. So an
 * archive is leaned on by the version that it was made for (whose number is in its name), and by
 * each after it up to the last that needs it. Of those that are still there, the nearest on each
 * side of the version that is gone says all. Whatever contradicts this was written by somebody
 * else, and the archive stays.
 */
final class Leaning {
  private static final Logger LOG = LoggerFactory.getLogger(Leaning.class);

  private final RegistrationKey key;
  private final Serial gone;
  private final Set<String> newer;
  private final Optional<VersionHeader> older;
  private final Set<String> slices;

  private Leaning(
      RegistrationKey key,
      Serial gone,
      Set<String> newer,
      Optional<VersionHeader> older,
      Set<String> slices) {
    this.key = key;
    this.gone = gone;
    this.newer = newer;
    this.older = older;
    this.slices = slices;
  }

  /**
   * As the bucket is now.
   *
   * @param slices names of the archives that slices lean on
   */
  static Leaning around(
      VersionCatalog versions, RegistrationKey key, Serial gone, Set<String> slices)
      throws IOException {
    Optional<VersionHeader> newer = versions.firstFrom(key, gone);
    Optional<VersionHeader> older = Optional.empty();
    List<Serial> before = versions.before(key, gone, 1);
    while (!before.isEmpty() && older.isEmpty()) {
      older = versions.header(key, before.get(0));
      before = versions.before(key, before.get(0), 1); // it may be gone by now too
    }
    return new Leaning(
        key, gone, newer.map(header -> names(key, header)).orElse(Set.of()), older, slices);
  }

  /** The names of the archives of this registration that a version leans on. */
  static Set<String> names(RegistrationKey key, VersionHeader version) {
    Set<String> names = new HashSet<>();
    version
        .archives()
        .forEach(ref -> BucketLayout.archiveName(key, ref.key()).ifPresent(names::add));
    return names;
  }

  /**
   * Whether no later version, but a slice leans on an archive. It has to stay while the slice does;
   * when that goes without having become a version, nothing else says that the archive may go.
   */
  boolean isOnSlice(ExpiryNote.Archive archive) {
    return slices.contains(archive.name()) && !newer.contains(archive.name());
  }

  /** Whether an archive has to stay that no slice is on. */
  boolean isOn(ExpiryNote.Archive archive) {
    if (newer.contains(archive.name())) {
      return true;
    }
    Optional<Serial> madeFor =
        BucketLayout.serialOfArchive(new ObjectKey(BucketLayout.archives(key) + archive.name()));
    if (madeFor.isEmpty() || madeFor.get().compareTo(gone) > 0) {
      LOG.warn("version {} of {} named an archive of a later one: {}", gone, key, archive.name());
      return true;
    }
    if (older.isEmpty() || older.get().serial().compareTo(madeFor.get()) < 0) {
      return false;
    }
    if (!names(key, older.get()).contains(archive.name())) {
      LOG.warn(
          "version {} of {} named an archive that the one before had left: {}",
          gone,
          key,
          archive.name());
    }
    return true;
  }
}
