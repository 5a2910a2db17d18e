package resguardo.core.catalog;

import java.io.IOException;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.VersionHeader;

/** Manifests of the bucket, of versions and of slices. */
final class Manifests {
  private Manifests() {}

  /**
   * Opens one, to be read line by line; the caller closes it.
   *
   * @param bytes how many of it at the most
   * @throws resguardo.core.port.StoreException.NotFound when it is not there
   * @throws DamagedException when it is none, or of another version
   */
  static ManifestReader open(
      ArchiveStore store, ObjectKey manifest, RegistrationKey key, Serial serial, long bytes)
      throws IOException {
    ManifestReader reader = read(store, manifest, bytes);
    VersionHeader header = reader.header();
    if (!header.registration().equals(key) || !header.serial().equals(serial)) {
      reader.close();
      throw new DamagedException(
          manifest, "it is of " + header.registration() + " " + header.serial());
    }
    return reader;
  }

  private static ManifestReader read(ArchiveStore store, ObjectKey manifest, long bytes)
      throws IOException {
    try {
      return new ManifestReader(store.read(manifest, 0, bytes));
    } catch (MalformedMessageException e) {
      throw new DamagedException(manifest, e.getMessage());
    }
  }
}
