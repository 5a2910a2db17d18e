package resguardo.agent;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import resguardo.agent.cache.CachedLine;
import resguardo.agent.cache.LineCacheReader;
import resguardo.archive.ArchiveWriter;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.stream.Progress;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Placed;

/**
 * Walks over a set of files beside the lines of the base, and puts into an archive what is not as
 * they say. A file whose state is that of its line is not opened.
 */
final class SetScan implements SourceWalker.Visitor {
  private static final int BUFFER = 128 * 1024;
  private static final byte[] NOTHING = {};

  private final @Nullable LineCacheReader base;
  private final KnownContent known;
  private final ArchiveWriter archive;
  private final NewLines lines;
  private final Tally tally;
  private final Clock clock;
  private final boolean onlyCompare;
  private final Slicing slicing;
  private final LargeFiles large;
  private final KeptFrom keptFrom = new KeptFrom();
  private boolean changed;

  /** How often something was found that the base does not say, or of which it is now known. */
  private long news;

  private @Nullable RawPath last;
  private boolean sliced;

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
    this.tally = new Tally(progress);
    this.known = new KnownContent(base != null, cache, tally::goesOn);
    this.archive = archive;
    this.lines = lines;
    this.clock = clock;
    this.onlyCompare = onlyCompare;
    this.slicing = slicing;
    this.large = new LargeFiles(base != null, known, archive, lines, slicing, unfinished, tally);
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
      SourceWalker.Room room =
          SourceWalker.Room.of(Runtime.getRuntime().maxMemory(), lines.scratch());
      SourceWalker.walk(root, name, options, this, room);
      dropBefore(null);
    } catch (DiffersException enoughSeen) {
      return true;
    } catch (FullException moreIsLeft) {
      sliced = true;
      restStays();
    } finally {
      known.close();
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
      tally.entry();
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
    tally.entry();
    CachedLine line = lineOf(found.name());
    long state = found.state().mark(clock.instant());
    if (line == null) {
      added(found, state, null);
    } else if (line.state() != FileState.UNSETTLED
        && line.state() == state
        && !found.marked()
        && found.isLinkedAs(line)) {
      stays(state, line);
    } else {
      compare(found, state, line);
    }
  }

  @Override
  public void comesTo(RawPath name) {
    tally.comesTo(name);
  }

  @Override
  public void notLookedInto(RawPath folder, String why) {
    keptFrom.lookingInto(folder, why);
  }

  @Override
  public void linksForgotten(long files) {
    keptFrom.linking(files);
  }

  /** What this agent's bounds kept it from, for a person. */
  List<String> keptFrom() {
    List<String> told = keptFrom.told();
    lines.bound().told().ifPresent(told::add);
    return told;
  }

  @Override
  public void leftOut() throws IOException {
    tally.goesOn();
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
    } else if (sameMetadata
        && !found.scattered()
        && now.stored() > FileReader.SMALL
        && sameContent(found, before)) {
      staysAsSeen(state, line);
    } else {
      // What was a link has no content of its own: it may be under any name.
      file(found, state, line, before.entry().type() == Entry.Type.FILE ? before : null);
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
        tally.read(n);
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
    if (found.scattered()) {
      keptFrom.gathering(found.name());
      found.isReadAs(null);
      small(found.entry(), FileState.UNSETTLED, line, before, NOTHING);
      return;
    }
    if (found.entry().stored() > FileReader.SMALL) {
      large(found, state, line, before);
      return;
    }
    FileReader.Small read = FileReader.small(found);
    long settled = read.settled() ? state : FileState.UNSETTLED;
    byte[] content = read.bytes();
    if (content == null) {
      small(read.entry(), settled, line, before, NOTHING);
      return;
    }
    tally.readBefore(content.length);
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
    Placed there = content.length == 0 ? null : known.file(digest, before);
    if (there == null) {
      archive.add(entry, content, content.length, lines.adding(state));
    } else {
      archive.known(
          entry, ArchiveWriter.contentOf(there.entry(), there.place()), lines.adding(state));
    }
  }

  private void medium(
      Entry entry, long state, @Nullable CachedLine line, @Nullable Placed before, byte[] content)
      throws IOException, InterruptedException {
    if (!same(entry, state, line)) {
      InputStream in = new ByteArrayInputStream(content);
      archive.add(
          entry.read(null, entry.warning()), in::read, known.chunks(before), lines.adding(state));
    }
  }

  private void large(Found found, long state, @Nullable CachedLine line, @Nullable Placed before)
      throws IOException, InterruptedException {
    if (!lines.bound().fits(found.entry())) {
      lines.bound().leftOut(found.name());
      found.isReadAs(null);
      Entry unread = found.marked(Entry.Warning.UNREADABLE).entry();
      small(unread, FileState.UNSETTLED, line, before, NOTHING);
      return;
    }
    differs();
    if (line != null) {
      archive.drop();
    }
    if (!large.add(found, state, before)) {
      throw new FullException();
    }
  }
}
