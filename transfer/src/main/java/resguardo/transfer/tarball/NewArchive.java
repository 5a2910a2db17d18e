package resguardo.transfer.tarball;

import java.io.IOException;
import java.time.Duration;
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
import resguardo.core.port.Platform;
import resguardo.core.protocol.Json;
import resguardo.core.version.ArchiveRef;

/**
 * The archive of a version in the making. As a worker does, it notes the upload down before the
 * first byte: what is left behind by one that is killed is found by that, and freed by the
 * coordinator.
 */
final class NewArchive implements ArchiveSink, AutoCloseable {
  /** What was noted six hours ago is taken for left behind; a large tarball takes longer. */
  private static final Duration NOTED_AGAIN_AFTER = Duration.ofHours(1);

  private final ArchiveStore store;
  private final Platform platform;
  private final RegistrationKey key;
  private final JobId job;
  private final ReplyId attempt;
  private final ObjectKey archive;
  private ArchiveStore.@Nullable Upload upload;
  private long noted;

  NewArchive(
      ArchiveStore store,
      Platform platform,
      RegistrationKey key,
      JobId job,
      ReplyId attempt,
      ObjectKey archive) {
    this.store = store;
    this.platform = platform;
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
      note(open);
    } else if (platform.nanoTime() - noted > NOTED_AGAIN_AFTER.toNanos()) {
      note(open);
    }
    open.write(bytes, 0, bytes.length);
  }

  private void note(ArchiveStore.Upload open) throws IOException {
    noted = platform.nanoTime();
    StagingNote note = new StagingNote(key, archive.value(), open.id());
    store.put(BucketLayout.staging(job, attempt), Content.of(Json.write(note)));
  }

  /**
   * Looks whether it can be named still, once it is complete: whoever was held up for hours may
   * find it swept.
   *
   * @throws IOException when it is not there
   */
  void check() throws IOException {
    if (upload != null && store.head(archive).isEmpty()) {
      throw new IOException("what was written was swept, as it took too long: run it again");
    }
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
