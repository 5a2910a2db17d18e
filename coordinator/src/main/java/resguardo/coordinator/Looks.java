package resguardo.coordinator;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.port.Platform;
import resguardo.core.protocol.Command;

/**
 * Looks at how backups and drills of all registrations ended. Most of it is known from what workers
 * tell ({@link EndedWork}); a look finds what nobody told of. The list of ten thousand objects
 * takes seconds, so it is read beside all else: where it takes long nobody waits for it, and is
 * told what is known by then. For several threads.
 */
final class Looks implements AutoCloseable {
  /** Who asks waits for a look that is no slower than this, and so sees all as it is now. */
  private static final Duration WAIT = Duration.ofMillis(300);

  /** A slow look is followed by a time without one, so many times as long as it took. */
  private static final int REST = 10;

  private static final Duration LONGEST_REST = Duration.ofSeconds(60);

  /** After a look that failed: a store that was away is asked again soon. */
  private static final Duration LONGEST_REST_AFTER_FAILURE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(Looks.class);

  private final long wait;
  private final LongSupplier nanos;
  private final Reading reading;
  private final ExecutorService thread;
  private final Lock lock;
  private final Condition over;

  private long begun;
  private long ended;
  private long took;
  private long restsUntil;
  private @Nullable IOException failure;

  /** Reads what has changed, and takes it in. */
  interface Reading {
    void run() throws IOException;
  }

  Looks(Platform platform, Reading reading) {
    this(platform, reading, WAIT);
  }

  /**
   * @param wait how long whoever asks waits at the most
   */
  Looks(Platform platform, Reading reading, Duration wait) {
    this.wait = wait.toNanos();
    this.nanos = platform::nanoTime;
    this.reading = reading;
    this.thread = platform.pool("coordinator-look", 1);
    this.lock = platform.newLock();
    this.over = lock.newCondition();
    this.restsUntil = platform.nanoTime();
  }

  /** Whether the answer to a command says how all of them stand. */
  static boolean areWorth(Command command) {
    return (command instanceof Command.ListRegistrations list && list.after() == null)
        || (command instanceof Command.ListNodes nodes && nodes.after() == null);
  }

  /**
   * Has what is known be as it stands in the bucket, where that does not take long. To be called
   * without any lock that a look may need.
   *
   * @throws IOException when the store could not be read within that time. Where it takes longer to
   *     say so, nothing is thrown: see {@link #failure}
   */
  void freshen() throws IOException {
    lock.lock();
    try {
      long wanted = begun + 1; // one that is under way may have passed by what changed since
      long left = wait;
      while (ended < wanted && (isUnderWay() || nanos.getAsLong() - restsUntil >= 0)) {
        if (!isUnderWay()) {
          begin();
        }
        if (took > wait || left <= 0) {
          return;
        }
        left = over.awaitNanos(left);
      }
      if (ended >= wanted && failure != null) {
        throw new IOException(failure.getMessage(), failure);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  /** Why the last look that has ended found nothing; empty: it did, or none has ended. */
  Optional<String> failure() {
    lock.lock();
    try {
      return Optional.ofNullable(failure).map(why -> String.valueOf(why.getMessage()));
    } finally {
      lock.unlock();
    }
  }

  private boolean isUnderWay() {
    return begun > ended;
  }

  private void begin() {
    if (!thread.isShutdown()) {
      begun++;
      thread.execute(this::look);
    }
  }

  private void look() {
    long began = nanos.getAsLong();
    IOException failed = null;
    try {
      reading.run();
    } catch (IOException e) {
      LOG.warn("how backups ended is read later: {}", e.getMessage());
      failed = e;
    } catch (RuntimeException e) {
      LOG.error("how backups ended could not be taken in", e);
      failed = new IOException(e);
    } finally {
      end(nanos.getAsLong() - began, failed);
    }
  }

  private void end(long time, @Nullable IOException failed) {
    lock.lock();
    try {
      ended = begun;
      took = time;
      failure = failed;
      Duration longest = failed == null ? LONGEST_REST : LONGEST_REST_AFTER_FAILURE;
      long rest = time <= wait ? 0 : Math.min(REST * time, longest.toNanos());
      restsUntil = nanos.getAsLong() + rest;
      over.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      thread.shutdownNow();
    } finally {
      lock.unlock();
    }
  }
}
