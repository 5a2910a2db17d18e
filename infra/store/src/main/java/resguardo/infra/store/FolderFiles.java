package resguardo.infra.store;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;

/** Files as objects: how they become durable, and what is known of them. */
final class FolderFiles {
  /** The folder for what is not an object; its name has a sign that no key has. */
  static final String HIDDEN = ".uploads+";

  private static final int NANOS_OF_A_MILLI = 1_000_000;

  private FolderFiles() {}

  /** What is known of an object; empty when there is none, or a folder. */
  static Optional<StoredObject> known(Path file, ObjectKey key) throws IOException {
    try {
      Map<String, Object> seen =
          Files.readAttributes(
              file, "unix:size,ino,lastModifiedTime,isRegularFile", LinkOption.NOFOLLOW_LINKS);
      if (!Boolean.TRUE.equals(seen.get("isRegularFile"))) {
        return Optional.empty();
      }
      FileTime modified = (FileTime) Objects.requireNonNull(seen.get("lastModifiedTime"));
      long size = (Long) Objects.requireNonNull(seen.get("size"));
      String etag = seen.get("ino") + "-" + modified.to(TimeUnit.NANOSECONDS) + "-" + size;
      return Optional.of(new StoredObject(key, size, etag, modified.toInstant()));
    } catch (NoSuchFileException | NotDirectoryException none) {
      return Optional.empty();
    } catch (java.nio.file.FileSystemException e) {
      if (String.valueOf(e.getReason()).contains("Not a directory")) {
        return Optional.empty(); // a part of the key is an object
      }
      throw e;
    }
  }

  /**
   * Marks a finished file for its etag: the clock of a file system is coarse and inodes are used
   * again, so the nanoseconds below the millisecond are drawn by lot.
   */
  static void mark(Path file) throws IOException {
    int lot = ThreadLocalRandom.current().nextInt(NANOS_OF_A_MILLI);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS).plusNanos(lot);
    Files.setLastModifiedTime(file, FileTime.from(now));
    sync(file);
  }

  /** Moves a durable file to its place in one step, which is durable too on return. */
  static void publish(Path finished, Path target, Path root) throws IOException {
    Files.createDirectories(target.getParent());
    Files.move(finished, target, ATOMIC_MOVE);
    // Folders above may be new as well; syncing an unchanged one costs nearly nothing.
    for (Path folder = target.getParent();
        folder != null && folder.startsWith(root);
        folder = folder.getParent()) {
      sync(folder);
    }
  }

  /** Removes a file and the folders that it leaves empty, so that no key is blocked by them. */
  static void remove(Path file, Path root) throws IOException {
    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) || !Files.deleteIfExists(file)) {
      return;
    }
    Path folder = Objects.requireNonNull(file.getParent());
    try {
      while (!folder.equals(root)) {
        Files.delete(folder);
        folder = Objects.requireNonNull(folder.getParent(), "every object is under the root");
      }
    } catch (DirectoryNotEmptyException inUse) {
      // the end of the empty ones
    }
    sync(folder);
  }

  static void sync(Path fileOrFolder) throws IOException {
    try (FileChannel channel = FileChannel.open(fileOrFolder, READ)) {
      channel.force(true);
    }
  }

  /** The kind of a failure; {@code what} as in "Failed to what". */
  static StoreException failure(String what, IOException e) {
    if (e instanceof StoreException known) {
      return known;
    }
    String message = "Failed to " + what + ": " + e + ".\n";
    if (e instanceof NoSuchFileException) {
      return new StoreException.NotFound(message + "Look whether the object is there.", e);
    }
    if (e instanceof AccessDeniedException) {
      return new StoreException.Denied(message + "Give this user rights on the folder.", e);
    }
    return new StoreException.Unavailable(
        message + "Look whether the disk is full or gone, then try again.", e);
  }
}
