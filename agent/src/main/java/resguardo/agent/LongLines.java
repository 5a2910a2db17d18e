package resguardo.agent;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import resguardo.archive.LargeFile;
import resguardo.core.RawPath;
import resguardo.core.Sizes;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;

/**
 * The memory for the lines of large files, of which each chunk takes some hundred bytes: an agent
 * that has none left ends, and with it the backups of all its sets. Files that need much of it are
 * read one after the other, and those that need more than there is not at all. For any thread.
 */
final class LongLines {
  /**
   * With its chunks, what is known of them, the line of the base and that of the new version, a
   * file takes some five times the length of its line; the rest is for all else.
   */
  private static final int PARTS = 9;

  /** Of a chunk in a line, in bytes. */
  private static final int CHUNK = 104;

  /** Lines that are not longer wait for none, in bytes. */
  private static final int SHORT = 256 * 1024;

  private static final long ONE_SECOND = 1;

  private final int most;
  private final Semaphore room;

  /**
   * @param memory that this process may use, in bytes
   */
  LongLines(long memory) {
    this.most = (int) Math.min(memory / PARTS, EntryCodec.LONGEST_LINE);
    this.room = new Semaphore(most, true);
  }

  /** Told while a file waits for others. */
  interface Waiting {
    /** It is still wanted, else this fails. */
    void goesOn() throws IOException;
  }

  /** The room that a file has taken. */
  final class Held implements AutoCloseable {
    private final int bytes;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    private Held(int bytes) {
      this.bytes = bytes;
    }

    /** Whether others may be waiting for it. */
    boolean isLong() {
      return bytes > 0;
    }

    /** Gives it back, once; for any thread. */
    @Override
    public void close() {
      if (isLong() && isClosed.compareAndSet(false, true)) {
        room.release(bytes);
      }
    }
  }

  /**
   * The bound of one order.
   *
   * @param longest that whoever asks takes, in bytes; absent: it does not say
   */
  Bound upTo(@Nullable Integer longest) {
    return new Bound(longest == null ? most : Math.min(most, longest));
  }

  /** How long a line may be, and what was too large for it. For one thread, but {@link #letGo}. */
  final class Bound {
    private final int longest;
    private @Nullable RawPath first;
    private long files;
    private volatile @Nullable Held held;

    private Bound(int longest) {
      this.longest = longest;
    }

    /** Whether the line of a file is likely to be short enough; its chunks are not known yet. */
    boolean fits(Entry file) {
      return expected(file) <= longest;
    }

    /** Whether this line is short enough. */
    boolean fits(byte[] line) {
      return line.length <= longest;
    }

    /** One that does not fit is marked as unreadable. */
    void leftOut(RawPath file) {
      first = files++ == 0 ? file : first;
    }

    /** What was left out, for a person; empty: nothing. */
    Optional<String> told() {
      return first == null
          ? Optional.empty()
          : Optional.of(
              "did not read /"
                  + first
                  + ": it is larger than what there is memory for, a line of "
                  + Sizes.text(longest)
                  + " (see Large files in docs/operating.md)"
                  + KeptFrom.andMore(files, "files"));
    }

    /** Room for a file that fits; waits for what others have taken. */
    Held hold(Entry file, Waiting waiting) throws IOException, InterruptedException {
      long expected = expected(file);
      if (expected <= SHORT) {
        return new Held(0);
      }
      int bytes = (int) Math.min(most, expected);
      while (!room.tryAcquire(bytes, ONE_SECOND, TimeUnit.SECONDS)) {
        waiting.goesOn();
      }
      Held taken = new Held(bytes);
      held = taken;
      return taken;
    }

    /**
     * What is read hangs, and may for ever: others are not to wait for its room. For any thread.
     */
    void letGo() {
      Held taken = held;
      if (taken != null) {
        taken.close();
      }
    }

    private long expected(Entry file) {
      return LargeFile.chunks(file.stored()) * CHUNK;
    }
  }
}
