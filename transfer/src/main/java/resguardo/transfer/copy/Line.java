package resguardo.transfer.copy;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.Platform;
import resguardo.core.stream.Pace;

/** What archives that are copied at once share: the bandwidth, and the memory. For any thread. */
final class Line {
  /** What an upload to an S3 is sent in: one part is filled while another is under way. */
  private static final long PART = 8L << 20;

  /** Parts grow after so many, as an S3 takes only 10,000. */
  private static final int PARTS_OF_A_SIZE = 1000;

  private final @Nullable Pace pace;
  private final long memory;
  private final Lock lock;
  private final Condition given;
  private long taken;

  /** Memory for an archive that is copied, to be given back. */
  interface Room extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @param bandwidth bytes a second at the most; absent: as many as there can be
   * @param memory in bytes, 1 or more
   */
  Line(Platform platform, @Nullable Long bandwidth, long memory) {
    this.pace = bandwidth == null ? null : new Pace(bandwidth, platform::nanoTime);
    this.memory = memory;
    this.lock = platform.newLock();
    this.given = lock.newCondition();
  }

  /** The chunk to send at once, at most so many bytes. */
  int chunk(int bytes) {
    return pace == null ? bytes : pace.chunk(bytes);
  }

  /** How many nanoseconds are left until one may ask again; 0 or less: so many bytes go now. */
  long left(int bytes) {
    if (pace == null) {
      return 0;
    }
    lock.lock();
    try {
      long left = pace.left();
      if (left <= 0) {
        pace.went(bytes);
      }
      return left;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until there is memory to upload an archive; the largest gets all there is. A thread takes
   * one at a time.
   */
  Room room(long archive) throws InterruptedException {
    long wanted = Math.min(memory, held(archive));
    lock.lock();
    try {
      while (taken + wanted > memory) {
        given.await();
      }
      taken += wanted;
    } finally {
      lock.unlock();
    }
    return () -> give(wanted);
  }

  private void give(long bytes) {
    lock.lock();
    try {
      taken -= bytes;
      given.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many bytes an upload of so many holds in memory. */
  static long held(long archive) {
    if (archive < PART) {
      return PART + archive;
    }
    long part = PART;
    for (long left = archive - PARTS_OF_A_SIZE * part; left > 0; left -= PARTS_OF_A_SIZE * part) {
      part += PART;
    }
    return 2 * part;
  }
}
