package resguardo.testkit.store;

import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoreRule;
import resguardo.core.port.StoredObject;

/** A store that does what another does, but for what is overridden. */
public class ForwardingStore implements ArchiveStore {
  private final ArchiveStore store;

  /** Over this store. */
  public ForwardingStore(ArchiveStore store) {
    this.store = store;
  }

  @Override
  public void prepare() throws StoreException {
    store.prepare();
  }

  @Override
  public Optional<StoredObject> head(ObjectKey key) throws StoreException {
    return store.head(key);
  }

  @Override
  public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
    return store.read(key, offset, length);
  }

  @Override
  public List<StoreRule> rules() throws StoreException {
    return store.rules();
  }

  @Override
  public StoredObject put(ObjectKey key, Content content) throws StoreException {
    return store.put(key, content);
  }

  @Override
  public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
    return store.putIfAbsent(key, content);
  }

  @Override
  public StoredObject putIfMatch(ObjectKey key, String etag, Content content)
      throws StoreException {
    return store.putIfMatch(key, etag, content);
  }

  @Override
  public Upload startUpload(ObjectKey key) throws StoreException {
    return store.startUpload(key);
  }

  @Override
  public void abortUpload(ObjectKey key, String uploadId) throws StoreException {
    store.abortUpload(key, uploadId);
  }

  @Override
  public List<StoredObject> list(String prefix, @Nullable ObjectKey after, int most)
      throws StoreException {
    return store.list(prefix, after, most);
  }

  @Override
  public Optional<ObjectLock> locks() throws StoreException {
    return store.locks();
  }

  @Override
  public int forgetReplaced(String prefix) throws StoreException {
    return store.forgetReplaced(prefix);
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    store.delete(key);
  }

  @Override
  public void close() {
    store.close();
  }
}
