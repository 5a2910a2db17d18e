package resguardo.infra.store;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import resguardo.core.port.ArchiveStore.Upload;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;

/** An object in the making: a file in the hidden folder, named by the id. */
final class FolderUpload implements Upload {
  private final FolderArchiveStore store;
  private final ObjectKey key;
  private final String id;
  private final Path file;
  private final OutputStream out;
  private boolean completed;

  FolderUpload(FolderArchiveStore store, ObjectKey key, String id, Path file) throws IOException {
    this.store = store;
    this.key = key;
    this.id = id;
    this.file = file;
    this.out = Files.newOutputStream(file, CREATE_NEW, WRITE);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws StoreException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw FolderFiles.failure("write to " + key, e);
    }
  }

  @Override
  public void copy(ObjectKey source, long offset, long length) throws IOException {
    long copied;
    try (InputStream in = store.read(source, offset, length)) {
      copied = in.transferTo(out);
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw FolderFiles.failure("copy " + source + " to " + key, e);
    }
    if (copied < length) {
      throw new EOFException("Failed to copy " + source + ": it ends too early.");
    }
  }

  @Override
  public StoredObject complete() throws StoreException {
    try {
      out.close();
      FolderFiles.mark(file);
      StoredObject object = store.publish(file, key);
      completed = true;
      return object;
    } catch (IOException e) {
      throw FolderFiles.failure("complete " + key, e);
    }
  }

  @Override
  public void close() {
    if (completed) {
      return;
    }
    try (out) {
      Files.deleteIfExists(file);
    } catch (IOException leftBehind) {
      // As promised: the id was noted, and abortUpload frees it later.
    }
  }
}
