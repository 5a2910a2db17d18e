package resguardo.agent;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.LargeFile;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.Placed;

/** Puts large files into the archive, as they are read, and ends within one where a slice does. */
final class LargeFiles {
  private final boolean hasBase;
  private final KnownContent known;
  private final ArchiveWriter archive;
  private final NewLines lines;
  private final Slicing slicing;
  private final AtomicReference<@Nullable UnfinishedFile> unfinished;
  private final Tally tally;

  /**
   * @param unfinished the file that the slice before ended in, and this one does; empty: none
   */
  LargeFiles(
      boolean hasBase,
      KnownContent known,
      ArchiveWriter archive,
      NewLines lines,
      Slicing slicing,
      AtomicReference<@Nullable UnfinishedFile> unfinished,
      Tally tally) {
    this.hasBase = hasBase;
    this.known = known;
    this.archive = archive;
    this.lines = lines;
    this.slicing = slicing;
    this.unfinished = unfinished;
    this.tally = tally;
  }

  /**
   * Puts one in, or what is left of it.
   *
   * @param before the base's entry of it; absent: it has none
   * @return whether all of it was put in: else the slice is full
   */
  boolean add(Found found, long state, @Nullable Placed before)
      throws IOException, InterruptedException {
    InputStream opened;
    try {
      opened = FileReader.large(found);
    } catch (IOException unreadable) {
      found.isReadAs(null);
      archive.add(
          found.marked(Entry.Warning.UNREADABLE).entry(), lines.adding(FileState.UNSETTLED));
      return true;
    }
    try (InputStream in = opened;
        LongLines.Held room = lines.bound().hold(found.entry(), tally::goesOn)) {
      boolean whole = add(in, found, state, before);
      if (room.isLong()) {
        archive.settle();
      }
      return whole;
    }
  }

  private boolean add(InputStream in, Found found, long state, @Nullable Placed before)
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
    if (!hasBase && slicing.hasRoomFor(found.entry().stored())) {
      archive.add(found.entry(), source(in, 0), known.chunks(before), then);
      return true;
    }
    LargeFile file = new LargeFile(found.entry(), source(in, 0));
    List<Chunk> chunks = List.of();
    UnfinishedFile begun = unfinished.get();
    if (begun != null && before != null && begun.isBeginningOf(found, before)) {
      file = new LargeFile(found.entry(), source(in, begun.given()), begun.digest(), begun.given());
      chunks = before.place().chunks();
    }
    boolean whole = archive.add(file, chunks, pieces(found.name(), before), then);
    if (!whole) {
      unfinished.set(state == FileState.UNSETTLED ? null : new UnfinishedFile(found, file));
    }
    return whole;
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
      return tally.counted(in.read(into, offset, length));
    };
  }

  /** A slice does not end in a file where the one before did, or earlier. */
  private ArchiveWriter.Pieces pieces(RawPath name, @Nullable Placed before) {
    ArchiveWriter.KnownChunks chunks = known.chunks(before);
    long atLeast = before != null && slicing.wasUpTo(name) ? before.entry().stored() : 0;
    boolean past = slicing.isPast(name);
    boolean[] isNew = {false};
    return new ArchiveWriter.Pieces() {
      @Override
      public @Nullable Chunk find(Sha256 digest) throws IOException {
        Chunk found = chunks.find(digest);
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
}
