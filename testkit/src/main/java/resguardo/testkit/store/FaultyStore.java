package resguardo.testkit.store;

import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.ObjectLock;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;

/**
 * A store whose next writings or readings of an object go wrong, or meet something in between, as
 * planned. Each plan is for one of them.
 */
public final class FaultyStore implements ArchiveStore {
  private final ArchiveStore store;
  private final Deque<Plan> plans = new ArrayDeque<>();

  /** Over this store. */
  public FaultyStore(ArchiveStore store) {
    this.store = store;
  }

  /** What happens at a writing or a reading. */
  public interface Step {
    /**
     * Happens.
     *
     * @throws StoreException what the writer or reader gets in the place of a result
     */
    void run() throws StoreException;
  }

  private enum When {
    BEFORE_WRITE,
    AFTER_WRITE,
    BEFORE_READ
  }

  private record Plan(ObjectKey key, When when, Step step) {}

  /** Before the next writing of this object; it is not written when this throws. */
  public synchronized void beforeWrite(ObjectKey key, Step step) {
    plans.add(new Plan(key, When.BEFORE_WRITE, step));
  }

  /** After the next writing of this object: its effect is there, whatever this throws. */
  public synchronized void afterWrite(ObjectKey key, Step step) {
    plans.add(new Plan(key, When.AFTER_WRITE, step));
  }

  /** Before the next reading of this object; it is not read when this throws. */
  public synchronized void beforeRead(ObjectKey key, Step step) {
    plans.add(new Plan(key, When.BEFORE_READ, step));
  }

  /** The store does not answer. */
  public static Step unavailable() {
    return () -> {
      throw new StoreException.Unavailable("planned", null);
    };
  }

  private void meet(ObjectKey key, When when) throws StoreException {
    Step step = next(key, when);
    if (step != null) {
      step.run(); // without the lock: it may be another's writing
    }
  }

  private synchronized @Nullable Step next(ObjectKey key, When when) {
    Iterator<Plan> all = plans.iterator();
    while (all.hasNext()) {
      Plan plan = all.next();
      if (plan.key().equals(key) && plan.when() == when) {
        all.remove();
        return plan.step();
      }
    }
    return null;
  }

  private interface Write {
    StoredObject run() throws StoreException;
  }

  private StoredObject write(ObjectKey key, Write write) throws StoreException {
    meet(key, When.BEFORE_WRITE);
    StoredObject written = write.run();
    meet(key, When.AFTER_WRITE);
    return written;
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
    meet(key, When.BEFORE_READ);
    return store.read(key, offset, length);
  }

  @Override
  public StoredObject put(ObjectKey key, Content content) throws StoreException {
    return write(key, () -> store.put(key, content));
  }

  @Override
  public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
    return write(key, () -> store.putIfAbsent(key, content));
  }

  @Override
  public StoredObject putIfMatch(ObjectKey key, String etag, Content content)
      throws StoreException {
    return write(key, () -> store.putIfMatch(key, etag, content));
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
  public void delete(ObjectKey key) throws StoreException {
    store.delete(key);
  }

  @Override
  public void close() {
    store.close();
  }
}
