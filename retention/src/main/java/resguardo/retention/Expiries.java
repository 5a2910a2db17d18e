package resguardo.retention;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.catalog.AuditRecord;
import resguardo.core.catalog.AuditTrail;
import resguardo.core.port.Origin;
import resguardo.core.port.StoreException;

/**
 * Keeps on record in the bucket what goes, before it goes: a process that dies in between leaves
 * versions on record that are there still, and that are on record again when they go. For any
 * threads.
 */
final class Expiries {
  private final RetentionContext context;
  private final AuditTrail trail;

  /** What the store would not remove: it is not on record again at each look. */
  private final Map<RegistrationKey, Set<Serial>> locked = new HashMap<>();

  Expiries(RetentionContext context) {
    this.context = context;
    this.trail = new AuditTrail(context.store());
  }

  /**
   * Durable on return.
   *
   * @param policy that keeps none of them, in words
   * @throws StoreException when it is not on record: then they are not to go
   */
  void begin(RegistrationKey key, List<Serial> serials, String policy) throws StoreException {
    List<Serial> go = new ArrayList<>(serials);
    synchronized (this) {
      go.removeAll(locked.getOrDefault(key, Set.of()));
    }
    if (!go.isEmpty()) {
      trail.write(
          AuditRecord.of(
              context.platform().clock().instant(),
              context.self(),
              Origin.here(),
              new AuditRecord.Expired(key, go),
              policy),
          context.platform().newId());
    }
  }

  /** The store does not remove it, for now. */
  synchronized void stays(RegistrationKey key, Serial serial) {
    locked.computeIfAbsent(key, of -> new HashSet<>()).add(serial);
  }

  /** It is gone. */
  synchronized void gone(RegistrationKey key, Serial serial) {
    Set<Serial> stayed = locked.get(key);
    if (stayed != null && stayed.remove(serial) && stayed.isEmpty()) {
      locked.remove(key);
    }
  }
}
