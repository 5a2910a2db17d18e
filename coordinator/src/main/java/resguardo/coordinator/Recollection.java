package resguardo.coordinator;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Registration;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.SettingsBook;

/**
 * Brings what a coordinator has in memory up to what the bucket says: registrations, and which of
 * their slots are done. Not for several threads.
 */
final class Recollection {
  private static final Logger LOG = LoggerFactory.getLogger(Recollection.class);

  private final RegistrationBook book;
  private final Scheduler scheduler;
  private final Statuses statuses;
  private final Drills drills;
  private final SettingsBook settings;

  Recollection(
      RegistrationBook book,
      Scheduler scheduler,
      Statuses statuses,
      Drills drills,
      SettingsBook settings) {
    this.book = book;
    this.scheduler = scheduler;
    this.statuses = statuses;
    this.drills = drills;
    this.settings = settings;
  }

  /**
   * Reads what has changed since the last time.
   *
   * @throws IOException when the store cannot be read; the next time reads it all the same
   */
  void refresh() throws IOException {
    book.refresh(Recollection::tell);
    statuses.refresh(Recollection::tell);
    drills.refresh(Recollection::tell);
    try {
      scheduler.put(settings.find());
    } catch (DamagedException damaged) {
      tell(damaged); // without pauses and limits all is backed up, which is what the tool is for
    }
    for (Registration registration : book.all()) {
      scheduler.put(registration);
      statuses
          .of(registration.key())
          .ifPresent(status -> scheduler.done(registration.key(), status.lastSlot()));
    }
  }

  private static void tell(DamagedException damaged) {
    LOG.error("left out: {}", damaged.getMessage());
  }
}
