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
  private final @Nullable ManifestReader again;

  private FoundLines(VersionHeader header, Search.Found found, @Nullable ManifestReader again) {
    this.header = header;
    this.found = found;
    this.again = again;
  }

  /** Looks for them. */
  static FoundLines of(
      VersionCatalog versions, RegistrationKey key, Serial serial, List<RawPath> asked)
      throws IOException, MalformedMessageException {
    try (ManifestReader manifest = versions.manifest(key, serial)) {
      Search.Found found = Search.of(asked, key.path().memberName(), manifest);
      boolean enough = found.lines() != null || !found.missing().isEmpty();
      return new FoundLines(
          manifest.header(), found, enough ? null : versions.manifest(key, serial));
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
      return again::nextLine;
    }
    Iterator<byte[]> lines = kept().iterator();
    return () -> lines.hasNext() ? Optional.of(lines.next()) : Optional.empty();
  }

  @Override
  public void close() throws IOException {
    if (again != null) {
      again.close();
    }
  }
}
