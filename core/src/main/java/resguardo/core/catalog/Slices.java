package resguardo.core.catalog;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.VersionHeader;

/**
 * The slices of a version in the making: each is a manifest that says what was brought so far, and
 * the base of the next attempt, at whichever job of the registration that is. None is a version.
 */
public final class Slices {
  private static final int PAGE = 1000;
  private static final Logger LOG = LoggerFactory.getLogger(Slices.class);

  private final ArchiveStore store;

  /** Over this store. */
  public Slices(ArchiveStore store) {
    this.store = store;
  }

  /**
   * A slice.
   *
   * @param number 1 for the first of its version
   * @param header as of a version; its serial is that of the version in the making
   */
  public record Slice(Serial number, VersionHeader header) {
    /** Where its manifest lies. */
    public ObjectKey key() {
      return BucketLayout.slice(
          header.registration(), new BucketLayout.SliceName(header.serial(), number));
    }
  }

  /**
   * How far a version in the making is.
   *
   * @param newest from which to go on; absent: there is none, and it begins with the newest version
   * @param next the number of the next slice
   */
  public record Begun(@Nullable Slice newest, Serial next) {}

  /**
   * Where to go on with a version. A slice that cannot be read is left out.
   *
   * @param serial of the version in the making
   * @param done the last slot at which the set was brought, or found to be as the newest version:
   *     slices of jobs up to there stand for nothing any more; absent: there was none
   */
  public Begun begun(RegistrationKey key, Serial serial, @Nullable Instant done)
      throws IOException {
    List<Serial> numbers = numbers(key, serial);
    Collections.reverse(numbers);
    Serial next = numbers.isEmpty() ? Serial.first() : numbers.get(0).next();
    for (Serial number : numbers) {
      Optional<Slice> slice = find(key, new BucketLayout.SliceName(serial, number));
      if (slice.isPresent() && isLive(slice.get().header(), done)) {
        return new Begun(slice.get(), next);
      }
    }
    return new Begun(null, next);
  }

  /** Whether a slice still is to be gone on from; see {@link #begun}. */
  public static boolean isLive(VersionHeader slice, @Nullable Instant done) {
    return done == null || slice.slot().isAfter(done);
  }

  private List<Serial> numbers(RegistrationKey key, Serial serial) throws StoreException {
    List<Serial> numbers = new ArrayList<>();
    String prefix = BucketLayout.slices(key) + serial.text() + "-";
    List<StoredObject> page = store.list(prefix, null, PAGE);
    while (!page.isEmpty()) {
      page.forEach(
          object ->
              BucketLayout.sliceOf(object.key()).ifPresent(name -> numbers.add(name.number())));
      page = store.list(prefix, page.get(page.size() - 1).key(), PAGE);
    }
    return numbers;
  }

  private Optional<Slice> find(RegistrationKey key, BucketLayout.SliceName name)
      throws IOException {
    try (ManifestReader reader =
        Manifests.open(
            store,
            BucketLayout.slice(key, name),
            key,
            name.serial(),
            ManifestReader.HEADER_AT_MOST)) {
      return Optional.of(new Slice(name.number(), reader.header()));
    } catch (StoreException.NotFound goneMeanwhile) {
      return Optional.empty();
    } catch (DamagedException damaged) {
      LOG.warn("a slice is left out: {}", damaged.getMessage());
      return Optional.empty();
    }
  }

  /** Gives the headers of all slices of a registration; one that cannot be read is left out. */
  public void each(RegistrationKey key, Consumer<VersionHeader> taker) throws IOException {
    List<StoredObject> page = store.list(BucketLayout.slices(key), null, PAGE);
    while (!page.isEmpty()) {
      for (StoredObject object : page) {
        Optional<BucketLayout.SliceName> name = BucketLayout.sliceOf(object.key());
        if (name.isPresent()) {
          find(key, name.get()).map(Slice::header).ifPresent(taker);
        }
      }
      page = store.list(BucketLayout.slices(key), page.get(page.size() - 1).key(), PAGE);
    }
  }

  /** Whether it is still there. */
  public boolean exists(Slice slice) throws StoreException {
    return store.head(slice.key()).isPresent();
  }

  /**
   * The manifest of a slice, to be read line by line; the caller closes it.
   *
   * @throws StoreException.NotFound when it is gone
   * @throws DamagedException when it is none
   */
  public ManifestReader manifest(Slice slice) throws IOException {
    VersionHeader header = slice.header();
    return Manifests.open(
        store, slice.key(), header.registration(), header.serial(), Long.MAX_VALUE);
  }

  /**
   * Writes a slice where there is none of its number.
   *
   * @throws StoreException.ConditionFailed when there is one: another attempt was faster
   */
  public void put(Slice slice, Content manifest) throws StoreException {
    store.putIfAbsent(slice.key(), manifest);
  }
}
