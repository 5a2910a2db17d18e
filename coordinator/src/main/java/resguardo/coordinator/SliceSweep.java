package resguardo.coordinator;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Registry;
import resguardo.core.catalog.Slices;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.VersionHeader;

/**
 * Looks which slices are still to be gone on from, and removes the others. One look over a part of
 * the bucket: look → notes (see {@link StagingSweep}) → remove.
 *
 * <p>A worker may just have taken a slice as its base that is removed here. It looks whether that
 * is still there before it names its archives anywhere; so they must outlive the slice for as long
 * as an attempt may live. That is why the notes of these archives are written anew before it goes.
 */
final class SliceSweep {
  /**
   * A set that nothing was brought of for so long has become another; as long as agents remember.
   */
  static final Duration KEPT = Duration.ofDays(60);

  /** The newest, and the one before it, which an attempt may still be reading. */
  private static final int NEWEST = 2;

  private static final int PAGE = 1000;
  private static final Logger LOG = LoggerFactory.getLogger(SliceSweep.class);

  private final ArchiveStore store;
  private final Registry registry;
  private final StatusBook statuses;
  private final VersionCatalog versions;
  private final Instant now;
  private final Set<String> kept = new HashSet<>();
  private final Set<String> leaving = new HashSet<>();
  private final Deque<ObjectKey> committed = new ArrayDeque<>();
  private final Deque<ObjectKey> over = new ArrayDeque<>();
  private final Map<RegistrationKey, Optional<Instant>> done = new HashMap<>();

  /** A slice that is there; absent header: it cannot be read. */
  private record Found(StoredObject object, Serial serial, @Nullable VersionHeader header) {}

  SliceSweep(ArchiveStore store, Instant now) {
    this.store = store;
    this.registry = new Registry(store);
    this.statuses = new StatusBook(store);
    this.versions = new VersionCatalog(store);
    this.now = now;
  }

  /**
   * Looks at slices.
   *
   * @param prefix of their keys, with all slices of a registration or none
   */
  void look(String prefix) throws IOException {
    Deque<Found> ofOneVersion = new ArrayDeque<>();
    String last = "";
    List<StoredObject> page = store.list(prefix, null, PAGE);
    while (!page.isEmpty()) {
      for (StoredObject object : page) {
        Optional<BucketLayout.SliceName> name = BucketLayout.sliceOf(object.key());
        if (name.isEmpty()) {
          continue;
        }
        String version = version(object.key());
        if (!version.equals(last)) {
          decide(ofOneVersion);
          last = version;
        }
        ofOneVersion.push(new Found(object, name.get().serial(), header(object.key())));
      }
      page = store.list(prefix, page.get(page.size() - 1).key(), PAGE);
    }
    decide(ofOneVersion);
  }

  /** What the keys of all slices of one version have in common. */
  private static String version(ObjectKey slice) {
    return slice.value().substring(0, slice.value().lastIndexOf('-'));
  }

  private @Nullable VersionHeader header(ObjectKey slice) throws StoreException {
    try (ManifestReader reader =
        new ManifestReader(store.read(slice, 0, ManifestReader.HEADER_AT_MOST))) {
      return reader.header();
    } catch (StoreException e) {
      throw e;
    } catch (IOException | MalformedMessageException e) {
      LOG.warn("a slice that cannot be read: {}: {}", slice, e.getMessage());
      return null;
    }
  }

  /**
   * @param slices of one version, newest first; taken
   */
  private void decide(Deque<Found> slices) throws IOException {
    for (int newer = 0; !slices.isEmpty(); newer++) {
      Found slice = slices.pop();
      try {
        decide(slice, newer);
      } catch (DamagedException unknown) {
        LOG.warn("{} stays: {}", slice.object().key(), unknown.getMessage());
        archives(slice.header()).forEach(kept::add);
      }
    }
  }

  private void decide(Found slice, int newer) throws IOException {
    VersionHeader header = slice.header();
    if (header != null && isCommitted(header)) {
      committed.add(slice.object().key());
    } else if (isOver(slice, newer)) {
      over.add(slice.object().key());
      archives(header).forEach(leaving::add);
    } else {
      archives(header).forEach(kept::add);
    }
  }

  private static List<String> archives(@Nullable VersionHeader header) {
    return header == null ? List.of() : header.archives().stream().map(ArchiveRef::key).toList();
  }

  /** Also where its version was expired since. */
  private boolean isCommitted(VersionHeader slice) throws IOException {
    return versions.firstFrom(slice.registration(), slice.serial()).isPresent();
  }

  private boolean isOver(Found slice, int newer) throws IOException {
    VersionHeader header = slice.header();
    Instant written = slice.object().modified();
    if (header == null || written.plus(KEPT).isBefore(now)) {
      return written.plus(KEPT).isBefore(now);
    }
    boolean wanted =
        written.plus(StagingSweep.ABANDONED).isAfter(now)
            || registry.find(header.registration()).filter(Registration::active).isPresent();
    return newer >= NEWEST
        || !wanted
        || !Slices.isLive(header, done(header.registration()).orElse(null));
  }

  private Optional<Instant> done(RegistrationKey key) throws IOException {
    Optional<Instant> known = done.get(key);
    if (known == null) {
      known = statuses.find(key).map(Status::lastSuccess);
      done.put(key, known);
    }
    return known;
  }

  /** Whether a slice that stays names this archive. */
  boolean keeps(String archive) {
    return kept.contains(archive);
  }

  /** Whether a slice that goes named it until now, and none that stays does. */
  boolean letsGo(String archive) {
    return leaving.contains(archive) && !keeps(archive);
  }

  /** Removes the slices of versions that were committed. */
  void removeCommitted() throws StoreException {
    remove(committed);
  }

  /**
   * Removes all that are not to be gone on from; to be called after the notes of what they {@link
   * #letsGo let go} are written anew.
   */
  void removeAll() throws StoreException {
    remove(committed);
    remove(over);
  }

  private void remove(Deque<ObjectKey> slices) throws StoreException {
    while (!slices.isEmpty()) {
      store.delete(slices.peek());
      slices.remove();
    }
  }
}
