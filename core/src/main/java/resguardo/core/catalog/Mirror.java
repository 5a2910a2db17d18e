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

  /** When, counted in notes, something became known of an object in another way. */
  private final Map<ObjectKey, Long> notes = new HashMap<>();

  private long noted;

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
    Look look = begin();
    look.read();
    end(look, changed, damaged);
  }

  /**
   * A look at all of them that takes a while: {@link Look#read} may be called on another thread
   * while this is used, and {@link #end} then takes in what it has found.
   */
  public Look begin() {
    return new Look(new HashMap<>(etags), noted);
  }

  /**
   * Takes in what a look has found, but for what became known by other ways since it began.
   *
   * @param look whose {@link Look#read} has returned
   * @param changed as in {@link #refresh}
   * @param damaged as in {@link #refresh}
   */
  public void end(Look look, Consumer<Read<T>> changed, Consumer<DamagedException> damaged) {
    for (Found<T> found : look.found) {
      ObjectKey key = found.object().key();
      if (notes.getOrDefault(key, 0L) > look.noted) {
        continue; // the next look tells whether it is still so
      }
      etags.put(key, found.object().etag());
      note(key); // one that began before and ends later has read what is older
      found
          .value()
          .ifPresent(value -> changed.accept(new Read<>(key, value, found.object().etag())));
      if (found.damaged() != null) {
        damaged.accept(found.damaged());
      }
    }
  }

  /** That what an object holds became known in another way than by a look. */
  public void note(ObjectKey key) {
    notes.put(key, ++noted);
  }

  /** What one object held, if it was still there. */
  private record Found<T>(
      StoredObject object, Optional<T> value, @Nullable DamagedException damaged) {}

  /** A look at all of them. For one thread, which need not be that of the mirror. */
  public final class Look {
    private final Map<ObjectKey, String> known;
    private final long noted;
    private List<Found<T>> found = List.of();

    private Look(Map<ObjectKey, String> known, long noted) {
      this.known = known;
      this.noted = noted;
    }

    /**
     * Reads what is new or has changed.
     *
     * @throws IOException when the store cannot be read; this look has found nothing then
     */
    public void read() throws IOException {
      List<StoredObject> objects = changed();
      ExecutorService threads =
          platform.pool("mirror", Math.min(READ_AT_ONCE, Math.max(1, objects.size())));
      try {
        List<Future<Optional<T>>> values = new ArrayList<>();
        for (StoredObject object : objects) {
          Callable<Optional<T>> read = () -> Objects.read(store, object, type);
          values.add(threads.submit(read));
        }
        List<Found<T>> all = new ArrayList<>();
        for (int i = 0; i < objects.size(); i++) {
          all.add(await(objects.get(i), values.get(i)));
        }
        found = all;
      } finally {
        threads.shutdownNow();
      }
    }

    private List<StoredObject> changed() throws IOException {
      List<StoredObject> changed = new ArrayList<>();
      @Nullable ObjectKey last = null;
      List<StoredObject> page = store.list(prefix, last, PAGE);
      while (!page.isEmpty()) {
        page.stream()
            .filter(object -> !object.etag().equals(known.get(object.key())))
            .forEach(changed::add);
        last = page.get(page.size() - 1).key();
        page = store.list(prefix, last, PAGE);
      }
      return changed;
    }
  }

  /**
   * As {@link #refresh}, of one object alone: what one request tells. One that is not there is left
   * as it was known.
   */
  public void look(ObjectKey key, Consumer<Read<T>> changed, Consumer<DamagedException> damaged)
      throws IOException {
    Optional<StoredObject> there = store.head(key);
    if (there.isEmpty() || there.get().etag().equals(etags.get(key))) {
      return;
    }
    String etag = there.get().etag();
    try {
      Optional<T> value = Objects.read(store, there.get(), type);
      value.ifPresent(present -> changed.accept(new Read<>(key, present, etag)));
    } catch (DamagedException broken) {
      damaged.accept(broken);
    }
    etags.put(key, etag);
    note(key);
  }

  private static <T> Found<T> await(StoredObject object, Future<Optional<T>> value)
      throws IOException {
    try {
      return new Found<>(object, value.get(), null);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DamagedException broken) {
        return new Found<>(object, Optional.empty(), broken);
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
