package resguardo.coordinator;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Registration;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Mirror;
import resguardo.core.catalog.Status;
import resguardo.core.port.ObjectKey;

/**
 * Brings what a coordinator has in memory up to what the bucket says: registrations, and which of
 * their slots are done. Not for several threads.
 */
final class Recollection {
  private static final Logger LOG = LoggerFactory.getLogger(Recollection.class);

  private final RegistrationBook book;
  private final Scheduler scheduler;
  private final Mirror<Status> statuses;
  private final Map<ObjectKey, Instant> done = new HashMap<>();

  Recollection(RegistrationBook book, Scheduler scheduler, Mirror<Status> statuses) {
    this.book = book;
    this.scheduler = scheduler;
    this.statuses = statuses;
  }

  /**
   * Reads what has changed since the last time.
   *
   * @throws IOException when the store cannot be read; the next time reads it all the same
   */
  void refresh() throws IOException {
    book.refresh(Recollection::tell);
    statuses.refresh(read -> done.put(read.key(), read.value().lastSlot()), Recollection::tell);
    for (Registration registration : book.all()) {
      scheduler.put(registration);
      Instant slot = done.get(BucketLayout.status(registration.key()));
      if (slot != null) {
        scheduler.done(registration.key(), slot);
      }
    }
  }

  private static void tell(DamagedException damaged) {
    LOG.error("left out: {}", damaged.getMessage());
  }
}
