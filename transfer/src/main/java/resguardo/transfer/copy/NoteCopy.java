package resguardo.transfer.copy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.catalog.DamageBook;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.port.TooLongException;

/**
 * Copies small objects that are replaced now and then: registrations, statuses, settings. What has
 * not changed since this process copied it costs nothing but the list. For any thread, each with
 * keys of its own.
 */
final class NoteCopy {
  private static final int PAGE = 1000;

  private final ArchiveStore source;
  private final ArchiveStore target;
  private final Map<ObjectKey, String> etags = new ConcurrentHashMap<>();

  NoteCopy(ArchiveStore source, ArchiveStore target) {
    this.source = source;
    this.target = target;
  }

  /** Copies all whose keys begin so. */
  void all(String prefix, Account account) throws IOException {
    @Nullable ObjectKey last = null;
    List<StoredObject> page = source.list(prefix, last, PAGE);
    while (!page.isEmpty()) {
      for (StoredObject object : page) {
        copy(object, account);
      }
      last = page.get(page.size() - 1).key();
      page = source.list(prefix, last, PAGE);
    }
  }

  /**
   * As {@link #all}, some at once; it returns when the last were begun.
   *
   * @param leftOut what is not copied
   */
  void all(String prefix, Set<ObjectKey> leftOut, Lanes lanes, Account account)
      throws IOException, InterruptedException {
    @Nullable ObjectKey last = null;
    List<StoredObject> page = source.list(prefix, last, PAGE);
    while (!page.isEmpty()) {
      for (StoredObject object : page) {
        if (!leftOut.contains(object.key())) {
          lanes.begin(() -> copy(object, account));
        }
      }
      last = page.get(page.size() - 1).key();
      page = source.list(prefix, last, PAGE);
    }
  }

  /** Copies one, if it is there. */
  void one(ObjectKey key, Account account) throws IOException {
    Optional<StoredObject> object = source.head(key);
    if (object.isPresent()) {
      copy(object.get(), account);
    }
  }

  private void copy(StoredObject object, Account account) throws IOException {
    if (object.etag().equals(etags.get(object.key()))) {
      return;
    }
    byte[] content;
    try {
      content = source.readAll(object.key(), DamageBook.LONGEST);
    } catch (StoreException.NotFound gone) {
      return;
    } catch (TooLongException damaged) {
      account.problem(damaged.getMessage() + "; it is not copied");
      return;
    }
    if (!isThere(object.key(), content)) {
      target.put(object.key(), Content.of(content));
      account.note();
    }
    etags.put(object.key(), object.etag());
  }

  private boolean isThere(ObjectKey key, byte[] content) throws IOException {
    Optional<StoredObject> known = target.head(key);
    if (known.isEmpty() || known.get().size() != content.length) {
      return false;
    }
    try {
      return Arrays.equals(target.readAll(key, content.length), content);
    } catch (TooLongException replaced) {
      return false;
    }
  }
}
