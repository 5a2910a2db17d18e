package resguardo.worker;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.LiveMembers;
import resguardo.archive.SetTotals;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ChunkKind;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.ManifestEdit;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Extent;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;
import resguardo.core.version.Totals;

/**
 * What comes from an agent: an edit of the base's lines into the manifest, bytes into the upload.
 * It counts and hashes all of it itself, and what does not add up to what the agent says at the
 * end, or lies where nothing lies, is refused.
 */
final class Receiving implements ManifestEdit.Reader, AutoCloseable {
  /** Begins the upload when its first bytes come. */
  interface Uploads {
    ArchiveStore.Upload begin() throws IOException;
  }

  /** Opens the manifest that the edit is of, when its first line is needed. */
  interface Base {
    /**
     * @throws StreamBrokenException when there is none
     */
    ManifestReader open() throws IOException;

    /** What is to be thrown where its lines cannot be read. */
    IOException damaged(MalformedMessageException why);

    /** Told of each entry that is no line of the base. */
    void came(Entry entry);
  }

  private static final int PARTS = 18;

  /**
   * No agent cuts a file into shorter chunks, but for the last, in bytes: whoever reads them again
   * asks the store for each. Those of versions that there are stay.
   */
  static final int SHORTEST_CHUNK = 64 * 1024;

  /** From here on a line is taken apart while no other is, in bytes. */
  private static final int LONG = 512 * 1024;

  /** What is bounded is the memory of the process: whatever is under way in it waits here. */
  private static final ReentrantLock ONE_LONG_LINE = new ReentrantLock(true);

  /**
   * What cannot be packed is longer in its member by less than this part; and a member encrypted to
   * as many as may be has a header of less than so many bytes. Whoever looks at what a longer one
   * holds would read much for little.
   */
  private static final int EXPANDS_BY = 8;

  private static final int EXPANDS_AT_MOST = 64 * 1024;

  private static final byte[] NEWLINE = {'\n'};

  private final RawPath path;
  private final Uploads uploads;
  private final ManifestWriter manifest;
  private final Base base;
  private final int newArchive;
  private final TreeMap<Integer, Long> sizes = new TreeMap<>();
  private final Set<Integer> used = new TreeSet<>();
  private final ManifestEdit.Decoder edit =
      new ManifestEdit.Decoder(longestLine(Runtime.getRuntime().maxMemory()), this);
  private final SetTotals set = new SetTotals();
  private final LiveMembers live = new LiveMembers();
  private final MessageDigest digest = Sha256.newDigest();
  private @Nullable ManifestReader baseLines;
  private ArchiveStore.@Nullable Upload upload;
  private long archiveBytes;
  private long farthest;
  private long kept;
  private boolean complete = true;

  /**
   * @param path what is backed up, as it is called in archives: all lines are of it or below it
   * @param ofBase the archives of the base, which the lines may speak of
   * @param newArchive number of the archive that comes
   */
  Receiving(
      RawPath path,
      ManifestWriter manifest,
      List<ArchiveRef> ofBase,
      Base base,
      int newArchive,
      Uploads uploads) {
    this.path = path;
    this.manifest = manifest;
    this.base = base;
    this.newArchive = newArchive;
    this.uploads = uploads;
    ofBase.forEach(ref -> sizes.put(ref.number(), ref.bytes()));
  }

  /**
   * A line is taken apart in some four times its length of memory, while as much of others comes in
   * for whatever else is under way: a longer one would end this attempt and those beside it for
   * want of memory. With the memory that workers are started with it is 6 MiB, the line of a file
   * of a hundred and forty gigabytes.
   *
   * @param memory that this process may use, in bytes
   */
  static int longestLine(long memory) {
    return (int) Math.min(EntryCodec.LONGEST_LINE, memory / PARTS);
  }

  /** Takes data. */
  void take(ChunkReceiver.Data data) throws IOException {
    if (data.kind() == ChunkKind.ENTRIES) {
      try {
        edit.take(data.payload());
      } catch (MalformedMessageException | IllegalArgumentException | NoSuchElementException e) {
        throw malformed("an entry that cannot be taken: " + e.getMessage());
      }
    } else {
      takeArchive(data.payload());
    }
  }

  @Override
  public void keep(long lines) throws IOException, MalformedMessageException {
    for (long i = 0; i < lines; i++) {
      byte[] line = baseLine();
      alone(line, () -> place(EntryCodec.read(line), line));
      kept++;
    }
  }

  @Override
  public void drop(long lines) throws IOException, MalformedMessageException {
    for (long i = 0; i < lines; i++) {
      baseLine();
    }
  }

  private byte[] baseLine() throws IOException, MalformedMessageException {
    ManifestReader open = baseLines == null ? base.open() : baseLines;
    baseLines = open;
    Optional<byte[]> line;
    try {
      line = open.nextLine();
    } catch (MalformedMessageException e) {
      throw base.damaged(e);
    }
    return line.orElseThrow(
        () -> new MalformedMessageException("an edit beyond the end of the base"));
  }

  @Override
  public void add(byte[] line) throws IOException, MalformedMessageException {
    alone(line, () -> added(line));
  }

  private void added(byte[] line) throws IOException, MalformedMessageException {
    // What stands in a manifest is what this program writes: any other line is written anew.
    EntryCodec.Line written = EntryCodec.asWritten(line);
    Placed placed = written.placed();
    refuseWhatNoNodeHas(placed.entry());
    refuseCrumbs(placed);
    place(placed, written.line());
    base.came(placed.entry());
  }

  private interface Taken {
    void take() throws IOException, MalformedMessageException;
  }

  private static void alone(byte[] line, Taken taken)
      throws IOException, MalformedMessageException {
    if (line.length < LONG) {
      taken.take();
      return;
    }
    ONE_LONG_LINE.lock();
    try {
      taken.take();
    } finally {
      ONE_LONG_LINE.unlock();
    }
  }

  private void place(Placed placed, byte[] line) throws IOException, MalformedMessageException {
    if (!placed.entry().name().isAtOrBelow(path)) {
      throw new MalformedMessageException(placed.entry().name() + " is not below " + path);
    }
    refuseOtherLength(placed);
    Optional<String> why = placed.refusal();
    if (why.isPresent()) {
      throw new MalformedMessageException(why.get());
    }
    for (Iterator<Piece> pieces = placed.place().pieces().iterator(); pieces.hasNext(); ) {
      use(pieces.next());
    }
    Piece block = placed.place().block();
    if (ArchiveWriter.hasTarForm(placed.entry())
        && (block == null || block.archive() != newArchive)) {
      complete = false;
    }
    live.add(placed);
    set.add(placed.entry(), line);
    manifest.addLines(line);
    manifest.addLines(NEWLINE);
  }

  /**
   * Many names are held at once, here and by whoever looks at the version. Lines that stay from a
   * version that was made before there was a bound are no reason to make none any more.
   */
  private static void refuseWhatNoNodeHas(Entry entry) throws MalformedMessageException {
    refuseTooLong(entry.name());
    if (entry.link() != null) {
      refuseTooLong(entry.link());
    }
    refuseNobody(entry.uid());
    refuseNobody(entry.gid());
    refuseUnheardOf(entry.user());
    refuseUnheardOf(entry.group());
    Entry.Device device = entry.device();
    if (device != null && !device.fits()) {
      throw new MalformedMessageException("a device that none is: " + device);
    }
    if (entry.data() != null && entry.data().size() >= Extent.MOST) {
      throw new MalformedMessageException(
          entry.name() + " of " + entry.data().size() + " parts with holes between them");
    }
  }

  private static void refuseCrumbs(Placed placed) throws MalformedMessageException {
    List<Chunk> chunks = placed.place().chunks();
    for (Chunk chunk : chunks.subList(0, Math.max(0, chunks.size() - 1))) {
      if (chunk.raw() < SHORTEST_CHUNK) {
        throw new MalformedMessageException(
            placed.entry().name() + " in chunks of " + chunk.raw() + " bytes");
      }
    }
  }

  /** Whoever restores it would refuse it: of a longer number the rest may be root's. */
  private static void refuseNobody(long id) throws MalformedMessageException {
    if (id < 0 || id > Entry.LARGEST_ID) {
      throw new MalformedMessageException("a user or group that none has: " + id);
    }
  }

  private static void refuseUnheardOf(@Nullable String owner) throws MalformedMessageException {
    if (owner != null && !Entry.isOwner(owner)) {
      throw new MalformedMessageException(
          "a name of a user or group that none has, of " + owner.length() + " characters");
    }
  }

  private static void refuseTooLong(RawPath path) throws MalformedMessageException {
    if (path.length() > RawPath.LONGEST) {
      throw new MalformedMessageException("a path of " + path.length() + " bytes");
    }
  }

  /** What it takes to look at a version is reckoned by what its files are said to hold. */
  private static void refuseOtherLength(Placed placed) throws MalformedMessageException {
    long held = placed.place().chunks().stream().mapToLong(Chunk::raw).sum();
    if (!placed.place().chunks().isEmpty() && held != placed.entry().stored()) {
      throw new MalformedMessageException(
          placed.entry().name() + " is not as long as its chunks: " + held);
    }
  }

  private void use(Piece piece) throws MalformedMessageException {
    if (piece.length() > piece.raw() + piece.raw() / EXPANDS_BY + EXPANDS_AT_MOST) {
      throw new MalformedMessageException(
          "a member of " + piece.length() + " bytes that holds " + piece.raw());
    }
    long end = piece.offset() + piece.length();
    if (piece.archive() == newArchive) {
      farthest = Math.max(farthest, end);
    } else if (end > sizes.getOrDefault(piece.archive(), 0L)) {
      throw new MalformedMessageException("content in an archive that has it not");
    }
    used.add(piece.archive());
  }

  private void takeArchive(byte[] bytes) throws IOException {
    ArchiveStore.Upload open = upload == null ? uploads.begin() : upload;
    upload = open;
    digest.update(bytes);
    archiveBytes += bytes.length;
    open.write(bytes, 0, bytes.length);
  }

  /** How many entries have come. */
  long entries() {
    return set.entries();
  }

  /** How many lines of the base stay so far. */
  long kept() {
    return kept;
  }

  /** How many bytes of the archive have come. */
  long archiveBytes() {
    return archiveBytes;
  }

  /** The digest of all lines; to be asked once, after {@link #verified}. */
  Sha256 index() {
    return set.index();
  }

  /** Which members the new version needs. */
  LiveMembers live() {
    return live;
  }

  /**
   * All lines of the base stay: nothing came, and nothing need.
   *
   * @param lines how many it has
   * @return what they amount to
   */
  Totals allOfBase(long lines) throws IOException {
    try {
      keep(lines);
    } catch (MalformedMessageException | IllegalArgumentException e) {
      throw malformed("a base that cannot be taken: " + e.getMessage());
    }
    return set.totals();
  }

  /**
   * Whether the archive that came has a tar entry for each line that can have one: then it is the
   * version, as it is.
   */
  boolean isComplete() {
    return complete;
  }

  /** Which archives of the base the new version still needs. */
  List<ArchiveRef> needed(List<ArchiveRef> ofBase) {
    return ofBase.stream().filter(ref -> used.contains(ref.number())).toList();
  }

  /**
   * Holds what came against what the agent says that it sent.
   *
   * @param asked how the archive is to be written
   * @return the totals, as added up here
   * @throws StreamBrokenException when they differ
   */
  Totals verified(StreamMessage.Finished finished, BackupOptions asked)
      throws StreamBrokenException {
    try {
      edit.end();
    } catch (MalformedMessageException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
    Sha256 own = Sha256.ofDigest(digest.digest());
    Totals totals = set.totals();
    if (finished.archiveBytes() != archiveBytes || !finished.archiveDigest().equals(own)) {
      throw malformed("the archive is not what the agent says it sent");
    }
    if (!totals.equals(finished.totals())) {
      throw malformed("the entries are not what the agent says it sent");
    }
    if (finished.form() == null) {
      throw malformed("the agent does not say how the archive is written");
    }
    if (finished.form().codec() != asked.codec()) {
      throw malformed("the archive is not of the codec that was asked for");
    }
    if (!finished.form().isEncryptedTo(asked.encryptTo())) {
      throw malformed("the archive is not encrypted as was asked for");
    }
    if (farthest > archiveBytes) {
      throw malformed("content beyond the end of the archive");
    }
    if (live.overlap()) {
      throw malformed("content that lies over other content");
    }
    return totals;
  }

  private static StreamBrokenException malformed(String why) {
    return new StreamBrokenException(StreamBrokenException.Kind.MALFORMED, why);
  }

  /**
   * Makes the archive; to be called after {@link #verified}.
   *
   * @return whether there is one: not, when no content was new
   */
  boolean completeUpload() throws IOException {
    if (upload == null) {
      return false;
    }
    upload.complete();
    return true;
  }

  /** Gives up the upload, unless it was completed. */
  @Override
  public void close() throws IOException {
    if (upload != null) {
      upload.close();
    }
    if (baseLines != null) {
      baseLines.close();
    }
  }
}
