package resguardo.worker;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.VersionHeader;

/**
 * The lines of a manifest that hold what was asked for. The manifest is read once, if they are few.
 */
final class FoundLines implements AutoCloseable {
  private final VersionHeader header;
  private final Search.Found found;
  private final @Nullable OutsideFiles outside;
  private final @Nullable ManifestReader again;
  private final Lookup lookup;

  private FoundLines(
      VersionHeader header,
      Search.Found found,
      @Nullable OutsideFiles outside,
      @Nullable ManifestReader again,
      Lookup lookup) {
    this.header = header;
    this.found = found;
    this.outside = outside;
    this.again = again;
    this.lookup = lookup;
  }

  /** Looks for them, to list them as they stand. */
  static FoundLines listed(
      VersionCatalog versions,
      RegistrationKey key,
      Serial serial,
      List<RawPath> asked,
      Lookup lookup)
      throws IOException, MalformedMessageException {
    return of(versions, key, serial, asked, lookup, null);
  }

  /**
   * Looks for them, to take the entries out of the version: files of which they are other names
   * come with them.
   *
   * @throws SpoolException when there is no room for what is kept of such files
   */
  static FoundLines takenOut(
      VersionCatalog versions,
      RegistrationKey key,
      Serial serial,
      List<RawPath> asked,
      Lookup lookup)
      throws IOException, MalformedMessageException {
    OutsideFiles outside = new OutsideFiles(lookup);
    boolean done = false;
    try {
      FoundLines found = of(versions, key, serial, asked, lookup, outside);
      done = true;
      return found;
    } finally {
      if (!done) {
        outside.close();
      }
    }
  }

  private static FoundLines of(
      VersionCatalog versions,
      RegistrationKey key,
      Serial serial,
      List<RawPath> asked,
      Lookup lookup,
      @Nullable OutsideFiles outside)
      throws IOException, MalformedMessageException {
    try (ManifestReader manifest = versions.manifest(key, serial)) {
      Search.Found found =
          Search.of(asked, key.path().memberName(), lookup.lines(manifest), outside);
      boolean enough = found.lines() != null || !found.missing().isEmpty();
      ManifestReader again = enough ? null : versions.manifest(key, serial);
      return new FoundLines(manifest.header(), found, outside, again, lookup);
    }
  }

  VersionHeader header() {
    return header;
  }

  Selection selection() {
    return found.selection();
  }

  List<RawPath> missing() {
    return found.missing();
  }

  /** What to tell when something is missing. */
  StreamMessage.Failed notFound() {
    return new StreamMessage.Failed(
        StreamMessage.Failed.Kind.NOT_FOUND,
        "version " + header.serial() + " has no entry " + found.missing().get(0));
  }

  /** All of them, if they are few; none otherwise. */
  List<byte[]> kept() {
    return found.lines() == null ? List.of() : found.lines();
  }

  /** All of them, once, with others between them. */
  VersionArchive.Lines lines() {
    if (again != null) {
      return lookup.lines(again);
    }
    Iterator<byte[]> lines = kept().iterator();
    return () -> lines.hasNext() ? Optional.of(lines.next()) : Optional.empty();
  }

  @Override
  public void close() throws IOException {
    try {
      if (again != null) {
        again.close();
      }
    } finally {
      if (outside != null) {
        outside.close();
      }
    }
  }
}
