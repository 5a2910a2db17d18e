package resguardo.core.catalog;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.ReplyId;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Json;

/**
 * Who asked for what, and what was expired, as it stands in the bucket: an object for each command,
 * and for some versions of a registration that go together, by day and time.
 */
public final class AuditTrail {
  private final ArchiveStore store;

  /** Over this store. */
  public AuditTrail(ArchiveStore store) {
    this.store = store;
  }

  /**
   * Writes a record; one of the same time and id takes its place. Durable on return.
   *
   * @param id of this taking of the command, or of this deed
   */
  public void write(AuditRecord record, ReplyId id) throws StoreException {
    ObjectKey key =
        record.expired() == null
            ? BucketLayout.audit(record.time(), id)
            : BucketLayout.expiryAudit(record.time(), id);
    store.put(key, Content.of(Json.write(record)));
  }

  /**
   * The next records, oldest first.
   *
   * @param after the name of the last one of the page before; absent: from {@code since} on
   * @param since no older ones than this
   * @param most how many at the most
   * @throws IOException when the bucket cannot be read, or one of them holds something else
   */
  public Page page(@Nullable String after, Instant since, int most) throws IOException {
    ObjectKey from = after == null ? BucketLayout.auditBefore(since) : new ObjectKey(after);
    List<StoredObject> found = store.list(BucketLayout.AUDIT, from, most);
    List<AuditRecord> records = new ArrayList<>();
    for (StoredObject object : found) {
      Objects.read(store, object, AuditRecord.class).ifPresent(records::add);
    }
    boolean more = found.size() == most;
    return new Page(records, more ? found.get(most - 1).key().value() : null);
  }

  /**
   * Some records.
   *
   * @param next what to ask for the next page with; absent: there is none
   */
  public record Page(List<AuditRecord> records, @Nullable String next) {
    public Page {
      records = List.copyOf(records);
    }
  }
}
