package resguardo.transfer.copy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import resguardo.archive.SetTotals;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.VersionHeader;

/**
 * Copies a version: archives → note of its alarm → manifest. As in the bucket that it comes from,
 * it is a version when its manifest is there. For one thread.
 */
final class VersionCopy {
  private final ArchiveStore source;
  private final ArchiveStore target;
  private final ArchiveCopy archives;
  private final NoteCopy notes;
  private final Account account;
  private final Path spool;

  VersionCopy(
      ArchiveStore source,
      ArchiveStore target,
      ArchiveCopy archives,
      NoteCopy notes,
      Account account,
      Path spool) {
    this.source = source;
    this.target = target;
    this.archives = archives;
    this.notes = notes;
    this.account = account;
    this.spool = spool;
  }

  /**
   * Copies one. A repeat does no harm.
   *
   * @return what it is; empty when the source has it no more
   * @throws DamagedException when what the source has is damaged: then it is not copied
   */
  Optional<VersionHeader> copy(RegistrationKey key, Serial serial)
      throws IOException, InterruptedException {
    ObjectKey manifest = BucketLayout.manifest(key, serial);
    Path file = Files.createTempFile(spool, "manifest", ".copy");
    try {
      try (InputStream in = source.read(manifest, 0, Long.MAX_VALUE)) {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      }
      VersionHeader header = verified(key, serial, file);
      for (ArchiveRef archive : header.archives()) {
        archives.ensure(key, archive);
      }
      if (header.alarm() != null) {
        notes.one(BucketLayout.alarm(key, serial), account);
      }
      commit(header, manifest, file);
      return Optional.of(header);
    } catch (StoreException.NotFound gone) {
      if (source.head(manifest).isEmpty()) {
        return Optional.empty(); // expired meanwhile
      }
      throw new DamagedException(manifest, "what it leans on is gone: " + gone.getMessage());
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void commit(VersionHeader header, ObjectKey manifest, Path file) throws IOException {
    try {
      target.putIfAbsent(manifest, Content.of(file));
      account.version();
    } catch (StoreException.ConditionFailed there) {
      // Written by another meanwhile, or by us, and the answer was lost.
      try (ManifestReader reader =
          new ManifestReader(target.read(manifest, 0, ManifestReader.HEADER_AT_MOST))) {
        if (!reader.header().equals(header)) {
          throw new DamagedException(manifest, "the target has another version of this number");
        }
      } catch (MalformedMessageException e) {
        throw new DamagedException(manifest, "at the target: " + e.getMessage());
      }
    }
  }

  /** Reads all of it: what is damaged is not copied over the only other one there may be. */
  private static VersionHeader verified(RegistrationKey key, Serial serial, Path file)
      throws IOException {
    ObjectKey manifest = BucketLayout.manifest(key, serial);
    try (ManifestReader reader =
        new ManifestReader(new BufferedInputStream(Files.newInputStream(file)))) {
      VersionHeader header = reader.header();
      if (!header.registration().equals(key) || !header.serial().equals(serial)) {
        throw new DamagedException(
            manifest, "it is of " + header.registration() + " " + header.serial());
      }
      SetTotals set = new SetTotals();
      for (Optional<byte[]> line = reader.nextLine(); line.isPresent(); line = reader.nextLine()) {
        set.add(EntryCodec.read(line.get()).entry(), line.get());
      }
      if (!set.index().equals(header.index()) || !set.totals().equals(header.totals())) {
        throw new DamagedException(manifest, "its lines are not those that it was written with");
      }
      for (ArchiveRef archive : header.archives()) {
        if (BucketLayout.archiveName(key, archive.key()).isEmpty()) {
          throw new DamagedException(manifest, "it names an archive that is none of its own");
        }
      }
      return header;
    } catch (MalformedMessageException | IllegalArgumentException e) {
      throw new DamagedException(manifest, e.getMessage());
    }
  }
}
