package resguardo.transfer.tarball;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.SetTotals;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;

/** Takes the lines of the version in the making, in their order, and adds them up. */
final class VersionLines implements ArchiveWriter.Edit, ArchiveWriter.Added, AutoCloseable {
  private static final byte[] NEWLINE = {'\n'};

  private final ManifestWriter manifest;
  private final VersionCatalog versions;
  private final RegistrationKey key;
  private final @Nullable Serial base;
  private final int newArchive;
  private final SetTotals set = new SetTotals();
  private final Set<Integer> used = new TreeSet<>();
  private @Nullable ManifestReader baseLines;
  private boolean complete = true;

  /**
   * @param base the version whose lines stay or go; absent: there is none
   */
  VersionLines(
      ManifestWriter manifest,
      VersionCatalog versions,
      RegistrationKey key,
      @Nullable Serial base,
      int newArchive) {
    this.manifest = manifest;
    this.versions = versions;
    this.key = key;
    this.base = base;
    this.newArchive = newArchive;
  }

  @Override
  public void placed(Placed placed) throws IOException {
    add(placed, EntryCodec.write(placed));
  }

  @Override
  public void keep(long lines) throws IOException {
    for (long i = 0; i < lines; i++) {
      byte[] line = baseLine().orElseThrow(() -> new IllegalStateException("no more lines"));
      try {
        add(EntryCodec.read(line), line);
      } catch (MalformedMessageException e) {
        throw damaged(e);
      }
    }
  }

  @Override
  public void drop(long lines) throws IOException {
    for (long i = 0; i < lines; i++) {
      baseLine();
    }
  }

  /** All lines of the base stay. */
  void keepAll() throws IOException {
    try {
      for (Optional<byte[]> line = baseLine(); line.isPresent(); line = baseLine()) {
        add(EntryCodec.read(line.get()), line.get());
      }
    } catch (MalformedMessageException e) {
      throw damaged(e);
    }
  }

  private Optional<byte[]> baseLine() throws IOException {
    if (base == null) {
      throw new IllegalStateException("there is no base");
    }
    try {
      if (baseLines == null) {
        baseLines = versions.manifest(key, base);
      }
      return baseLines.nextLine();
    } catch (MalformedMessageException e) {
      throw damaged(e);
    }
  }

  private IOException damaged(MalformedMessageException e) {
    Serial serial = base == null ? Serial.first() : base;
    return new DamagedException(BucketLayout.manifest(key, serial), e.getMessage());
  }

  private void add(Placed placed, byte[] line) throws IOException {
    placed.place().pieces().map(Piece::archive).forEach(used::add);
    Piece block = placed.place().block();
    complete &=
        !ArchiveWriter.hasTarForm(placed.entry()) || block != null && block.archive() == newArchive;
    set.add(placed.entry(), line);
    manifest.addLines(line);
    manifest.addLines(NEWLINE);
  }

  /** Those of these archives that the lines speak of. */
  List<ArchiveRef> needed(List<ArchiveRef> archives) {
    return archives.stream().filter(ref -> used.contains(ref.number())).toList();
  }

  /** Whether the new archive has a tar entry for each line that can have one. */
  boolean isComplete() {
    return complete;
  }

  /** What they amount to; to be asked once, after the last. */
  Totals totals() {
    return set.totals();
  }

  /** The digest of all lines; to be asked once, after the last. */
  Sha256 index() {
    return set.index();
  }

  /** What is to be written once all is known. */
  resguardo.core.port.Content finish(VersionHeader header) throws IOException {
    return manifest.finish(header);
  }

  @Override
  public void close() throws IOException {
    try {
      if (baseLines != null) {
        baseLines.close();
      }
    } finally {
      manifest.close();
    }
  }
}
