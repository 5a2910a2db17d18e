package resguardo.archive;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A folder of a set that is held open while it is walked over. What is reached from it lies in this
 * very folder, whatever somebody on the node puts in the place of its name, or of those above it,
 * meanwhile. Paths from here are short however deep it lies.
 */
public final class SourceFolder implements AutoCloseable {
  private static final int FOLDER =
      LinuxFiles.O_DIRECTORY | LinuxFiles.O_NOFOLLOW | LinuxFiles.O_CLOEXEC;

  private final int descriptor;
  private final Path named;
  private final Path path;

  private SourceFolder(int descriptor, Path named) {
    this.descriptor = descriptor;
    this.named = named;
    this.path = Path.of("/proc/self/fd/" + descriptor);
  }

  /**
   * Opens one, to be read.
   *
   * @throws IOException when it is gone, may not be read, or is no folder or a link now
   */
  public static SourceFolder open(Path folder) throws IOException {
    return opened(folder, FOLDER);
  }

  /**
   * Opens one of which only what is in it is wanted, by names that are known.
   *
   * @param real its path without links
   * @throws NoSuchFileException when that is not its path any more: a link was put in the way
   * @throws IOException when it is gone, or may not be entered
   */
  public static SourceFolder at(Path real) throws IOException {
    SourceFolder folder = opened(real, FOLDER | LinuxFiles.O_PATH);
    if (!Arrays.equals(RawPaths.readLink(folder.path).bytes(), RawPaths.bytes(real))) {
      folder.close();
      throw new NoSuchFileException(real.toString());
    }
    return folder;
  }

  private static SourceFolder opened(Path folder, int flags) throws IOException {
    int descriptor = LinuxFiles.open(LinuxFiles.path(folder), flags);
    if (descriptor < 0) {
      throw LinuxFiles.failure(folder);
    }
    return new SourceFolder(descriptor, folder);
  }

  /** As the C library knows it, for as long as it is open. */
  public int descriptor() {
    return descriptor;
  }

  /** A path that leads to it for as long as it is open. */
  public Path path() {
    return path;
  }

  /**
   * Tells what is in it, as {@link FolderNames#each}.
   *
   * @throws IOException when it may not be read, or of the taker
   */
  public void eachName(FolderNames.Taker taker) throws IOException {
    FolderNames.each(descriptor, path, named, taker);
  }

  @Override
  public void close() {
    LinuxFiles.close(descriptor);
  }
}
