package resguardo.worker;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The folder where a worker's process keeps manifests in the making. It bears the process's number,
 * so that a later worker clears away what one left that was killed.
 */
record Spool(Path folder) implements AutoCloseable {
  private static final String PREFIX = "resguardo-worker-";

  /**
   * A folder for this process.
   *
   * @param parent where temporary files lie
   */
  static Spool open(Path parent) throws IOException {
    Path own = Files.createTempDirectory(parent, PREFIX + ProcessHandle.current().pid() + "-");
    try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path folder : left) {
        if (isOfTheDead(folder) && isOfThisUser(folder, own)) {
          clear(folder);
        }
      }
    }
    return new Spool(own);
  }

  /**
   * Others may put a link there, or a folder of their own, where all have their temporary files.
   */
  private static boolean isOfThisUser(Path folder, Path own) throws IOException {
    try {
      return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
          && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(own));
    } catch (NoSuchFileException gone) {
      return false; // another worker was faster
    }
  }

  private static boolean isOfTheDead(Path folder) {
    String rest = String.valueOf(folder.getFileName()).substring(PREFIX.length());
    int dash = rest.indexOf('-');
    try {
      long pid = Long.parseLong(rest.substring(0, Math.max(0, dash)));
      return ProcessHandle.of(pid).isEmpty();
    } catch (NumberFormatException notOurs) {
      return false;
    }
  }

  /** What another user's worker left is not ours to clear, and stays. */
  private static void clear(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (NoSuchFileException gone) {
      return; // another worker was faster
    } catch (IOException notOurs) {
      return;
    }
  }

  @Override
  public void close() {
    clear(folder);
  }
}
