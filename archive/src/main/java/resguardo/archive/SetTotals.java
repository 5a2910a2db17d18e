package resguardo.archive;

import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Totals;

/** Adds up a set of entries, in their order, to its totals and its fingerprint. For one thread. */
public final class SetTotals {
  private final MessageDigest fingerprint = Sha256.newDigest();
  private @Nullable RawPath last;
  private long entries;
  private long files;
  private long bytes;
  private long warnings;

  /**
   * Adds the next entry, as it is to be recorded.
   *
   * @return its line in the manifest, with the newline
   * @throws IllegalArgumentException when it does not come after the one before: the order is part
   *     of the format
   */
  public byte[] add(Entry entry) {
    if (last != null && last.compareTo(entry.name()) >= 0) {
      throw new IllegalArgumentException(entry.name() + " does not come after " + last);
    }
    last = entry.name();
    entries++;
    warnings += entry.warning() == null ? 0 : 1;
    if (entry.type() == Entry.Type.FILE && entry.digest() != null) {
      files++;
      bytes += entry.size();
    }
    byte[] written = EntryCodec.write(entry);
    byte[] line = java.util.Arrays.copyOf(written, written.length + 1);
    line[written.length] = '\n';
    fingerprint.update(line);
    return line;
  }

  /** How many entries there are so far. */
  public long entries() {
    return entries;
  }

  /** The totals; to be asked once, after the last entry. */
  public Totals totals() {
    return new Totals(entries, files, bytes, warnings, Sha256.ofDigest(fingerprint.digest()));
  }
}
