package resguardo.core.catalog;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.VersionHeader;

/** The versions of a registration key, as their manifests say. */
public final class VersionCatalog {
  private static final int PAGE = 1000;

  private final ArchiveStore store;

  /** Over this store. */
  public VersionCatalog(ArchiveStore store) {
    this.store = store;
  }

  /** The numbers of all versions, ascending. */
  public List<Serial> serials(RegistrationKey key) throws StoreException {
    return serials(key, null);
  }

  private List<Serial> serials(RegistrationKey key, @Nullable ObjectKey after)
      throws StoreException {
    List<Serial> serials = new ArrayList<>();
    List<StoredObject> page = store.list(BucketLayout.manifests(key), after, PAGE);
    while (!page.isEmpty()) {
      page.forEach(object -> BucketLayout.serialOf(object.key()).ifPresent(serials::add));
      page = store.list(BucketLayout.manifests(key), page.get(page.size() - 1).key(), PAGE);
    }
    return serials;
  }

  /**
   * The newest number; empty when there is no version.
   *
   * @param hint a number that was the newest some time ago, from where the search may begin;
   *     absent: from the first. If that version is gone by now, the search begins anew
   */
  public Optional<Serial> latest(RegistrationKey key, @Nullable Serial hint) throws StoreException {
    if (hint != null && has(key, hint)) {
      List<Serial> later = serials(key, BucketLayout.manifest(key, hint));
      return Optional.of(later.isEmpty() ? hint : later.get(later.size() - 1));
    }
    List<Serial> all = serials(key);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /** Whether there is this version. */
  public boolean has(RegistrationKey key, Serial serial) throws StoreException {
    return store.head(BucketLayout.manifest(key, serial)).isPresent();
  }

  /**
   * What is said of a version as a whole, read by one short range; empty when there is no such
   * version.
   *
   * @throws DamagedException when its manifest is not one, or of another version
   */
  public Optional<VersionHeader> header(RegistrationKey key, Serial serial) throws IOException {
    try (ManifestReader reader = open(key, serial, ManifestReader.HEADER_AT_MOST)) {
      return Optional.of(reader.header());
    } catch (StoreException.NotFound none) {
      return Optional.empty();
    }
  }

  /**
   * The manifest of a version, to be read line by line; the caller closes it.
   *
   * @throws StoreException.NotFound when there is no such version
   * @throws DamagedException when its manifest is not one, or of another version
   */
  public ManifestReader manifest(RegistrationKey key, Serial serial) throws IOException {
    return open(key, serial, Long.MAX_VALUE);
  }

  private ManifestReader open(RegistrationKey key, Serial serial, long bytes) throws IOException {
    return Manifests.open(store, BucketLayout.manifest(key, serial), key, serial, bytes);
  }

  /** The newest version whose slot is not after this time; empty when there is none. */
  public Optional<VersionHeader> asOf(RegistrationKey key, Instant time) throws IOException {
    List<Serial> serials = serials(key);
    for (int i = serials.size() - 1; i >= 0; i--) {
      Optional<VersionHeader> header = header(key, serials.get(i));
      if (header.isPresent() && !header.get().slot().isAfter(time)) {
        return header;
      }
    }
    return Optional.empty();
  }
}
