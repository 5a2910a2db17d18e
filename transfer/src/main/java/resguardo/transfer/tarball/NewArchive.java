package resguardo.transfer.tarball;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveSink;
import resguardo.archive.ArchiveWriter;
import resguardo.core.JobId;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.StagingNote;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.protocol.Json;
import resguardo.core.version.ArchiveRef;

/**
 * The archive of a version in the making. As a worker does, it notes the upload down before the
 * first byte: what is left behind by one that is killed is found by that, and freed by the
 * coordinator.
 */
final class NewArchive implements ArchiveSink, AutoCloseable {
  private final ArchiveStore store;
  private final RegistrationKey key;
  private final JobId job;
  private final ReplyId attempt;
  private final ObjectKey archive;
  private ArchiveStore.@Nullable Upload upload;

  NewArchive(
      ArchiveStore store, RegistrationKey key, JobId job, ReplyId attempt, ObjectKey archive) {
    this.store = store;
    this.key = key;
    this.job = job;
    this.attempt = attempt;
    this.archive = archive;
  }

  @Override
  public void accept(byte[] bytes) throws IOException {
    ArchiveStore.Upload open = upload;
    if (open == null) {
      open = store.startUpload(archive);
      upload = open;
      StagingNote note = new StagingNote(key, archive.value(), open.id());
      store.put(BucketLayout.staging(job, attempt), Content.of(Json.write(note)));
    }
    open.write(bytes, 0, bytes.length);
  }

  /** Makes the object; empty when nothing was written. */
  Optional<ArchiveRef> complete(int number, ArchiveWriter.Written written) throws IOException {
    if (upload == null) {
      return Optional.empty();
    }
    upload.complete();
    return Optional.of(
        new ArchiveRef(number, archive.value(), written.bytes(), written.digest(), written.form()));
  }

  /** Gives it up, unless it was completed. */
  @Override
  public void close() {
    if (upload != null) {
      upload.close();
    }
  }
}
