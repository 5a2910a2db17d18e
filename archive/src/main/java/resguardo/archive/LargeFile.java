package resguardo.archive;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;

/**
 * Reads a large file chunk by chunk, to exactly the size that it had when it was looked at, of a
 * sparse file the data that it had then: one that has become longer is cut there, one that has
 * become shorter or that cannot be read to its end is filled with zeros; both are marked as changed
 * while reading. For one thread.
 */
public final class LargeFile {
  private final Entry found;
  private final ArchiveWriter.Source source;
  private final Chunker chunker;
  private final MessageDigest digest;
  private final byte[] buffer;
  private final long size;
  private int filled;
  private long toRead;
  private long given;
  private boolean ended;
  private boolean changed;

  /**
   * From its beginning.
   *
   * @param found without a digest; its size is that of the file when it was looked at
   */
  public LargeFile(Entry found, ArchiveWriter.Source source) {
    this(found, source, Sha256.newDigest(), 0);
  }

  /**
   * From where the reading of the same content ended before.
   *
   * @param source of what comes after
   * @param digest as {@link #digestSoFar} gave it; belongs to this from now on
   * @param given how many bytes that is of, as {@link #given} said
   */
  public LargeFile(Entry found, ArchiveWriter.Source source, MessageDigest digest, long given) {
    this.found = found;
    this.source = source;
    this.chunker = new Chunker(found.stored());
    this.digest = digest;
    this.given = given;
    this.buffer = new byte[chunker.largest()];
    this.size = found.stored();
    this.toRead = size - given;
  }

  /**
   * How many chunks a file is likely to have at the most. Where the content is as if by chance they
   * come to 19 % more than the {@link Chunker}'s average.
   *
   * @param size what of it is stored, in bytes
   */
  public static long chunks(long size) {
    long average = new Chunker(size).average();
    return size / (average + average / 8) + 1;
  }

  /** The next chunk; empty after the last. */
  byte[] next() {
    fill();
    int length = chunker.cut(buffer, filled);
    byte[] chunk = Arrays.copyOf(buffer, length);
    System.arraycopy(buffer, length, buffer, 0, filled - length);
    filled -= length;
    given += length;
    digest.update(chunk);
    return chunk;
  }

  private void fill() {
    while (filled < buffer.length && toRead > 0) {
      int most = (int) Math.min(buffer.length - filled, toRead);
      int read = ended ? -1 : readOrFail(most);
      if (read < 0) {
        ended = true;
        changed = true; // what could be read is there, and the entry says that it is not all
        Arrays.fill(buffer, filled, filled + most, (byte) 0);
        read = most;
      }
      filled += read;
      toRead -= read;
    }
  }

  private int readOrFail(int most) {
    try {
      return source.read(buffer, filled, most);
    } catch (IOException sourceFailed) {
      return -1;
    }
  }

  Entry found() {
    return found;
  }

  /** How many bytes it is to give in all: of a sparse file its data. */
  long size() {
    return size;
  }

  /** How many bytes of it were given in chunks. */
  public long given() {
    return given;
  }

  /** Whether there are more chunks. */
  boolean hasMore() {
    return given < size;
  }

  /** The state of the digest over what was given. */
  public MessageDigest digestSoFar() {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a digest of the JDK can be cloned", e);
    }
  }

  /** The entry as it is recorded; to be asked once, after the last chunk. */
  Entry entry() {
    return found.read(
        Sha256.ofDigest(digest.digest()),
        changed || goesOn() ? Entry.Warning.CHANGED_WHILE_READING : found.warning());
  }

  /** An entry of what was given so far, as if that were all of the file. */
  Entry entrySoFar() {
    return found.begun(given, Sha256.ofDigest(digestSoFar().digest()));
  }

  private boolean goesOn() {
    try {
      return source.read(new byte[1], 0, 1) >= 0;
    } catch (IOException changedAtItsEnd) {
      return true;
    }
  }
}
