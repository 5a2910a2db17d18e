package resguardo.admin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import resguardo.core.version.VersionHeader;

/**
 * A version on its way into a file, which appears whole and verified, or not at all. Its owner
 * alone may read it, from its first byte on: it holds what only some may read where it comes from.
 */
final class Download {
  private final VersionQuery query;
  private final ArchiveSource.Progress progress;

  /**
   * @param progress told how many bytes are there, as they come
   */
  Download(VersionQuery query, ArchiveSource.Progress progress) {
    this.query = query;
    this.progress = progress;
  }

  /** What lies in the file now. */
  record Saved(VersionHeader version, long bytes) {}

  /**
   * Saves it.
   *
   * @throws AdminException when it cannot be had; the file is as it was before
   */
  Saved save(ArchiveSource source, Path file) throws AdminException, InterruptedException {
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
    Path partial =
        folder.resolve("." + file.getFileName() + ".partial-" + ProcessHandle.current().pid());
    try {
      Saved saved = receive(source, partial);
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return saved;
    } catch (IOException e) {
      throw query.failed(
          ExitCode.FAILED,
          file + " cannot be written: " + e,
          "Look whether the folder is there and has room.");
    } finally {
      delete(partial);
    }
  }

  private static void delete(Path partial) {
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      // it is in nobody's way
    }
  }

  private Saved receive(ArchiveSource source, Path partial)
      throws IOException, AdminException, InterruptedException {
    try (OutputStream out =
        Channels.newOutputStream(
            FileChannel.open(
                partial,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rw-------"))))) {
      VersionQuery.Served served = source.into(out, progress);
      force(partial);
      return new Saved(served.opened().header(), Files.size(partial));
    }
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }
}
