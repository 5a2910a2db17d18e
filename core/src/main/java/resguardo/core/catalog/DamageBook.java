package resguardo.core.catalog;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Json;

/** What is known to be damaged, an object for each registration of which something is. */
public final class DamageBook {
  /** In bytes: some hundred parts of archives with long names. No other note is longer. */
  public static final int LONGEST = 1024 * 1024;

  private final ArchiveStore store;

  /** Over this store. */
  public DamageBook(ArchiveStore store) {
    this.store = store;
  }

  /**
   * Of this registration; empty when nothing is known to be damaged.
   *
   * @throws DamagedException when it is the note that is
   */
  public Optional<Damage> find(RegistrationKey key) throws IOException {
    return Objects.read(store, BucketLayout.damage(key), Damage.class, LONGEST);
  }

  /** Adds to it. A repeat changes nothing. */
  public void found(RegistrationKey key, Collection<Damage.Part> parts) throws IOException {
    change(key, known -> known.and(parts));
  }

  /**
   * Notes that no version from this one on leans on what was known of it. When more has been found
   * since, nothing is noted, and the next backup looks again.
   *
   * @param known what was looked for
   * @param lost what could not be brought again
   */
  public void healed(RegistrationKey key, Damage known, Serial from, List<String> lost)
      throws IOException {
    change(key, now -> now.equals(known) ? known.healed(from, lost) : now);
  }

  private void change(RegistrationKey key, UnaryOperator<Damage> change) throws IOException {
    ObjectKey object = BucketLayout.damage(key);
    while (true) {
      Optional<StoredObject> there = store.head(object); // before it is read, as of a status
      Damage before = known(key);
      Damage after = change.apply(before);
      if (there.isPresent() && after.equals(before)) {
        return;
      }
      try {
        Content content = Content.of(Json.write(after));
        if (there.isPresent()) {
          store.putIfMatch(object, there.get().etag(), content);
        } else {
          store.putIfAbsent(object, content);
        }
        return;
      } catch (StoreException.ConditionFailed another) {
        // Somebody wrote in between (or our own write arrived after all): look again.
      }
    }
  }

  /** A note that cannot be read says nothing; what it said is found again by the next check. */
  private Damage known(RegistrationKey key) throws IOException {
    try {
      return find(key).orElseGet(() -> Damage.none(key));
    } catch (DamagedException unreadable) {
      return Damage.none(key);
    }
  }
}
