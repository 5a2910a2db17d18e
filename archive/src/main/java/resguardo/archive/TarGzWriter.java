package resguardo.archive;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.concurrent.ExecutorService;
import resguardo.core.Sha256;
import resguardo.core.version.ArchiveForm;
import resguardo.core.version.Entry;
import resguardo.core.version.Totals;

/**
 * Writes one archive: an ordinary tar in gzip members. The same entries with the same content give
 * the same tar, byte for byte; with the same deflater, the same archive. For one thread.
 */
public final class TarGzWriter {
  /** As GNU tar and bsdtar end an archive: two zero blocks. */
  private static final int END = 2 * TarHeaders.BLOCK;

  private static final int BUFFER = 64 * 1024;
  private static final int ENDED = -1;
  private static final int FAILED = -2;

  private final GzipMembers out;
  private final ArchiveForm form;
  private final SetTotals set = new SetTotals();
  private final EntrySink entries;
  private final byte[] buffer = new byte[BUFFER];

  /**
   * @param threads compress the blocks
   * @param sink takes the archive's bytes
   * @param entries takes the line of each entry, once what the archive has of it is known
   */
  public TarGzWriter(
      MemberDeflater deflater, ExecutorService threads, ArchiveSink sink, EntrySink entries) {
    this.entries = entries;
    this.out = new GzipMembers(deflater, threads, sink);
    this.form = deflater.form();
  }

  /** Where the lines of the manifest go; as {@link ArchiveSink}. */
  @FunctionalInterface
  public interface EntrySink {
    /**
     * Takes the line of the next entry, with its newline.
     *
     * @param line belongs to the sink from now on
     */
    void accept(byte[] line) throws IOException, InterruptedException;
  }

  /** Bytes of a source. Its errors belong to the source, and not to where the archive goes. */
  public interface Source {
    /** As {@link InputStream#read(byte[])}. */
    int read(byte[] into) throws IOException;
  }

  /** The end of an archive: what it amounts to. */
  public record Written(long archiveBytes, Sha256 archiveDigest, Totals totals, ArchiveForm form) {}

  /**
   * Adds an entry that has no content to be read: anything but a file, or a file that cannot be
   * read, which is then only recorded.
   *
   * @return the entry as it is recorded
   */
  public Entry add(Entry entry) throws IOException, InterruptedException {
    if (entry.type() == Entry.Type.FILE && entry.warning() != Entry.Warning.UNREADABLE) {
      throw new IllegalArgumentException("a file is added with its content");
    }
    if (entry.type() != Entry.Type.SOCKET && entry.type() != Entry.Type.FILE) {
      header(entry);
    }
    return recorded(entry);
  }

  /**
   * Adds a file. As many bytes as the entry says are written: a file that has become longer is cut
   * there, one that has become shorter or that cannot be read to its end is filled with zeros; both
   * are marked as changed while reading.
   *
   * @param entry without a digest; its size is that of the file when it was looked at
   * @return the entry as it is recorded: with the digest of what the archive has, and the mark
   */
  public Entry add(Entry entry, Source content) throws IOException, InterruptedException {
    header(entry);
    MessageDigest digest = Sha256.newDigest();
    boolean asExpected = copy(content, entry.size(), digest);
    out.write(new byte[TarHeaders.BLOCK], 0, TarHeaders.padding(entry.size()));
    return recorded(
        new Entry(
            entry.name(),
            entry.type(),
            entry.mode(),
            entry.uid(),
            entry.gid(),
            entry.user(),
            entry.group(),
            entry.mtimeSeconds(),
            entry.mtimeNanos(),
            entry.size(),
            Sha256.ofDigest(digest.digest()),
            null,
            null,
            asExpected ? entry.warning() : Entry.Warning.CHANGED_WHILE_READING));
  }

  private boolean copy(Source content, long size, MessageDigest digest)
      throws IOException, InterruptedException {
    long left = size;
    while (left > 0) {
      int read = readOrFail(content);
      if (read < 0) {
        fill(left, digest);
        return false;
      }
      int taken = (int) Math.min(read, left);
      out.write(buffer, 0, taken);
      digest.update(buffer, 0, taken);
      left -= taken;
      if (taken < read) {
        return false;
      }
    }
    return readOrFail(content) == ENDED;
  }

  private int readOrFail(Source content) {
    try {
      return content.read(buffer);
    } catch (IOException sourceFailed) {
      return FAILED; // what could be read is in the archive, and the entry says that it is not all
    }
  }

  private void fill(long left, MessageDigest digest) throws IOException, InterruptedException {
    byte[] zeros = new byte[BUFFER];
    for (long still = left; still > 0; still -= BUFFER) {
      int part = (int) Math.min(still, BUFFER);
      out.write(zeros, 0, part);
      digest.update(zeros, 0, part);
    }
  }

  private void header(Entry entry) throws IOException, InterruptedException {
    byte[] header = TarHeaders.of(entry);
    out.write(header, 0, header.length);
  }

  private Entry recorded(Entry entry) throws IOException, InterruptedException {
    entries.accept(set.add(entry));
    return entry;
  }

  /** Ends the archive. */
  public Written finish() throws IOException, InterruptedException {
    out.write(new byte[END], 0, END);
    out.finish();
    return new Written(out.written(), out.digest(), set.totals(), form);
  }
}
