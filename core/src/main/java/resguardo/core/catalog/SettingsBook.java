package resguardo.core.catalog;

import java.io.IOException;
import java.util.Optional;
import java.util.function.UnaryOperator;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Json;

/** What operators have set for the whole fleet, as it stands in the bucket: one object. */
public final class SettingsBook {
  private final ArchiveStore store;

  /** Over this store. */
  public SettingsBook(ArchiveStore store) {
    this.store = store;
  }

  /**
   * What is set.
   *
   * @throws DamagedException when the object holds something else
   */
  public FleetSettings find() throws IOException {
    return Objects.read(store, BucketLayout.FLEET, FleetSettings.class).orElse(FleetSettings.NONE);
  }

  /**
   * Changes what is set; what another writes meanwhile is not lost.
   *
   * @param change what is to be made of what stands there; asked again when another was faster
   * @return what stands there now
   * @throws IllegalArgumentException when it is too much to be read again
   */
  public FleetSettings change(UnaryOperator<FleetSettings> change) throws IOException {
    while (true) {
      // In this order: what is read is of this etag or newer, so a write on it never hides
      // anything.
      Optional<StoredObject> known = store.head(BucketLayout.FLEET);
      FleetSettings old = find();
      FleetSettings wanted = change.apply(old);
      if (wanted.equals(old)) {
        return old;
      }
      byte[] json = Json.write(wanted);
      if (json.length > Json.MESSAGE_BYTES) {
        throw new IllegalArgumentException("these are too many pauses and limits to be kept");
      }
      try {
        Content content = Content.of(json);
        if (known.isPresent()) {
          store.putIfMatch(BucketLayout.FLEET, known.get().etag(), content);
        } else {
          store.putIfAbsent(BucketLayout.FLEET, content);
        }
        return wanted;
      } catch (StoreException.ConditionFailed another) {
        // Another was faster, or our own write arrived after all: look again.
      }
    }
  }
}
