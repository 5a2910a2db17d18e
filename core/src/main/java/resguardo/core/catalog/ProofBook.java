package resguardo.core.catalog;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Json;

/** What drills have shown, an object for each registration that had one. */
public final class ProofBook {
  private final ArchiveStore store;

  /** Over this store. */
  public ProofBook(ArchiveStore store) {
    this.store = store;
  }

  /**
   * Of this registration; empty: it had no drill.
   *
   * @throws DamagedException when the object holds something else
   */
  public Optional<Proof> find(RegistrationKey key) throws IOException {
    return resguardo.core.catalog.Objects.read(store, BucketLayout.proof(key), Proof.class);
  }

  /** Those of all registrations, to be looked at now and then. */
  public Mirror<Proof> mirror(Platform platform) {
    return new Mirror<>(store, BucketLayout.PROVEN, Proof.class, platform);
  }

  /**
   * Whether another drill came to a result since one was ordered, so that it need not be made.
   *
   * @param known the etag of what the order was given on; absent: there was nothing
   */
  public boolean isOutdated(RegistrationKey key, @Nullable String known) throws IOException {
    Optional<StoredObject> there = store.head(BucketLayout.proof(key));
    return !isSame(there, known) && read(key).isPresent();
  }

  /**
   * Writes how a drill ended, in place of what its order was given on. What another has written
   * since, which a change of the leader may bring, or an operator, stays if it was ordered later.
   *
   * @param known as of {@link #isOutdated}
   * @return what stands there now; empty when that is of a later drill
   */
  public Optional<Proof> save(RegistrationKey key, Proof.Drill drill, @Nullable String known)
      throws IOException {
    ObjectKey object = BucketLayout.proof(key);
    while (true) {
      // In this order: what is read is of this etag or newer, so a write on it never hides
      // anything.
      Optional<StoredObject> there = store.head(object);
      Optional<Proof> before = read(key);
      if (before.isPresent() && before.get().last().id().equals(drill.id())) {
        return before; // our own write arrived after all
      }
      boolean later = before.isPresent() && before.get().last().ordered().isAfter(drill.ordered());
      if (later && !isSame(there, known)) { // if it is the same, a clock was ahead
        return Optional.empty();
      }
      Proof wanted = Proof.after(before.orElse(null), key, drill);
      try {
        Content content = Content.of(Json.write(wanted));
        if (there.isPresent()) {
          store.putIfMatch(object, there.get().etag(), content);
        } else {
          store.putIfAbsent(object, content);
        }
        return Optional.of(wanted);
      } catch (StoreException.ConditionFailed another) {
        // Somebody wrote in between (or our own write arrived after all): look again.
      }
    }
  }

  private static boolean isSame(Optional<StoredObject> there, @Nullable String etag) {
    return Objects.equals(there.map(StoredObject::etag).orElse(null), etag);
  }

  /** One that cannot be read says nothing: the next drill is written over it. */
  private Optional<Proof> read(RegistrationKey key) throws IOException {
    try {
      return find(key);
    } catch (DamagedException unreadable) {
      return Optional.empty();
    }
  }
}
