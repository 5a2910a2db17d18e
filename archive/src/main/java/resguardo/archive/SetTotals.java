package resguardo.archive;

import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Totals;

/**
 * Adds up the lines of a manifest, in their order, to totals, fingerprint and index. For one
 * thread.
 */
public final class SetTotals {
  private static final byte[] NEWLINE = {'\n'};

  private final MessageDigest fingerprint = Sha256.newDigest();
  private final MessageDigest index = Sha256.newDigest();
  private @Nullable RawPath last;
  private long entries;
  private long files;
  private long bytes;
  private long warnings;

  /**
   * Adds the next entry.
   *
   * @param line as it stands in the manifest, without its newline
   * @throws IllegalArgumentException when it does not come after the one before: the order is part
   *     of the format; or when there is more content than can be counted
   */
  public void add(Entry entry, byte[] line) {
    if (last != null && last.compareTo(entry.name()) >= 0) {
      throw new IllegalArgumentException(entry.name() + " does not come after " + last);
    }
    last = entry.name();
    entries++;
    warnings += entry.warning() == null ? 0 : 1;
    if (entry.type() == Entry.Type.FILE && entry.digest() != null) {
      files++;
      bytes += entry.stored();
      if (bytes < 0) {
        throw new IllegalArgumentException(entry.name() + " has more content than there can be");
      }
    }
    fingerprint.update(line, 0, EntryCodec.entryLength(line));
    fingerprint.update(NEWLINE);
    index.update(line);
    index.update(NEWLINE);
  }

  /** How many entries there are so far. */
  public long entries() {
    return entries;
  }

  /** The totals; to be asked once, after the last entry. */
  public Totals totals() {
    return new Totals(entries, files, bytes, warnings, Sha256.ofDigest(fingerprint.digest()));
  }

  /** The digest of all lines; to be asked once, after the last entry. */
  public Sha256 index() {
    return Sha256.ofDigest(index.digest());
  }
}
