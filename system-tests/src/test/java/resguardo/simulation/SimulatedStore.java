package resguardo.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;

/**
 * The store as one process has it: each call takes its time, and may go wrong before its effect or
 * after it. What was changed is shown to the watch.
 */
final class SimulatedStore implements ArchiveStore {
  private final ArchiveStore store;
  private final SimulatedProcess process;
  private final Weather weather;
  private final Watch watch;

  SimulatedStore(ArchiveStore store, SimulatedProcess process, Weather weather, Watch watch) {
    this.store = store;
    this.process = process;
    this.weather = weather;
    this.watch = watch;
  }

  private interface Call<T> {
    T run() throws StoreException;
  }

  private <T> T call(String name, ObjectKey key, Call<T> call) throws StoreException {
    weather.beforeStore(process, name, key.value());
    T result = call.run();
    weather.afterStore(process, name);
    return result;
  }

  @Override
  public void prepare() throws StoreException {
    weather.beforeStore(process, "prepare", "");
    store.prepare();
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    return call("head", key, () -> store.head(key));
  }

  @Override
  public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
    return call("read", key, () -> store.read(key, offset, length));
  }

  private StoredObject write(String name, ObjectKey key, Content content, Call<StoredObject> write)
      throws StoreException {
    return call(
        name,
        key,
        () -> {
          byte[] bytes = bytes(content);
          StoredObject written = write.run();
          watch.wrote(process, key, bytes);
          return written;
        });
  }

  private static byte[] bytes(Content content) {
    try (InputStream in = content.open()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public StoredObject put(ObjectKey key, Content content) throws StoreException {
    return write("put", key, content, () -> store.put(key, content));
  }

  @Override
  public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
    return write("putIfAbsent", key, content, () -> store.putIfAbsent(key, content));
  }

  @Override
  public StoredObject putIfMatch(ObjectKey key, String etag, Content content)
      throws StoreException {
    return write("putIfMatch", key, content, () -> store.putIfMatch(key, etag, content));
  }

  @Override
  public Upload startUpload(ObjectKey key) throws StoreException {
    return new Uploading(key, call("startUpload", key, () -> store.startUpload(key)));
  }

  @Override
  public void abortUpload(ObjectKey key, String uploadId) throws StoreException {
    call(
        "abortUpload",
        key,
        () -> {
          store.abortUpload(key, uploadId);
          return "";
        });
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int most)
      throws StoreException {
    weather.beforeStore(process, "list", prefix);
    List<StoredObject> page = store.list(prefix, after, most);
    weather.afterStore(process, "list");
    return page;
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    call(
        "delete",
        key,
        () -> {
          watch.deletes(process, key);
          store.delete(key);
          return "";
        });
  }

  @Override
  public void close() {
    store.close();
  }

  private final class Uploading implements Upload {
    private final ObjectKey key;
    private final Upload upload;

    Uploading(ObjectKey key, Upload upload) {
      this.key = key;
      this.upload = upload;
    }

    @Override
    public String id() {
      return upload.id();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws StoreException {
      call(
          "upload.write",
          key,
          () -> {
            upload.write(bytes, offset, length);
            return "";
          });
    }

    @Override
    public void copy(ObjectKey source, long offset, long length) throws IOException {
      weather.beforeStore(process, "upload.copy", key.value());
      upload.copy(source, offset, length);
      weather.afterStore(process, "upload.copy");
    }

    @Override
    public StoredObject complete() throws StoreException {
      return call(
          "upload.complete",
          key,
          () -> {
            watch.completes(process, key);
            return upload.complete();
          });
    }

    @Override
    public void close() {
      if (!process.isDead()) {
        upload.close();
      }
    }
  }
}
