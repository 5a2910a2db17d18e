package resguardo.worker.alarm;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.LineSplitter;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Placed;

/**
 * Holds the lines of a version against those of the version before, both in their order, and counts
 * what became of the files of that. Entries of which nothing has changed cost a comparison of
 * bytes. Memory is that of {@link MovedContents}, and some of files that may come under a longer
 * name. For one thread.
 */
final class Comparison implements LineSplitter.Taker {
  /**
   * So many bytes of files that may come under a longer name are kept, or the last of them however
   * large it is: a node may have names begin each other without end.
   */
  static final long MOST_GONE = 4 * 1024 * 1024;

  private final ManifestReader before;
  private final boolean anew;
  private final MovedContents moved = new MovedContents();

  /**
   * Files that are gone and may be there under a longer name, each name the beginning of the next.
   */
  private final Deque<PackedFile> gone = new ArrayDeque<>();

  /** What they take. */
  private long goneBytes;

  private byte @Nullable [] line;
  private @Nullable Placed read;
  private long contentsGone;
  private long contentsCame;
  private long grown;
  private long sentAgain;
  private long goodGone;
  private long badCame;
  private long spoilt;
  private long spoiltBytes;

  /**
   * @param before the version before; not closed here
   * @param anew whether content that is as it was may have come once more, and so lie elsewhere. If
   *     not, what is said to be as it was and does not lie where it did counts as changed: nobody
   *     has looked yet whether it is what its digest says, and an agent sends nothing again
   */
  Comparison(ManifestReader before, boolean anew) throws IOException, MalformedMessageException {
    this.before = before;
    this.anew = anew;
    next();
  }

  private void next() throws IOException, MalformedMessageException {
    line = before.nextLine().orElse(null);
    read = null;
  }

  private Optional<Placed> old() throws MalformedMessageException {
    if (read == null && line != null) {
      read = EntryCodec.read(line);
    }
    return Optional.ofNullable(read);
  }

  /** The next line of the new version. */
  @Override
  public void take(byte[] now) throws IOException, MalformedMessageException {
    if (line != null && (anew ? isSameEntry(line, now) : Arrays.equals(line, now))) {
      next();
      return;
    }
    Placed came = EntryCodec.read(now);
    for (Optional<Placed> old = old(); old.isPresent(); old = old()) {
      int order = old.get().entry().name().compareTo(came.entry().name());
      if (order > 0) {
        break;
      }
      next();
      if (order == 0) {
        stayed(old.get(), came);
        return;
      }
      gone(PackedFile.of(old.get(), anew));
    }
    came(PackedFile.of(came, anew));
  }

  private static boolean isSameEntry(byte[] one, byte[] other) {
    int length = EntryCodec.entryLength(one);
    return length == EntryCodec.entryLength(other)
        && Arrays.equals(one, 0, length, other, 0, length);
  }

  /** What is known when all lines of the new version were taken; to be asked once. */
  Changes changes() throws IOException, MalformedMessageException {
    for (Optional<Placed> old = old(); old.isPresent(); old = old()) {
      next();
      gone(PackedFile.of(old.get(), anew));
    }
    while (!gone.isEmpty()) {
      leave(popped());
    }
    MovedContents.Moved elsewhere = moved.moved();
    // What has grown counts as neither, unless it is what another file had, or has now.
    long lost = contentsGone - elsewhere.all() - (grown - elsewhere.grownGone());
    long found = contentsCame - elsewhere.all() - (grown - elsewhere.grownCame());
    long changed = Math.min(lost, found);
    long others = Math.min(goodGone - elsewhere.suspectGone(), badCame - elsewhere.suspectCame());
    return new Changes(Math.max(0, changed) + sentAgain, spoilt + Math.max(0, others), spoiltBytes);
  }

  private void stayed(Placed before, Placed after) {
    PackedFile old = PackedFile.of(before, anew);
    PackedFile now = PackedFile.of(after, anew);
    if (old == null || now == null) {
      gone(old);
      came(now);
    } else if (!old.digest().equals(now.digest())) {
      replaced(old, now);
    } else if (!now.liesLike(old)) {
      sentAgain++;
      spoilt(now.spoilt(old));
    }
  }

  private long spoilt(long bytes) {
    spoilt += bytes > 0 ? 1 : 0;
    spoiltBytes += bytes;
    return bytes;
  }

  private void replaced(PackedFile old, PackedFile now) {
    long bytes = spoilt(now.spoilt(old));
    boolean hasGrown = bytes == 0 && now.hasGrown(old) && old.name().equals(now.name());
    grown += hasGrown ? 1 : 0;
    MovedContents.Mark mark = hasGrown ? MovedContents.Mark.GROWN : MovedContents.Mark.NONE;
    lost(old, mark);
    found(now, mark);
  }

  private void gone(@Nullable PackedFile old) {
    if (old != null) {
      leaveBeginningsOf(old.name());
      gone.push(old);
      goneBytes += old.weight();
    }
    while (goneBytes > MOST_GONE && gone.size() > 1) {
      // The shortest name: what comes is least likely to be it with no more than an extension.
      PackedFile oldest = gone.removeLast();
      goneBytes -= oldest.weight();
      leave(oldest);
    }
  }

  private PackedFile popped() {
    PackedFile last = gone.pop();
    goneBytes -= last.weight();
    return last;
  }

  /** How many bytes are kept of files that may come under a longer name. */
  long goneBytes() {
    return gone.stream().mapToLong(PackedFile::weight).sum();
  }

  private void came(@Nullable PackedFile now) {
    if (now == null) {
      return;
    }
    leaveBeginningsOf(now.name());
    PackedFile shorter = gone.peek();
    if (shorter != null && isAppended(shorter.name(), now.name())) {
      // As malware does it: plan.txt is plan.txt.locked now.
      popped();
      replaced(shorter, now);
    } else {
      badCame += now.isBad() ? 1 : 0;
      found(now, now.isBad() ? MovedContents.Mark.SUSPECT : MovedContents.Mark.NONE);
    }
  }

  /** Names come in order: what does not begin a name does not begin any later one. */
  private void leaveBeginningsOf(RawPath later) {
    byte[] name = later.bytes();
    while (!gone.isEmpty() && !begins(gone.getFirst().name().bytes(), name)) {
      leave(popped());
    }
  }

  /** Nothing is there under a name like it. */
  private void leave(PackedFile old) {
    goodGone += old.isGood() ? 1 : 0;
    lost(old, old.isGood() ? MovedContents.Mark.SUSPECT : MovedContents.Mark.NONE);
  }

  private static boolean begins(byte[] shorter, byte[] longer) {
    return shorter.length < longer.length
        && Arrays.equals(shorter, 0, shorter.length, longer, 0, shorter.length);
  }

  /** Whether a name is another that begins it with an extension more, in the same folder. */
  private static boolean isAppended(RawPath shorter, RawPath longer) {
    byte[] name = longer.bytes();
    int at = shorter.length();
    boolean sameFolder = true;
    for (int i = at; i < name.length; i++) {
      sameFolder &= name[i] != '/';
    }
    return sameFolder && name[at] == '.';
  }

  private void lost(PackedFile old, MovedContents.Mark mark) {
    contentsGone++;
    moved.gone(old.digest(), mark);
  }

  private void found(PackedFile now, MovedContents.Mark mark) {
    contentsCame++;
    moved.came(now.digest(), mark);
  }
}
