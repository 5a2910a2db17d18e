package resguardo.worker;

import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveSink;
import resguardo.archive.Assembly;
import resguardo.archive.Composer;
import resguardo.archive.Deflaters;
import resguardo.archive.MemberDeflater;
import resguardo.archive.MemberSender;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.Progress;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Piece;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;

/** The complete archive of a version, or of a part of it, as it is read out of the bucket. */
final class VersionArchive {
  private static final int BUFFER = 512 * 1024;
  private static final MemberDeflater GZIP = Deflaters.choose(Deflaters.Choice.AUTO);

  private final ArchiveStore store;
  private final VersionCatalog versions;
  private final ExecutorService threads;
  private final RegistrationKey key;
  private final Serial serial;
  private final Lookup lookup;

  /**
   * @param threads compress what has to be made anew
   * @param lookup of a part of it; its progress is told of each entry and each member, too
   */
  VersionArchive(
      ArchiveStore store,
      ExecutorService threads,
      RegistrationKey key,
      Serial serial,
      Lookup lookup) {
    this.lookup = lookup;
    this.store = store;
    this.versions = new VersionCatalog(store);
    this.threads = threads;
    this.key = key;
    this.serial = serial;
  }

  /** Is told what comes, once and before its first bytes. */
  interface Opening {
    /**
     * @param part whether the archive is made for this query, and not one that the header names
     */
    void opened(VersionHeader header, boolean part) throws IOException, InterruptedException;
  }

  /** Lines of a manifest in their order. */
  interface Lines {
    Optional<byte[]> next() throws IOException, MalformedMessageException;
  }

  /** What becomes of the entries. */
  private interface Making {
    /** Whether their members have to be opened for it. */
    boolean opens();

    /** The members that will be read for an entry. */
    Stream<Piece> pieces(Placed placed);

    Assembly of(VersionHeader header, Composer.Members members) throws IOException;
  }

  /** An archive. */
  private final class Composing implements Making {
    private final QueryJob.Packing packing;
    private final ArchiveSink sink;

    Composing(QueryJob.Packing packing, ArchiveSink sink) {
      this.packing = packing;
      this.sink = sink;
    }

    @Override
    public boolean opens() {
      return true;
    }

    /** But for headers that are made anew. */
    @Override
    public Stream<Piece> pieces(Placed placed) {
      Place place = placed.place();
      if (place.chunks().isEmpty()) {
        return Stream.ofNullable(place.content() != null ? place.content() : place.block());
      }
      Piece header = place.block() != null && place.block().start() == 0 ? place.block() : null;
      return Stream.concat(
          Stream.ofNullable(header), place.chunks().stream().map(chunk -> chunk.piece()));
    }

    @Override
    public Assembly of(VersionHeader header, Composer.Members members) throws IOException {
      Composer composer =
          new Composer(Deflaters.of(packing.codec(header), null, GZIP), threads, members, sink);
      return packing.isForOthers() ? composer.lookingInto() : composer;
    }
  }

  /** A stream of members as they lie. */
  private record Sending(ArchiveSink sink) implements Making {
    @Override
    public boolean opens() {
      return false;
    }

    @Override
    public Stream<Piece> pieces(Placed placed) {
      return placed.place().pieces();
    }

    @Override
    public Assembly of(VersionHeader header, Composer.Members members) {
      return new MemberSender(members, sink);
    }
  }

  /**
   * Reads it.
   *
   * @param entries only these, with what is below them; absent: all
   * @param packing of the archive
   * @return how it ended: {@link StreamMessage.Finished}, or why it could not be done
   * @throws StoreException.NotFound when there is no such version, or an archive of it is gone
   * @throws IOException when something is not what was stored, or the sink fails
   */
  StreamMessage read(
      @Nullable List<RawPath> entries, QueryJob.Packing packing, Opening opening, ArchiveSink sink)
      throws IOException, InterruptedException, MalformedMessageException {
    if (entries != null) {
      return part(entries, opening, new Composing(packing, sink));
    }
    VersionHeader header = header();
    if (!header.recipients().isEmpty()) {
      return encrypted(header);
    }
    boolean asItLies =
        !packing.isForOthers()
            && header.whole()
            && header.archives().stream()
                .allMatch(ref -> ref.form().codec() == packing.codec(header));
    opening.opened(header, !asItLies);
    return asItLies
        ? whole(header.archives().get(0), sink)
        : all(header, new Composing(packing, sink));
  }

  /**
   * Reads its entries with their members as they lie, which are not opened: see {@link
   * MemberSender}. All else is as of {@link #read}.
   */
  StreamMessage members(@Nullable List<RawPath> entries, Opening opening, ArchiveSink sink)
      throws IOException, InterruptedException, MalformedMessageException {
    if (entries != null) {
      return part(entries, opening, new Sending(sink));
    }
    VersionHeader header = header();
    opening.opened(header, true);
    return all(header, new Sending(sink));
  }

  /**
   * Reads those of its entries that are in a window, as an operator who restores them gets them.
   * All else is as of {@link #read}.
   *
   * @param window asked for each entry in its order
   */
  StreamMessage some(DrillWindow window, ArchiveSink sink)
      throws IOException, InterruptedException, MalformedMessageException {
    try (ManifestReader manifest = versions.manifest(key, serial)) {
      Lines lines =
          () -> {
            Optional<byte[]> line = manifest.nextLine();
            while (line.isPresent()
                && !window.has(EntryCodec.read(line.get()), line.get().length)) {
              line = manifest.nextLine();
            }
            return line;
          };
      Making making = new Composing(QueryJob.Packing.AS_STORED, sink);
      return made(manifest.header(), making, Selection.all(), lines, List.of());
    }
  }

  private StreamMessage all(VersionHeader header, Making making)
      throws IOException, InterruptedException, MalformedMessageException {
    try (ManifestReader manifest = versions.manifest(key, serial)) {
      return made(header, making, Selection.all(), manifest::nextLine, List.of());
    }
  }

  private static StreamMessage encrypted(VersionHeader header) {
    return new StreamMessage.Failed(
        StreamMessage.Failed.Kind.ENCRYPTED,
        "version "
            + header.serial()
            + " is encrypted to "
            + String.join(", ", header.recipients()));
  }

  private VersionHeader header() throws IOException {
    return versions
        .header(key, serial)
        .orElseThrow(
            () -> new StoreException.NotFound("version " + serial + " is not there", null));
  }

  private StreamMessage whole(ArchiveRef archive, ArchiveSink sink)
      throws IOException, InterruptedException {
    InputStream stored = store.read(new ObjectKey(archive.key()), 0, Long.MAX_VALUE);
    try (DigestInputStream in = new DigestInputStream(stored, Sha256.newDigest())) {
      long sent = 0;
      for (byte[] some = in.readNBytes(BUFFER); some.length > 0; some = in.readNBytes(BUFFER)) {
        sink.accept(some);
        sent += some.length;
      }
      Sha256 read = Sha256.ofDigest(in.getMessageDigest().digest());
      return read.equals(archive.digest())
          ? new StreamMessage.Finished(sent, archive.digest(), null, null)
          : new StreamMessage.Failed(
              StreamMessage.Failed.Kind.CORRUPT, archive.key() + " is not what was stored");
    }
  }

  private StreamMessage part(List<RawPath> entries, Opening opening, Making making)
      throws IOException, InterruptedException, MalformedMessageException {
    try (FoundLines found = FoundLines.takenOut(versions, key, serial, entries, lookup)) {
      if (!found.missing().isEmpty()) {
        return found.notFound();
      }
      if (making.opens() && !found.header().recipients().isEmpty()) {
        return encrypted(found.header());
      }
      opening.opened(found.header(), true);
      return made(found.header(), making, found.selection(), found.lines(), found.kept());
    }
  }

  private StreamMessage made(
      VersionHeader header, Making making, Selection selection, Lines lines, List<byte[]> allLines)
      throws IOException, InterruptedException, MalformedMessageException {
    try (ArchiveMembers members = new ArchiveMembers(store, header.archives())) {
      for (byte[] line : allLines) {
        making.pieces(EntryCodec.read(line)).forEach(members::announce);
      }
      Progress progress = lookup.progress();
      Assembly assembly =
          making.of(
              header,
              member -> {
                progress.at(0, 0); // one entry may have a million
                return members.read(member);
              });
      for (Optional<Placed> next = next(lines, selection);
          next.isPresent();
          next = next(lines, selection)) {
        progress.at(0, 0);
        assembly.add(next.get());
      }
      Composer.Composed made = assembly.finish();
      return new StreamMessage.Finished(made.bytes(), made.digest(), null, null);
    }
  }

  /** Its line, which may have megabytes, is not kept while the entry is sent. */
  private static Optional<Placed> next(Lines lines, Selection selection)
      throws IOException, MalformedMessageException {
    Optional<byte[]> line = lines.next();
    while (line.isPresent() && !selection.isPast()) {
      Optional<Placed> selected = selection.of(line.get());
      if (selected.isPresent()) {
        return selected;
      }
      line = lines.next();
    }
    return Optional.empty();
  }
}
