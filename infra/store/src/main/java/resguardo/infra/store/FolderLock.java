package resguardo.infra.store;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One writer at a time on a folder, among the threads of this process and among processes. The
 * system lets go of it when a process dies.
 */
final class FolderLock {
  interface Work<T> {
    T run() throws IOException;
  }

  /** By lock file: the lock of a file is held by a process, so its threads need one more. */
  private static final ConcurrentHashMap<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

  private final Path file;
  private final ReentrantLock threads;

  FolderLock(Path file) {
    this.file = file;
    this.threads = THREADS.computeIfAbsent(file, any -> new ReentrantLock());
  }

  <T> T hold(Work<T> work) throws IOException {
    threads.lock();
    try (FileChannel channel = FileChannel.open(file, CREATE, WRITE);
        FileLock held = channel.lock()) {
      return work.run();
    } finally {
      threads.unlock();
    }
  }
}
