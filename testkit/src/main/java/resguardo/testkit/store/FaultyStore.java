package resguardo.testkit.store;

import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;

/**
 * A store whose next writings or readings of an object go wrong, or meet something in between, as
 * planned. Each plan is for one of them.
 */
public final class FaultyStore extends ForwardingStore {
  private final Deque<Plan> plans = new ArrayDeque<>();

  /** Over this store. */
  public FaultyStore(ArchiveStore store) {
    super(store);
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
  public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
    meet(key, When.BEFORE_READ);
    return super.read(key, offset, length);
  }

  @Override
  public StoredObject put(ObjectKey key, Content content) throws StoreException {
    return write(key, () -> super.put(key, content));
  }

  @Override
  public StoredObject putIfAbsent(ObjectKey key, Content content) throws StoreException {
    return write(key, () -> super.putIfAbsent(key, content));
  }

  @Override
  public StoredObject putIfMatch(ObjectKey key, String etag, Content content)
      throws StoreException {
    return write(key, () -> super.putIfMatch(key, etag, content));
  }
}
