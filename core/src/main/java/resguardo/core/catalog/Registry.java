package resguardo.core.catalog;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Json;

/**
 * The registrations as they stand in the bucket. Written by the coordinator alone, read by workers
 * too.
 */
public final class Registry {
  private static final int PAGE = 1000;

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

  /**
   * Writes a registration over the one of the same key. Durable on return; a repeat does no harm.
   */
  public void save(Registration registration) throws StoreException {
    store.put(BucketLayout.registration(registration.key()), Content.of(Json.write(registration)));
  }

  /**
   * All registrations, removed ones included, in the order of their object keys. A damaged one does
   * not keep the others from being read.
   *
   * @param registrations takes each that could be read
   * @param damaged takes each that could not
   */
  public void forEach(Consumer<Registration> registrations, Consumer<DamagedException> damaged)
      throws IOException {
    List<StoredObject> page = store.list(BucketLayout.REGISTRY, null, PAGE);
    while (!page.isEmpty()) {
      for (StoredObject object : page) {
        read(object.key(), registrations, damaged);
      }
      page = store.list(BucketLayout.REGISTRY, page.get(page.size() - 1).key(), PAGE);
    }
  }

  private void read(
      ObjectKey key, Consumer<Registration> registrations, Consumer<DamagedException> damaged)
      throws IOException {
    try {
      Objects.read(store, key, Registration.class).ifPresent(registrations);
    } catch (DamagedException e) {
      damaged.accept(e);
    }
  }
}
