package resguardo.worker.alarm;

import java.util.Arrays;
import resguardo.core.Sha256;

/**
 * How many of the contents that are gone came back elsewhere, however many files were moved:
 * folders that got another name, logs that were rotated.
 *
 * <p>Each is known by 62 bits of its digest, and has a mark in the place of the others. Where there
 * are more than are kept, a sample of the digests is: of both sides the same, so that what was
 * found in it can be counted up. Memory is 2 MiB a side.
 */
final class MovedContents {
  /** So many a side; what is counted up of a sample of half of them is right within a percent. */
  static final int MOST = 256 * 1024;

  private static final int MARK_BITS = 2;
  private static final long MARKS = (1 << MARK_BITS) - 1;

  private final int most;
  private final Side gone = new Side();
  private final Side came = new Side();

  /** One in two to the power of this is kept. */
  private int halvings;

  MovedContents() {
    this(MOST);
  }

  /** One that keeps no more than so many a side. */
  MovedContents(int most) {
    this.most = most;
  }

  /**
   * How many there are on both sides.
   *
   * @param all of them
   * @param suspectGone those of them that were marked so when they went
   * @param suspectCame those of them that were marked so when they came
   * @param grownGone those of them that were marked so when they went
   * @param grownCame those of them that were marked so when they came
   */
  record Moved(long all, long suspectGone, long suspectCame, long grownGone, long grownCame) {}

  /** What is to be known of a content, if it turns out to have been moved. */
  enum Mark {
    NONE,
    /** It would count as one that could be compressed, and as one that cannot any more. */
    SUSPECT,
    /** It was, or is, that of a file that has only grown. */
    GROWN
  }

  private static final class Side {
    private long[] contents = new long[1024];
    private int count;

    void add(long content) {
      if (count == contents.length) {
        contents = Arrays.copyOf(contents, 2 * count);
      }
      contents[count++] = content;
    }

    void thinOut(int halvings) {
      int kept = 0;
      for (int i = 0; i < count; i++) {
        if (isKept(contents[i], halvings)) {
          contents[kept++] = contents[i];
        }
      }
      count = kept;
    }
  }

  private static boolean isKept(long content, int halvings) {
    return (content >>> MARK_BITS & (1L << halvings) - 1) == 0;
  }

  /** A content is gone from where it was. */
  void gone(Sha256 digest, Mark mark) {
    add(gone, digest, mark);
  }

  /** A content has come to where it was not. */
  void came(Sha256 digest, Mark mark) {
    add(came, digest, mark);
  }

  private void add(Side side, Sha256 digest, Mark mark) {
    long content = PackedFile.beginning(digest) & ~MARKS | mark.ordinal();
    if (!isKept(content, halvings)) {
      return;
    }
    side.add(content);
    while (side.count > most) {
      halvings++;
      gone.thinOut(halvings);
      came.thinOut(halvings);
    }
  }

  /** What was moved; to be asked once. */
  Moved moved() {
    Arrays.sort(gone.contents, 0, gone.count);
    Arrays.sort(came.contents, 0, came.count);
    long all = 0;
    long[] went = new long[Mark.values().length];
    long[] arrived = new long[Mark.values().length];
    int i = 0;
    int j = 0;
    while (i < gone.count && j < came.count) {
      long one = gone.contents[i];
      long other = came.contents[j];
      int order = Long.compare(one >> MARK_BITS, other >> MARK_BITS);
      if (order == 0) {
        all++;
        went[(int) (one & MARKS)]++;
        arrived[(int) (other & MARKS)]++;
      }
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    int suspect = Mark.SUSPECT.ordinal();
    int grown = Mark.GROWN.ordinal();
    return new Moved(
        all << halvings,
        went[suspect] << halvings,
        arrived[suspect] << halvings,
        went[grown] << halvings,
        arrived[grown] << halvings);
  }
}
