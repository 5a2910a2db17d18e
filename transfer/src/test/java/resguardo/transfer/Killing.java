package resguardo.transfer;

import java.io.IOException;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.testkit.store.ForwardingStore;

/** A bucket as a process sees it that is killed right before or right after one of its changes. */
public final class Killing extends ForwardingStore {
  private final ArchiveStore store;
  private final int change;
  private final boolean after;
  private int changes;
  private volatile boolean dead;

  /** What a process sees of it that has been killed. */
  public static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Killed() {
      super("killed", null, false, false);
    }
  }

  private interface Change<T> {
    T make() throws StoreException;
  }

  /**
   * @param change its number, from 1
   */
  public Killing(ArchiveStore store, int change, boolean after) {
    super(store);
    this.store = store;
    this.change = change;
    this.after = after;
  }

  private synchronized void step(boolean isAfter) {
    changes += isAfter ? 0 : 1;
    dead = dead || changes >= change && isAfter == after;
    if (dead) {
      throw new Killed();
    }
  }

  private <T> T changed(Change<T> made) throws StoreException {
    step(false);
    T result = made.make();
    step(true);
    return result;
  }

  @Override
  public StoredObject put(ObjectKey key, Content content) throws StoreException {
    return changed(() -> super.put(key, content));
  }

  @Override
  public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
    return changed(() -> super.putIfAbsent(key, content));
  }

  @Override
  public StoredObject putIfMatch(ObjectKey key, String etag, Content content)
      throws StoreException {
    return changed(() -> super.putIfMatch(key, etag, content));
  }

  @Override
  public void delete(ObjectKey key) throws StoreException {
    changed(
        () -> {
          super.delete(key);
          return key;
        });
  }

  @Override
  public void abortUpload(ObjectKey key, String uploadId) throws StoreException {
    changed(
        () -> {
          super.abortUpload(key, uploadId);
          return key;
        });
  }

  @Override
  public Upload startUpload(ObjectKey key) throws StoreException {
    Upload upload = changed(() -> store.startUpload(key));
    return new Upload() {
      @Override
      public String id() {
        return upload.id();
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws StoreException {
        if (dead) {
          throw new Killed();
        }
        upload.write(bytes, offset, length);
      }

      @Override
      public void copy(ObjectKey source, long offset, long length) throws IOException {
        upload.copy(source, offset, length);
      }

      @Override
      public StoredObject complete() throws StoreException {
        return changed(upload::complete);
      }

      @Override
      public void close() {
        if (!dead) {
          upload.close();
        }
      }
    };
  }
}
