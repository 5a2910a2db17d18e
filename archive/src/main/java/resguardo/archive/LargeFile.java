package resguardo.archive;

import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;

/** Reads a large file chunk by chunk, to exactly the size that it had when it was looked at. */
final class LargeFile {
  private final Entry found;
  private final ArchiveWriter.Source source;
  private final Chunker chunker;
  private final MessageDigest digest = Sha256.newDigest();
  private final byte[] buffer;
  private int filled;
  private long toRead;
  private boolean ended;
  private boolean changed;

  LargeFile(Entry found, ArchiveWriter.Source source) {
    this.found = found;
    this.source = source;
    this.chunker = new Chunker(found.size());
    this.buffer = new byte[chunker.largest()];
    this.toRead = found.size();
  }

  /** The next chunk; empty after the last. */
  byte[] next() {
    fill();
    int length = chunker.cut(buffer, filled);
    byte[] chunk = Arrays.copyOf(buffer, length);
    System.arraycopy(buffer, length, buffer, 0, filled - length);
    filled -= length;
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

  /** The entry as it is recorded; to be asked once, after the last chunk. */
  Entry entry() {
    return found.read(
        Sha256.ofDigest(digest.digest()),
        changed || goesOn() ? Entry.Warning.CHANGED_WHILE_READING : found.warning());
  }

  private boolean goesOn() {
    try {
      return source.read(new byte[1], 0, 1) >= 0;
    } catch (IOException changedAtItsEnd) {
      return true;
    }
  }
}
