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
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Json;

/**
 * The versions that are being expired. A version goes through two stages, each with a note of its
 * own: first it is said that it is to go, then that it is gone. What has to be done next to whom is
 * so found by a list of what is under way, after any crash.
 */
public final class Expiring {
  private final ArchiveStore store;

  /** Over this store. */
  public Expiring(ArchiveStore store) {
    this.store = store;
  }

  /** How far a version is on its way out. */
  public enum Stage {
    /** It is a version still, and will be none after a time of grace. */
    MARKED("marked"),
    /** Its manifest is gone, or is going right now; its archives stay for a time of grace. */
    GONE("gone");

    private final String word;

    Stage(String word) {
      this.word = word;
    }

    /** Stands in object keys. */
    String word() {
      return word;
    }
  }

  /**
   * A note that is there.
   *
   * @param since when it was written, by the clock of the store
   */
  public record Noted(Serial serial, Instant since) {}

  /**
   * The next notes of a stage, by ascending numbers.
   *
   * @param after only numbers after this one; absent: from the first
   * @param most how many at the most, 1 to 1000; fewer than these come only when there are no more
   */
  public List<Noted> page(RegistrationKey key, Stage stage, @Nullable Serial after, int most)
      throws StoreException {
    ObjectKey last = after == null ? null : BucketLayout.expiring(key, after, stage);
    List<Noted> notes = new ArrayList<>();
    for (StoredObject object : store.list(BucketLayout.expiring(key, stage), last, most)) {
      BucketLayout.serialOfNote(object.key())
          .ifPresent(serial -> notes.add(new Noted(serial, object.modified())));
    }
    return notes;
  }

  /**
   * What a note says; empty when there is none.
   *
   * @throws DamagedException when it says something else
   */
  public Optional<ExpiryNote> find(RegistrationKey key, Serial serial, Stage stage)
      throws IOException {
    ObjectKey object = BucketLayout.expiring(key, serial, stage);
    Optional<ExpiryNote> note = Objects.read(store, object, ExpiryNote.class);
    if (note.isPresent()
        && !(note.get().registration().equals(key) && note.get().serial().equals(serial))) {
      throw new DamagedException(object, "it is of " + note.get().registration());
    }
    return note;
  }

  /** Writes a note over any that is there; its time begins anew. */
  public void write(ExpiryNote note, Stage stage) throws StoreException {
    store.put(
        BucketLayout.expiring(note.registration(), note.serial(), stage),
        Content.of(Json.write(note)));
  }

  /** Removes a note; one that is not there is no error. */
  public void remove(RegistrationKey key, Serial serial, Stage stage) throws StoreException {
    store.delete(BucketLayout.expiring(key, serial, stage));
  }
}
