package resguardo.infra.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;

/**
 * A folder as a bucket: one file for each object, written beside, made durable, then moved to its
 * place. Several processes of one machine may share it. Two limits of file systems apply that S3
 * does not have: a part of a key has 255 bytes at the most, and no key may be both an object and a
 * part of another ({@code a} and {@code a/b}); such writes fail. The folder is made for its owner
 * alone; of one that was there, what may be read is up to its rights and the umask.
 */
public final class FolderArchiveStore implements ArchiveStore {
  private static final Pattern UPLOAD_ID = Pattern.compile("[0-9a-f-]{36}");

  private final Path root;
  private final Path hidden;
  private final FolderLock lock;

  /** A store in this folder, which {@link #prepare} makes where it is not. */
  public FolderArchiveStore(Path folder) {
    this.root = folder.toAbsolutePath().normalize();
    this.hidden = root.resolve(FolderFiles.HIDDEN);
    this.lock = new FolderLock(hidden.resolve("lock"));
  }

  @Override
  public void prepare() throws StoreException {
    try {
      PrivateFolder.made(root);
      Files.createDirectories(hidden);
      FolderFiles.sync(root);
    } catch (IOException e) {
      throw FolderFiles.failure("make the store " + root, e);
    }
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    try {
      return FolderFiles.known(path(key), key);
    } catch (IOException e) {
      throw FolderFiles.failure("look at " + key, e);
    }
  }

  @Override
  public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
    try {
      if (FolderFiles.known(path(key), key).isEmpty()) {
        throw new NoSuchFileException(key.value());
      }
      FileChannel file = FileChannel.open(path(key), StandardOpenOption.READ);
      file.position(offset);
      return new BoundedStream(Channels.newInputStream(file), length);
    } catch (IOException e) {
      throw FolderFiles.failure("read " + key, e);
    }
  }

  @Override
  public StoredObject put(ObjectKey key, Content content) throws StoreException {
    return write(key, content, any -> Optional.empty());
  }

  @Override
  public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
    return write(key, content, now -> now.map(any -> "it is there already"));
  }

  @Override
  public StoredObject putIfMatch(ObjectKey key, String etag, Content content)
      throws StoreException {
    return write(
        key,
        content,
        now ->
            now.filter(seen -> seen.etag().equals(etag)).isPresent()
                ? Optional.empty()
                : Optional.of("it has changed or is gone"));
  }

  @Override
  public Upload startUpload(ObjectKey key) throws StoreException {
    String id = UUID.randomUUID().toString();
    try {
      return new FolderUpload(this, key, id, hidden.resolve(id));
    } catch (IOException e) {
      throw FolderFiles.failure("begin " + key, e);
    }
  }

  @Override
  public void abortUpload(ObjectKey key, String uploadId) throws StoreException {
    if (!UPLOAD_ID.matcher(uploadId).matches()) {
      return; // never one of ours, and must not name a file elsewhere
    }
    try {
      Files.deleteIfExists(hidden.resolve(uploadId));
    } catch (IOException e) {
      throw FolderFiles.failure("give up an upload of " + key, e);
    }
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int most)
      throws StoreException {
    try {
      return FolderListing.of(root, prefix, after, most);
    } catch (IOException e) {
      throw FolderFiles.failure("list " + prefix, e);
    }
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    try {
      lock.<Boolean>hold(
          () -> {
            FolderFiles.remove(path(key), root);
            return true;
          });
    } catch (IOException e) {
      throw FolderFiles.failure("delete " + key, e);
    }
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return root.toUri().toString();
  }

  /** Moves a marked file to its place. */
  StoredObject publish(Path finished, ObjectKey key) throws IOException {
    return lock.hold(() -> moved(finished, key));
  }

  /** Tells of what is there now why it may not be written over; empty when it may. */
  private interface Objection {
    Optional<String> to(Optional<StoredObject> now);
  }

  private StoredObject write(ObjectKey key, Content content, Objection objection)
      throws StoreException {
    Path written = hidden.resolve(UUID.randomUUID().toString());
    try {
      try (InputStream in = content.open()) {
        Files.copy(in, written);
      }
      FolderFiles.mark(written);
      return lock.hold(
          () -> {
            Optional<String> why = objection.to(FolderFiles.known(path(key), key));
            if (why.isPresent()) {
              throw new StoreException.ConditionFailed(
                  "Failed to write " + key + ": " + why.get() + ".", null);
            }
            return moved(written, key);
          });
    } catch (IOException e) {
      throw FolderFiles.failure("write " + key, e);
    } finally {
      deleteQuietly(written);
    }
  }

  private StoredObject moved(Path finished, ObjectKey key) throws IOException {
    FolderFiles.publish(finished, path(key), root);
    return FolderFiles.known(path(key), key)
        .orElseThrow(() -> new NoSuchFileException(key.value()));
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException leftBehind) {
      // It is in nobody's way, and the write has its own answer.
    }
  }

  private Path path(ObjectKey key) {
    return root.resolve(key.value());
  }
}
