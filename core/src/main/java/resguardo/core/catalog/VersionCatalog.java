package resguardo.core.catalog;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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

  /** How much further down the next look begins where versions are rare. */
  private static final int SPARSER = 8;

  private final ArchiveStore store;

  /** Over this store. */
  public VersionCatalog(ArchiveStore store) {
    this.store = store;
  }

  /** The numbers of all versions, ascending. */
  public List<Serial> serials(RegistrationKey key) throws StoreException {
    return manifests(key).stream()
        .map(manifest -> BucketLayout.serialOf(manifest.key()).orElseThrow())
        .toList();
  }

  /** The manifests of all versions, in the order of their numbers, ascending. */
  public List<StoredObject> manifests(RegistrationKey key) throws StoreException {
    List<StoredObject> manifests = new ArrayList<>();
    List<StoredObject> page = store.list(BucketLayout.manifests(key), null, PAGE);
    while (!page.isEmpty()) {
      page.stream()
          .filter(object -> BucketLayout.serialOf(object.key()).isPresent())
          .forEach(manifests::add);
      page = store.list(BucketLayout.manifests(key), page.get(page.size() - 1).key(), PAGE);
    }
    return manifests;
  }

  /**
   * The newest number; empty when there is no version.
   *
   * @param hint a number that was the newest some time ago, from where the search may begin;
   *     absent: from the first. If that version is gone by now, the search begins anew
   */
  public Optional<Serial> latest(RegistrationKey key, @Nullable Serial hint) throws StoreException {
    if (hint != null && has(key, hint)) {
      Optional<Serial> later = last(key, BucketLayout.manifest(key, hint));
      return later.isPresent() ? later : Optional.of(hint);
    }
    return last(key, null);
  }

  private Optional<Serial> last(RegistrationKey key, @Nullable ObjectKey after)
      throws StoreException {
    Optional<Serial> last = Optional.empty();
    List<StoredObject> page = store.list(BucketLayout.manifests(key), after, PAGE);
    while (!page.isEmpty()) {
      for (StoredObject object : page) {
        Optional<Serial> serial = BucketLayout.serialOf(object.key());
        last = serial.isPresent() ? serial : last;
      }
      page = store.list(BucketLayout.manifests(key), page.get(page.size() - 1).key(), PAGE);
    }
    return last;
  }

  /**
   * The numbers of the versions before one, newest first. It lists little more than these, however
   * many there are.
   *
   * @param most how many at the most, 1 or more
   */
  public List<Serial> before(RegistrationKey key, Serial serial, int most) throws StoreException {
    // Lists go upwards: so from some way below, and from further below where too few are there.
    for (long span = most; ; span *= SPARSER) {
      Deque<Serial> found = new ArrayDeque<>();
      Optional<Serial> last = Serial.before(serial, span + 1);
      ObjectKey after = last.map(from -> BucketLayout.manifest(key, from)).orElse(null);
      collectBelow(key, after, serial, (int) Math.min(PAGE, span + 1), most, found);
      if (found.size() == most || last.isEmpty()) {
        List<Serial> newestFirst = new ArrayList<>();
        found.descendingIterator().forEachRemaining(newestFirst::add);
        return newestFirst;
      }
    }
  }

  /** Keeps the last of those that come between a key and a number. */
  private void collectBelow(
      RegistrationKey key,
      @Nullable ObjectKey after,
      Serial end,
      int aPage,
      int most,
      Deque<Serial> found)
      throws StoreException {
    List<StoredObject> page = store.list(BucketLayout.manifests(key), after, aPage);
    while (!page.isEmpty()) {
      for (StoredObject object : page) {
        Optional<Serial> serial = BucketLayout.serialOf(object.key());
        if (serial.isPresent() && serial.get().compareTo(end) >= 0) {
          return;
        }
        serial.ifPresent(found::add);
        if (found.size() > most) {
          found.remove();
        }
      }
      page = store.list(BucketLayout.manifests(key), page.get(page.size() - 1).key(), aPage);
    }
  }

  /**
   * The version of this number, or where it is gone, the next that is there; empty when there is
   * none of this number or a higher one. What the version of a number would lean on that is still
   * needed, this one leans on: what a version of a registration does not need, no later one does.
   *
   * @throws DamagedException as of {@link #header}
   */
  public Optional<VersionHeader> firstFrom(RegistrationKey key, Serial serial) throws IOException {
    Optional<VersionHeader> itself = header(key, serial);
    @Nullable ObjectKey last = BucketLayout.manifest(key, serial);
    while (itself.isEmpty()) {
      List<StoredObject> next = store.list(BucketLayout.manifests(key), last, 1);
      if (next.isEmpty()) {
        return Optional.empty();
      }
      last = next.get(0).key();
      Optional<Serial> number = BucketLayout.serialOf(last);
      itself = number.isEmpty() ? Optional.empty() : header(key, number.get()); // gone meanwhile
    }
    return itself;
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

  /**
   * Whether a manifest for which {@link #header} throws that it is damaged is whole, and of another
   * program: then it is none that could be made anew.
   *
   * @throws StoreException.NotFound when there is no such version
   */
  public boolean isOfAnotherProgram(RegistrationKey key, Serial serial) throws IOException {
    return ManifestReader.isOfAnotherProgram(
        store.read(BucketLayout.manifest(key, serial), 0, Long.MAX_VALUE));
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
