package resguardo.transfer.copy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.StagingNote;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.port.TooLongException;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/** What copies of archives leave at the target that were ended on the way. */
final class Leftovers {
  private static final int PAGE = 1000;

  /** No archive takes as long; two that copy at once do not give up what the other is at. */
  private static final Duration ABANDONED = Duration.ofHours(6);

  private final ArchiveStore target;
  private final Platform platform;

  Leftovers(ArchiveStore target, Platform platform) {
    this.target = target;
    this.platform = platform;
  }

  /**
   * Lets go of notes that were left behind: of what is done, and of what nobody can still be at and
   * nobody has come to again, because the source has it no more.
   */
  void sweep() throws IOException {
    Instant abandoned = platform.clock().instant().minus(ABANDONED);
    for (StoredObject note : target.list(BucketLayout.COPIES, null, PAGE)) {
      StagingNote left;
      try {
        byte[] bytes = target.readAll(note.key(), Json.MESSAGE_BYTES);
        left = Json.read(bytes, StagingNote.class, Json.MESSAGE_BYTES);
      } catch (StoreException.NotFound | TooLongException | MalformedMessageException other) {
        continue;
      }
      ObjectKey object = new ObjectKey(left.archive());
      if (target.head(object).isPresent()) {
        target.delete(note.key());
      } else if (note.modified().isBefore(abandoned)) {
        target.abortUpload(object, left.uploadId());
        target.delete(note.key());
      }
    }
  }
}
