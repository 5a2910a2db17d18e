package resguardo.worker;

import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;
import resguardo.core.version.Totals;

/**
 * Whether a version has what its other names of files are names of. Names leave some bits each (a
 * Bloom filter): so a link is never said to lead nowhere that does not, one that does is found
 * nearly always, and memory is bounded. To be shown the entries of a version in order: a link is to
 * an entry before it. For one thread.
 */
final class LinkTargets {
  private static final int BITS_A_NAME = 16;
  private static final int FEWEST_BITS = 1 << 10;

  /** 4 MiB: of two million names one link in some thousand is missed, of ten million one in two. */
  private static final int MOST_BITS = 1 << 25;

  private static final int MARKS = 3;

  private final long[] bits;

  /**
   * @param totals of the version
   */
  LinkTargets(Totals totals) {
    long names = Math.max(0, Math.min(totals.entries(), MOST_BITS / BITS_A_NAME));
    int wanted = (int) Math.max(FEWEST_BITS, Long.highestOneBit(names * BITS_A_NAME));
    this.bits = new long[wanted / Long.SIZE];
  }

  /** What is wrong with the next entry as a link, in words; empty: nothing, or it is none. */
  Optional<String> flaw(Entry entry) {
    RawPath link = entry.type() == Entry.Type.HARD_LINK ? entry.link() : null;
    if (link == null) {
      mark(entry.name());
      return Optional.empty();
    }
    return link.compareTo(entry.name()) < 0 && isMarked(link)
        ? Optional.empty()
        : Optional.of("it is another name of " + link + ", which the version has not");
  }

  private void mark(RawPath name) {
    long hash = hash(name);
    for (int i = 0; i < MARKS; i++) {
      int bit = bit(hash, i);
      bits[bit / Long.SIZE] |= 1L << bit % Long.SIZE;
    }
  }

  private boolean isMarked(RawPath name) {
    long hash = hash(name);
    for (int i = 0; i < MARKS; i++) {
      int bit = bit(hash, i);
      if ((bits[bit / Long.SIZE] & 1L << bit % Long.SIZE) == 0) {
        return false;
      }
    }
    return true;
  }

  /** Their number is a power of two. */
  private int bit(long hash, int mark) {
    int mixed = (int) hash + mark * (int) (hash >>> Integer.SIZE);
    return mixed & (int) ((long) bits.length * Long.SIZE - 1);
  }

  private static long hash(RawPath name) {
    byte[] bytes = name.bytes();
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    long both = crc.getValue() ^ (long) Arrays.hashCode(bytes) << Integer.SIZE;
    long mixed = both * 0x9e3779b97f4a7c15L;
    return mixed ^ mixed >>> Integer.SIZE;
  }
}
