package resguardo.core.catalog;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Json;

/**
 * The registrations as they stand in the bucket. Written by the coordinator that leads alone, read
 * by workers too.
 */
public final class Registry {
  private final ArchiveStore store;

  /** Over this store. */
  public Registry(ArchiveStore store) {
    this.store = store;
  }

  /**
   * The registration of this key, removed ones included; empty when there never was one.
   *
   * @throws DamagedException when the object holds something else, or the registration of another
   *     key
   */
  public Optional<Registration> find(RegistrationKey key) throws IOException {
    Optional<Registration> found =
        Objects.read(store, BucketLayout.registration(key), Registration.class);
    if (found.isPresent() && !found.get().key().equals(key)) {
      throw new DamagedException(BucketLayout.registration(key), "it is of " + found.get().key());
    }
    return found;
  }

  /** As {@link #find}, with what is needed to write the next one over it. */
  public Optional<Mirror.Read<Registration>> findToChange(RegistrationKey key) throws IOException {
    ObjectKey object = BucketLayout.registration(key);
    // In this order: what is read is of this etag or newer, so a write on it never hides anything.
    Optional<StoredObject> known = store.head(object);
    Optional<Registration> found = known.isEmpty() ? Optional.empty() : find(key);
    return found.map(value -> new Mirror.Read<>(object, value, known.orElseThrow().etag()));
  }

  /** All registrations, removed ones included, to be looked at now and then. */
  public Mirror<Registration> mirror(Platform platform) {
    return new Mirror<>(store, BucketLayout.REGISTRY, Registration.class, platform);
  }

  /**
   * Writes a registration in the place of the one of the same key that its writer knows, and of no
   * other. Durable on return.
   *
   * @param etag of the one it takes the place of; absent: there was none
   * @return the etag of what was written
   * @throws StoreException.ConditionFailed when there is another by now, which may be the effect of
   *     an earlier try whose answer was lost
   */
  public String save(Registration registration, @Nullable String etag) throws StoreException {
    ObjectKey object = BucketLayout.registration(registration.key());
    Content content = Content.of(Json.write(registration));
    return etag == null
        ? store.putIfAbsent(object, content).etag()
        : store.putIfMatch(object, etag, content).etag();
  }
}
