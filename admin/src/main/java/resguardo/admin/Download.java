package resguardo.admin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.function.LongConsumer;
import resguardo.core.Sha256;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.version.VersionHeader;

/** A version on its way into a file, which appears whole and verified, or not at all. */
final class Download {
  private final VersionQuery query;
  private final LongConsumer progress;
  private final MessageDigest digest = Sha256.newDigest();
  private long bytes;

  /**
   * @param progress told how many bytes are there, as they come
   */
  Download(VersionQuery query, LongConsumer progress) {
    this.query = query;
    this.progress = progress;
  }

  /** What lies in the file now. */
  record Saved(VersionHeader version, long bytes, Sha256 digest) {}

  /**
   * Asks for a version and saves it.
   *
   * @throws AdminException when it cannot be had; the file is as it was before
   */
  Saved save(Desk.Question question, Path file) throws AdminException, InterruptedException {
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
    Path partial =
        folder.resolve("." + file.getFileName() + ".partial-" + ProcessHandle.current().pid());
    try {
      Saved saved = receive(question, partial);
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

  private Saved receive(Desk.Question question, Path partial)
      throws IOException, AdminException, InterruptedException {
    try (OutputStream out =
        Files.newOutputStream(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      VersionQuery.Served served =
          query.run(
              question,
              data -> {
                out.write(data.payload());
                digest.update(data.payload());
                bytes += data.payload().length;
                progress.accept(bytes);
              });
      Saved saved = new Saved(served.opened().header(), bytes, Sha256.ofDigest(digest.digest()));
      verify(saved, served);
      force(partial);
      return saved;
    }
  }

  private void verify(Saved saved, VersionQuery.Served served) throws AdminException {
    if (!(served.end() instanceof StreamMessage.Finished finished)) {
      throw query.notServed(served.end());
    }
    boolean asSent =
        finished.archiveBytes() == saved.bytes() && finished.archiveDigest().equals(saved.digest());
    boolean asStored =
        served.opened().part()
            || served.opened().header().archives().stream()
                .anyMatch(
                    ref -> ref.bytes() == saved.bytes() && ref.digest().equals(saved.digest()));
    if (!asSent || !asStored) {
      throw query.failed(
          ExitCode.FAILED,
          "what came is not what the manifest names",
          "Try again; if it stays so, the archive is damaged.");
    }
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }
}
