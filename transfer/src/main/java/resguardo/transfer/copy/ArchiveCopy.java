package resguardo.transfer.copy;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import resguardo.core.RegistrationKey;
import resguardo.core.Sha256;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.StagingNote;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.port.TooLongException;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.ArchiveRef;

/**
 * Copies archives of a registration. One that is at the target whole is whole there: it is made an
 * object only after its digest was found to be the one that the manifest names. For one thread.
 */
final class ArchiveCopy {
  private static final int BUFFER = 256 * 1024;

  private final ArchiveStore source;
  private final ArchiveStore target;
  private final Platform platform;
  private final Account account;
  private final Line line;
  private final Lanes lanes;
  private final Set<String> there = new HashSet<>();

  ArchiveCopy(
      ArchiveStore source,
      ArchiveStore target,
      Platform platform,
      Line line,
      Lanes lanes,
      Account account) {
    this.source = source;
    this.target = target;
    this.platform = platform;
    this.account = account;
    this.line = line;
    this.lanes = lanes;
  }

  /**
   * Makes sure that an archive is at the target.
   *
   * @throws StoreException.NotFound when the source has it not
   * @throws DamagedException when what the source has is not what the manifest names
   */
  void ensure(RegistrationKey key, ArchiveRef archive) throws IOException, InterruptedException {
    lanes.check();
    if (there.contains(archive.key())) {
      return;
    }
    ObjectKey object = new ObjectKey(archive.key());
    Optional<StoredObject> known = target.head(object);
    if (known.isEmpty() || known.get().size() != archive.bytes()) {
      try (Line.Room room = line.room(archive.bytes())) {
        lanes.check();
        copy(key, object, archive);
      }
      account.archive(archive.bytes());
    }
    there.add(archive.key());
  }

  /** The note comes before the first byte: what is left behind is found by whoever comes next. */
  private void copy(RegistrationKey key, ObjectKey object, ArchiveRef archive)
      throws IOException, InterruptedException {
    ObjectKey note = BucketLayout.copying(object);
    giveUpWhatWasLeft(object, note);
    try (ArchiveStore.Upload upload = target.startUpload(object)) {
      target.put(note, Content.of(Json.write(new StagingNote(key, archive.key(), upload.id()))));
      MessageDigest digest = Sha256.newDigest();
      long bytes = 0;
      try (InputStream in = source.read(object, 0, Long.MAX_VALUE)) {
        byte[] buffer = new byte[line.chunk(BUFFER)];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          await(n);
          digest.update(buffer, 0, n);
          bytes += n;
          upload.write(buffer, 0, n);
        }
      }
      if (bytes != archive.bytes() || !Sha256.ofDigest(digest.digest()).equals(archive.digest())) {
        throw new DamagedException(object, "its bytes are not those that its version names");
      }
      upload.complete();
    }
    target.delete(note);
  }

  private void giveUpWhatWasLeft(ObjectKey object, ObjectKey note) throws IOException {
    if (target.head(note).isEmpty()) {
      return;
    }
    try {
      byte[] bytes = target.readAll(note, Json.MESSAGE_BYTES);
      StagingNote left = Json.read(bytes, StagingNote.class, Json.MESSAGE_BYTES);
      target.abortUpload(object, left.uploadId());
    } catch (StoreException.NotFound | TooLongException | MalformedMessageException gone) {
      // Another has done it, or nobody can any more.
    }
  }

  private void await(int bytes) throws InterruptedException {
    lanes.check();
    for (long left = line.left(bytes); left > 0; left = line.left(bytes)) {
      platform.sleep(Duration.ofNanos(left));
      lanes.check();
    }
  }
}
