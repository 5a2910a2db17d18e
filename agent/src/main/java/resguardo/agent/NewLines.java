package resguardo.agent;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import resguardo.agent.cache.CacheFolder;
import resguardo.agent.cache.CachedLine;
import resguardo.agent.cache.ChangedStates;
import resguardo.agent.cache.LineCacheReader;
import resguardo.agent.cache.LineCacheWriter;
import resguardo.archive.ArchiveSink;
import resguardo.archive.ArchiveWriter;
import resguardo.core.RegistrationKey;
import resguardo.core.stream.ManifestEdit;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;

/**
 * Where the lines of the new version go, in order: as an edit of the base to the worker, and whole
 * into the cache for the next round. Nothing is begun before the first of them is told.
 */
final class NewLines implements ArchiveWriter.Edit, AutoCloseable {
  private final CacheFolder folder;
  private final RegistrationKey key;
  private final @Nullable Path base;
  private final ArchiveSink edit;
  private final Warnings warnings;
  private final LongLines.Bound bound;

  /** States that differ from those in the base's cache. */
  private final ChangedStates states;

  private long linesSeen;
  private long linesCopied;
  private @Nullable LineCacheReader kept;
  private @Nullable LineCacheWriter cache;

  /**
   * @param base the cache of the base; absent: there is none
   * @param edit takes the bytes of the edit
   * @param warnings meets the entries that come in
   * @param bound how long a line may be
   */
  NewLines(
      CacheFolder folder,
      RegistrationKey key,
      @Nullable Path base,
      ArchiveSink edit,
      Warnings warnings,
      LongLines.Bound bound) {
    this.folder = folder;
    this.key = key;
    this.base = base;
    this.edit = edit;
    this.warnings = warnings;
    this.bound = bound;
    this.states = new ChangedStates(folder.path());
  }

  /** Where what there is no memory for may be put aside. */
  Path scratch() {
    return folder.path();
  }

  /** How long a line may be. */
  LongLines.Bound bound() {
    return bound;
  }

  /** A line of the base that stays, with the state its file has now. To be called in order. */
  void state(long before, long now) throws IOException {
    if (before != now) {
      states.add(linesSeen, now);
    }
    linesSeen++;
  }

  /** The entry of a line that stays, where it had to be looked at. */
  void looked(Entry entry) {
    warnings.met(entry);
  }

  /** Whether any state is not as the base's cache has it. */
  boolean statesDiffer() {
    return !states.isEmpty();
  }

  /** Takes an entry with the state that its file had. */
  ArchiveWriter.Added adding(long state) {
    return placed -> add(placed, state, true);
  }

  /** Takes a file of which the rest comes with the next slice; what its warning says is not so. */
  void begun(Placed placed) throws IOException, InterruptedException {
    add(placed, FileState.UNSETTLED, false);
  }

  private void add(Placed placed, long state, boolean whole)
      throws IOException, InterruptedException {
    byte[] line = EntryCodec.write(placed);
    if (!bound.fits(line) && !placed.place().chunks().isEmpty()) {
      // Its content has far more chunks than others: what was sent of it is of no use.
      bound.leftOut(placed.entry().name());
      Entry unread = placed.entry().read(null, Entry.Warning.UNREADABLE);
      add(new Placed(unread, Place.NONE), FileState.UNSETTLED, whole);
      return;
    }
    if (whole) {
      warnings.met(placed.entry());
    }
    cache().add(placed, state, line);
    edit.accept(line);
    edit.accept(new byte[] {'\n'});
  }

  @Override
  public void keep(long lines) throws IOException, InterruptedException {
    edit.accept(ManifestEdit.keep(lines));
    copy(lines);
  }

  @Override
  public void drop(long lines) throws IOException, InterruptedException {
    edit.accept(ManifestEdit.drop(lines));
    LineCacheReader reader = kept();
    for (long i = 0; i < lines; i++) {
      reader.advance();
    }
  }

  private void copy(long lines) throws IOException {
    LineCacheReader reader = kept();
    LineCacheWriter writer = cache();
    for (long i = 0; i < lines; i++, linesCopied++) {
      CachedLine line = reader.peek().orElseThrow();
      ChangedStates.Changed now = states.peek();
      long state = line.state();
      if (now != null && now.line() == linesCopied) {
        states.remove();
        state = now.state();
      }
      writer.add(line.placed(), state, line.line());
      reader.advance();
    }
  }

  private LineCacheReader kept() throws IOException {
    if (kept == null) {
      if (base == null) {
        throw new IllegalStateException("there is no base");
      }
      kept = new LineCacheReader(base);
    }
    return kept;
  }

  private LineCacheWriter cache() throws IOException {
    if (cache == null) {
      cache = folder.create(key);
    }
    return cache;
  }

  /** Everything is told: the cache is kept. */
  LineCacheWriter.Finished finish() throws IOException {
    LineCacheWriter.Finished finished = cache().finish();
    folder.keep(key, finished);
    return finished;
  }

  /** The set is as the base says, but for states: only these are kept. */
  void keepStates() throws IOException {
    copy(linesSeen);
    folder.keep(key, cache().finish());
  }

  @Override
  public void close() throws IOException {
    states.close();
    if (kept != null) {
      kept.close();
    }
    if (cache != null) {
      cache.close();
    }
  }
}
