package resguardo.core.catalog;

import java.io.IOException;
import java.util.Optional;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.port.TooLongException;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;

/** Small JSON objects of the bucket. */
final class Objects {
  private Objects() {}

  /**
   * The value of an object; empty when there is none.
   *
   * @throws IOException when it cannot be read, or holds something else
   */
  static <T> Optional<T> read(ArchiveStore store, ObjectKey key, Class<T> type) throws IOException {
    return read(store, key, type, Json.MESSAGE_BYTES);
  }

  /**
   * The same of one that was listed or looked at: one that is too long is not even asked for. When
   * it was replaced since by one that is not, the next look tells.
   */
  static <T> Optional<T> read(ArchiveStore store, StoredObject known, Class<T> type)
      throws IOException {
    if (known.size() > Json.MESSAGE_BYTES) {
      throw new DamagedException(known.key(), TooLongException.reason(Json.MESSAGE_BYTES));
    }
    return read(store, known.key(), type);
  }

  /**
   * The same of one that may be longer than a message.
   *
   * @param longest in bytes
   */
  static <T> Optional<T> read(ArchiveStore store, ObjectKey key, Class<T> type, int longest)
      throws IOException {
    byte[] bytes;
    try {
      bytes = store.readAll(key, longest);
    } catch (StoreException.NotFound none) {
      return Optional.empty();
    } catch (TooLongException e) {
      throw new DamagedException(key, TooLongException.reason(longest));
    }
    try {
      return Optional.of(Json.read(bytes, type, longest));
    } catch (MalformedMessageException e) {
      throw new DamagedException(key, e.getMessage());
    }
  }
}
