package resguardo.core.catalog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoredObject;

/**
 * The small objects below a prefix, of which only those are read that have changed since the last
 * look: a look at ten thousand that have not takes ten requests. Not for several threads.
 */
public final class Mirror<T> {
  /** A coordinator that takes over has seconds; one request at a time would take it a minute. */
  private static final int READ_AT_ONCE = 16;

  private static final int PAGE = 1000;

  private final ArchiveStore store;
  private final String prefix;
  private final Class<T> type;
  private final Platform platform;
  private final Map<ObjectKey, String> etags = new HashMap<>();

  /**
   * What was read of an object.
   *
   * @param etag of this content or of one before: a write on it never hides anything
   */
  public record Read<T>(ObjectKey key, T value, String etag) {}

  /**
   * Of nothing yet.
   *
   * @param type what each holds, as JSON of at most 64 KiB
   */
  public Mirror(ArchiveStore store, String prefix, Class<T> type, Platform platform) {
    this.store = store;
    this.prefix = prefix;
    this.type = type;
    this.platform = platform;
  }

  /**
   * Reads what is new or has changed, in the order of the keys. A damaged one does not keep the
   * others from being read, and is told of once.
   *
   * @param changed takes each, after all have been read
   * @param damaged takes each that holds something else
   * @throws IOException when the store cannot be read; the next look reads again what this one did
   */
  public void refresh(Consumer<Read<T>> changed, Consumer<DamagedException> damaged)
      throws IOException {
    List<StoredObject> objects = changed();
    ExecutorService threads =
        platform.pool("mirror", Math.min(READ_AT_ONCE, Math.max(1, objects.size())));
    try {
      List<Future<Optional<T>>> values = new ArrayList<>();
      for (StoredObject object : objects) {
        Callable<Optional<T>> read = () -> Objects.read(store, object.key(), type);
        values.add(threads.submit(read));
      }
      List<Read<T>> all = new ArrayList<>();
      for (int i = 0; i < objects.size(); i++) {
        Optional<T> value = await(values.get(i), damaged);
        StoredObject object = objects.get(i);
        value.ifPresent(present -> all.add(new Read<>(object.key(), present, object.etag())));
      }
      objects.forEach(object -> etags.put(object.key(), object.etag()));
      all.forEach(changed);
    } finally {
      threads.shutdownNow();
    }
  }

  /**
   * As {@link #refresh}, of one object alone: what one request tells. One that is not there is left
   * as it was known.
   */
  public void look(ObjectKey key, Consumer<Read<T>> changed, Consumer<DamagedException> damaged)
      throws IOException {
    Optional<String> etag = store.head(key).map(StoredObject::etag);
    if (etag.isEmpty() || etag.get().equals(etags.get(key))) {
      return;
    }
    try {
      Optional<T> value = Objects.read(store, key, type);
      value.ifPresent(present -> changed.accept(new Read<>(key, present, etag.get())));
    } catch (DamagedException broken) {
      damaged.accept(broken);
    }
    etags.put(key, etag.get());
  }

  private List<StoredObject> changed() throws IOException {
    List<StoredObject> changed = new ArrayList<>();
    @Nullable ObjectKey last = null;
    List<StoredObject> page = store.list(prefix, last, PAGE);
    while (!page.isEmpty()) {
      page.stream()
          .filter(object -> !object.etag().equals(etags.get(object.key())))
          .forEach(changed::add);
      last = page.get(page.size() - 1).key();
      page = store.list(prefix, last, PAGE);
    }
    return changed;
  }

  private static <T> Optional<T> await(
      Future<Optional<T>> value, Consumer<DamagedException> damaged) throws IOException {
    try {
      return value.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DamagedException broken) {
        damaged.accept(broken);
        return Optional.empty();
      } else if (e.getCause() instanceof IOException unreadable) {
        throw unreadable;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
