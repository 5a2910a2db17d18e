package resguardo.coordinator;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.JobId;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.StagingNote;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoredObject;
import resguardo.core.port.TooLongException;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.VersionHeader;

/**
 * Frees what attempts left behind: uploads that were never completed, archives that no manifest
 * names, slices that nobody goes on from (see {@link SliceSweep}), and the notes that tell of them.
 *
 * <p>An archive is removed only when nobody can name it any more: its version's manifest (or, where
 * that version was expired since, the next one's, which leans on all of it that is still needed) is
 * there and names another, or no slice names it and its note is so old that no worker can still be
 * at it.
 */
final class StagingSweep {
  /** No attempt lives as long: a worker gives an agent five hours at the most. */
  static final Duration ABANDONED = Duration.ofHours(6);

  private static final int PAGE = 1000;
  private static final Logger LOG = LoggerFactory.getLogger(StagingSweep.class);

  private final ArchiveStore store;
  private final VersionCatalog versions;

  StagingSweep(ArchiveStore store) {
    this.store = store;
    this.versions = new VersionCatalog(store);
  }

  /** Looks at what a job noted that has ended, and at the slices of its version. */
  void sweep(RegistrationKey key, JobId job) throws IOException {
    Optional<Instant> now = now();
    if (now.isPresent()) {
      sweep(key, job, now.get());
    }
  }

  /** Looks at everything. */
  void sweepAll() throws IOException {
    Optional<Instant> now = now();
    if (now.isPresent()) {
      sweepAll(now.get());
    }
  }

  /**
   * By the clock of the store, as its notes are of its times: one of a coordinator that is a day
   * ahead would have what is under way taken for abandoned. Whoever leads writes the lease every
   * few seconds; empty: nobody does.
   */
  private Optional<Instant> now() throws IOException {
    return store.head(BucketLayout.LEASE).map(StoredObject::modified);
  }

  /** Looks at what a job noted that has ended, and at the slices of its version. */
  void sweep(RegistrationKey key, JobId job, Instant now) throws IOException {
    SliceSweep slices = new SliceSweep(store, now);
    slices.look(BucketLayout.slices(key));
    notes(BucketLayout.STAGING + job + "/", slices, now);
    slices.removeCommitted();
  }

  /** Looks at everything. */
  void sweepAll(Instant now) throws IOException {
    SliceSweep slices = new SliceSweep(store, now);
    slices.look(BucketLayout.SLICES);
    notes(BucketLayout.STAGING, slices, now);
    slices.removeAll();
  }

  private void notes(String prefix, SliceSweep slices, Instant now) throws IOException {
    List<StoredObject> page = store.list(prefix, null, PAGE);
    while (!page.isEmpty()) {
      for (StoredObject object : page) {
        if (!object.key().value().startsWith(BucketLayout.SLICES)) {
          look(object, slices, now);
        }
      }
      page = store.list(prefix, page.get(page.size() - 1).key(), PAGE);
    }
  }

  private void look(StoredObject object, SliceSweep slices, Instant now) throws IOException {
    StagingNote note;
    try {
      byte[] bytes = store.readAll(object.key(), Json.MESSAGE_BYTES);
      note = Json.read(bytes, StagingNote.class, Json.MESSAGE_BYTES);
    } catch (TooLongException | MalformedMessageException e) {
      LOG.warn("a note that cannot be read: {}: {}", object.key(), e.getMessage());
      return;
    }
    if (BucketLayout.archiveName(note.registration(), note.archive()).isEmpty()) {
      LOG.warn("a note of an archive that is none of its registration: {}", object.key());
      return; // who can write notes is not to have archives of others removed
    }
    Optional<VersionHeader> version;
    try {
      version = version(note);
    } catch (DamagedException unknown) {
      LOG.warn("{} stays: {}", note.archive(), unknown.getMessage());
      return; // the version may name it
    }
    if (version.isPresent()
        && version.get().archives().stream().anyMatch(ref -> ref.key().equals(note.archive()))) {
      store.delete(object.key());
    } else if (version.isPresent()) {
      free(object.key(), note);
    } else if (slices.letsGo(note.archive())) {
      store.put(object.key(), Content.of(Json.write(note)));
    } else if (!slices.keeps(note.archive()) && object.modified().plus(ABANDONED).isBefore(now)) {
      free(object.key(), note);
    }
  }

  private void free(ObjectKey object, StagingNote note) throws IOException {
    ObjectKey archive = new ObjectKey(note.archive());
    store.abortUpload(archive, note.uploadId());
    store.delete(archive);
    store.delete(object);
    LOG.info("freed what an attempt left behind: {}", archive);
  }

  private Optional<VersionHeader> version(StagingNote note) throws IOException {
    Optional<Serial> serial = BucketLayout.serialOfArchive(new ObjectKey(note.archive()));
    return serial.isEmpty()
        ? Optional.empty()
        : versions.firstFrom(note.registration(), serial.get());
  }
}
