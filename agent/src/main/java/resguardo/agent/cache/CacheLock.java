package resguardo.agent.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.Platform;

/**
 * Says that the caches of a folder are those of one agent: another that begins there would remove
 * what this one is writing, and break its backups off. It ends with the process, however that ends.
 */
public final class CacheLock implements AutoCloseable {
  private static final String NAME = "lock";
  private static final Duration LOOK = Duration.ofMillis(200);

  private final @Nullable FileChannel file;
  private final @Nullable String unlocked;

  private CacheLock(@Nullable FileChannel file, @Nullable String unlocked) {
    this.file = file;
    this.unlocked = unlocked;
  }

  /**
   * Takes a folder, which is made where it is not.
   *
   * @param patience for how long one that has it may take to end
   * @throws IllegalArgumentException when another agent has it, and keeps it
   * @throws IOException when there can be no such folder
   */
  public static CacheLock take(Path folder, Duration patience, Platform platform)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    FileChannel file = null;
    try {
      file =
          FileChannel.open(
              folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      long begin = platform.nanoTime();
      while (!isTaken(file)) {
        if (platform.nanoTime() - begin >= patience.toNanos()) {
          file.close();
          throw new IllegalArgumentException(
              "another agent has its caches in " + folder + ": give each a --cache of its own");
        }
        platform.sleep(LOOK);
      }
      return new CacheLock(file, null);
    } catch (IOException e) {
      return new CacheLock(
          file,
          "whether another agent has its caches in "
              + folder
              + " too cannot be told: "
              + (e.getMessage() == null ? e : e.getMessage()));
    }
  }

  private static boolean isTaken(FileChannel file) throws IOException {
    try {
      FileLock lock = file.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException inThisProcess) {
      return false;
    }
  }

  /**
   * Why nothing keeps another agent from the same folder, in words: there are file systems without
   * locks, which is no reason not to back up. Empty: something does.
   */
  public Optional<String> trouble() {
    return Optional.ofNullable(unlocked);
  }

  /** Leaves the folder to others. */
  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
