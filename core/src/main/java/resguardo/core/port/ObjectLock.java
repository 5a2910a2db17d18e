package resguardo.core.port;

import java.time.Instant;
import java.util.Optional;

/**
 * Keeps objects from being removed or changed for a time, whoever asks, and whatever rights they
 * have: what S3 calls a retention in compliance mode.
 */
public interface ObjectLock {
  /**
   * Until when an object, as it is now, is locked; empty when it is not.
   *
   * @throws StoreException.NotFound when there is no such object
   */
  Optional<Instant> until(ObjectKey key) throws StoreException;

  /**
   * Locks an object, as it is now, until this time. Nobody can shorten it any more. A repeat does
   * no harm.
   *
   * @throws StoreException.NotFound when there is no such object
   * @throws StoreException.Denied when the key may not, or it is locked for longer already
   */
  void lock(ObjectKey key, Instant until) throws StoreException;
}
