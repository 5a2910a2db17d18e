package resguardo.agent;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import resguardo.agent.cache.CachedLine;
import resguardo.agent.cache.ContentIndex;
import resguardo.agent.cache.LineCacheReader;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.LargeFile;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.stream.Progress;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Placed;

/**
 * Walks over a set of files beside the lines of the base, and puts into an archive what is not as
 * they say. A file whose state is that of its line is not opened.
 */
final class SetScan implements SourceWalker.Visitor {
  private static final int BUFFER = 128 * 1024;

  private final @Nullable LineCacheReader base;
  private final ContentIndex contents;
  private final ArchiveWriter archive;
  private final NewLines lines;
  private final Progress progress;
  private final Clock clock;
  private final boolean onlyCompare;
  private final Slicing slicing;
  private final AtomicReference<@Nullable UnfinishedFile> unfinished;
  private boolean changed;

  /** How often something was found that the base does not say, or of which it is now known. */
  private long news;

  private @Nullable RawPath last;
  private boolean sliced;
  private long entries;
  private long bytes;

  /** What is there is not as the base says, and no more was asked. */
  private static final class DiffersException extends IOException {
    private static final long serialVersionUID = 1;
  }

  /** A slice is full, and there is more. */
  private static final class FullException extends IOException {
    private static final long serialVersionUID = 1;
  }

  /**
   * @param base the lines of the base; absent: all is new
   * @param cache the file of these lines, where content is looked for; absent: nowhere
   * @param onlyCompare whether to end at the first difference, putting nothing into the archive
   * @param slicing tells where to end before all is walked over
   * @param unfinished the large file that the slice before ended in, and this one does; empty: none
   */
  SetScan(
      @Nullable LineCacheReader base,
      @Nullable Path cache,
      ArchiveWriter archive,
      NewLines lines,
      Progress progress,
      Clock clock,
      boolean onlyCompare,
      Slicing slicing,
      AtomicReference<@Nullable UnfinishedFile> unfinished) {
    this.base = base;
    this.contents = new ContentIndex(cache);
    this.archive = archive;
    this.lines = lines;
    this.progress = progress;
    this.clock = clock;
    this.onlyCompare = onlyCompare;
    this.slicing = slicing;
    this.unfinished = unfinished;
  }

  /**
   * Walks.
   *
   * @param root where the set really is
   * @param name what its root is called in the archive
   * @param options what of it is left out
   * @return whether anything is not as the base says
   */
  boolean run(Path root, RawPath name, BackupOptions options)
      throws IOException, InterruptedException {
    try {
      SourceWalker.walk(root, name, options, this);
      dropBefore(null);
    } catch (DiffersException enoughSeen) {
      return true;
    } catch (FullException moreIsLeft) {
      sliced = true;
      restStays();
    } finally {
      contents.close();
    }
    return changed || base == null;
  }

  /** Where the walk ended when it was not walked to its end; absent: it was. */
  @Nullable RawPath upTo() {
    return sliced ? last : null;
  }

  /** What was not come to is left as the base has it. */
  private void restStays() throws IOException, InterruptedException {
    if (base == null) {
      return;
    }
    for (Optional<CachedLine> next = base.peek(); next.isPresent(); next = base.peek()) {
      lines.state(next.get().state(), next.get().state());
      archive.keep();
      base.advance();
      progress.at(++entries, bytes);
    }
  }

  private void differs() throws DiffersException {
    changed = true;
    news++;
    if (onlyCompare) {
      throw new DiffersException();
    }
  }

  @Override
  public void visit(Found found) throws IOException, InterruptedException {
    if (slicing.isFull()) {
      throw new FullException();
    }
    last = found.name();
    long newsBefore = news;
    look(found);
    if (news > newsBefore) {
      slicing.news(found.name());
    }
  }

  private void look(Found found) throws IOException, InterruptedException {
    progress.at(++entries, bytes);
    CachedLine line = lineOf(found.name());
    long state = found.state().mark(clock.instant());
    if (line == null) {
      added(found, state, null);
    } else if (line.state() != FileState.UNSETTLED && line.state() == state && !found.marked()) {
      stays(state, line);
    } else {
      compare(found, state, line);
    }
  }

  @Override
  public void leftOut() throws IOException {
    progress.at(entries, bytes);
  }

  /** The base's line of this name, which is taken; absent when it has none. */
  private @Nullable CachedLine lineOf(RawPath name) throws IOException, InterruptedException {
    dropBefore(name);
    if (base == null) {
      return null;
    }
    CachedLine next = base.peek().orElse(null);
    if (next == null || !next.name().equals(name)) {
      return null;
    }
    base.advance();
    return next;
  }

  private void dropBefore(@Nullable RawPath name) throws IOException, InterruptedException {
    if (base == null) {
      return;
    }
    for (Optional<CachedLine> next = base.peek();
        next.isPresent() && (name == null || next.get().name().compareTo(name) < 0);
        next = base.peek()) {
      differs();
      base.advance();
      archive.drop();
    }
  }

  private void stays(long state, CachedLine line) throws IOException, InterruptedException {
    lines.state(line.state(), state);
    news += line.state() == state ? 0 : 1;
    archive.keep();
  }

  /** One whose state does not say so, or that has a warning. */
  private void staysAsSeen(long state, CachedLine line) throws IOException, InterruptedException {
    lines.looked(line.placed().entry());
    stays(state, line);
  }

  private void compare(Found found, long state, CachedLine line)
      throws IOException, InterruptedException {
    Placed before = line.placed();
    Entry now = found.entry();
    boolean sameMetadata = before.entry().read(null, null).equals(now.read(null, null));
    if (now.type() != Entry.Type.FILE) {
      if (sameMetadata && Objects.equals(before.entry().warning(), now.warning())) {
        staysAsSeen(state, line);
      } else {
        replaced(found, state, before);
      }
    } else if (sameMetadata && now.stored() > FileReader.SMALL && sameContent(found, before)) {
      staysAsSeen(state, line);
    } else {
      file(found, state, line, before);
    }
  }

  private boolean sameContent(Found found, Placed before) throws InterruptedException, IOException {
    if (!before.entry().contentIsSure()) {
      return false;
    }
    MessageDigest digest = Sha256.newDigest();
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = FileReader.large(found)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
        progress.at(entries, bytes += n);
      }
    } catch (IOException notAsItWas) {
      return false;
    }
    return Sha256.ofDigest(digest.digest()).equals(before.entry().digest());
  }

  private void replaced(Found found, long state, Placed before)
      throws IOException, InterruptedException {
    differs();
    archive.drop();
    added(found, state, before);
  }

  private void added(Found found, long state, @Nullable Placed before)
      throws IOException, InterruptedException {
    if (found.type() == Entry.Type.FILE) {
      file(found, state, null, before);
    } else {
      differs();
      archive.add(found.entry(), lines.adding(state));
    }
  }

  /**
   * A file that has to be read.
   *
   * @param line the base's line of it, which stays if it turns out to be the same; absent: it has
   *     none, or that is dropped already
   */
  private void file(Found found, long state, @Nullable CachedLine line, @Nullable Placed before)
      throws IOException, InterruptedException {
    if (found.entry().stored() > FileReader.SMALL) {
      large(found, state, line, before);
      return;
    }
    FileReader.Small read = FileReader.small(found);
    long settled = read.settled() ? state : FileState.UNSETTLED;
    byte[] content = read.bytes();
    if (content == null) {
      small(read.entry(), settled, line, before, new byte[0]);
      return;
    }
    bytes += content.length;
    Entry entry = read.entry().read(Sha256.of(content), read.entry().warning());
    if (content.length > ArchiveWriter.SMALL) {
      medium(entry, settled, line, before, content);
    } else {
      small(entry, settled, line, before, content);
    }
  }

  /** Whether the line can stay; else it is dropped. */
  private boolean same(Entry entry, long state, @Nullable CachedLine line)
      throws IOException, InterruptedException {
    if (line == null) {
      differs();
      return false;
    }
    byte[] now = EntryCodec.write(entry);
    int length = EntryCodec.entryLength(line.line());
    if (Arrays.equals(now, 0, now.length, line.line(), 0, length)) {
      staysAsSeen(state, line);
      return true;
    }
    differs();
    archive.drop();
    return false;
  }

  private void small(
      Entry entry, long state, @Nullable CachedLine line, @Nullable Placed before, byte[] content)
      throws IOException, InterruptedException {
    if (same(entry, state, line)) {
      return;
    }
    Sha256 digest = entry.digest();
    if (digest == null) {
      archive.add(entry, lines.adding(state));
      return;
    }
    Placed known = content.length == 0 ? null : known(digest, before);
    if (known == null) {
      archive.add(entry, content, content.length, lines.adding(state));
    } else {
      archive.known(
          entry, ArchiveWriter.contentOf(known.entry(), known.place()), lines.adding(state));
    }
  }

  /** An entry of the base with this content; absent when none is known. */
  private @Nullable Placed known(Sha256 digest, @Nullable Placed before) throws IOException {
    if (base == null) {
      return null;
    }
    if (before != null) {
      boolean untouched = digest.equals(before.entry().digest()) && !before.place().isNone();
      return untouched ? before : null;
    }
    return contents.file(digest).orElse(null);
  }

  private void medium(
      Entry entry, long state, @Nullable CachedLine line, @Nullable Placed before, byte[] content)
      throws IOException, InterruptedException {
    if (!same(entry, state, line)) {
      InputStream in = new ByteArrayInputStream(content);
      archive.add(
          entry.read(null, entry.warning()), in::read, chunksOf(before), lines.adding(state));
    }
  }

  private void large(Found found, long state, @Nullable CachedLine line, @Nullable Placed before)
      throws IOException, InterruptedException {
    differs();
    if (line != null) {
      archive.drop();
    }
    InputStream opened;
    try {
      opened = FileReader.large(found);
    } catch (IOException unreadable) {
      archive.add(
          found.marked(Entry.Warning.UNREADABLE).entry(), lines.adding(FileState.UNSETTLED));
      return;
    }
    try (InputStream in = opened) {
      content(in, found, state, before);
    }
  }

  private void content(InputStream in, Found found, long state, @Nullable Placed before)
      throws IOException, InterruptedException {
    ArchiveWriter.Added then =
        placed -> {
          if (placed.entry().stored() < found.entry().stored()) {
            lines.begun(placed);
            return;
          }
          long settled = placed.entry().contentIsSure() ? state : FileState.UNSETTLED;
          lines.adding(settled).placed(placed);
        };
    if (base == null && slicing.hasRoomFor(found.entry().stored())) {
      archive.add(found.entry(), source(in, 0), chunksOf(before), then);
      return;
    }
    LargeFile file = new LargeFile(found.entry(), source(in, 0));
    List<Chunk> chunks = List.of();
    UnfinishedFile begun = unfinished.get();
    if (begun != null && before != null && begun.isBeginningOf(found, before)) {
      file = new LargeFile(found.entry(), source(in, begun.given()), begun.digest(), begun.given());
      chunks = before.place().chunks();
    }
    if (!archive.add(file, chunks, pieces(found.name(), before), then)) {
      unfinished.set(state == FileState.UNSETTLED ? null : new UnfinishedFile(found, file));
      throw new FullException();
    }
  }

  /**
   * What a file holds.
   *
   * @param from where in it to begin; that it is not as long any more is found by the reader
   */
  private ArchiveWriter.Source source(InputStream in, long from) {
    long[] toSkip = {from};
    return (into, offset, length) -> {
      in.skipNBytes(toSkip[0]);
      toSkip[0] = 0;
      return counted(in.read(into, offset, length));
    };
  }

  /** A slice does not end in a file where the one before did, or earlier. */
  private ArchiveWriter.Pieces pieces(RawPath name, @Nullable Placed before) {
    ArchiveWriter.KnownChunks known = chunksOf(before);
    long atLeast = before != null && slicing.wasUpTo(name) ? before.entry().stored() : 0;
    boolean past = slicing.isPast(name);
    boolean[] isNew = {false};
    return new ArchiveWriter.Pieces() {
      @Override
      public @Nullable Chunk find(Sha256 digest) throws IOException {
        Chunk found = known.find(digest);
        isNew[0] |= found == null;
        return found;
      }

      @Override
      public boolean enough(long given) {
        if (past || given <= atLeast) {
          return false;
        }
        if (isNew[0]) {
          slicing.begin();
        }
        return slicing.isFull();
      }
    };
  }

  private int counted(int read) {
    bytes += Math.max(0, read);
    try {
      progress.at(entries, bytes);
    } catch (IOException nobodyWaits) {
      // Here it would count as an error of the file; whatever is sent next fails of the same.
    }
    return read;
  }

  private ArchiveWriter.KnownChunks chunksOf(@Nullable Placed before) {
    Map<Sha256, Chunk> own = new HashMap<>();
    if (before != null) {
      before.place().chunks().forEach(chunk -> own.put(chunk.digest(), chunk));
    }
    return digest -> {
      Chunk found = own.get(digest);
      if (found == null && before == null && base != null) {
        found = contents.chunk(digest);
      }
      return found;
    };
  }
}
