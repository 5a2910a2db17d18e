package resguardo.transfer.copy;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.Platform;
import resguardo.core.stream.Pace;
import resguardo.infra.store.S3ArchiveStore;

/** What archives that are copied at once share: the bandwidth, and the memory. For any thread. */
final class Line {
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
    long wanted = Math.min(memory, S3ArchiveStore.heldByUpload(archive));
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
}
