package resguardo.coordinator;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.protocol.QueryJob;

/**
 * Has drills made, where nothing else is to be done: one at a time, and none begins while a backup
 * waits for a worker.
 */
final class DrillMaster {
  private final CoordinatorContext context;
  private final Lock lock;
  private final RegistrationBook book;
  private final Statuses statuses;
  private final Drills drills;
  private final Roster roster;

  /**
   * @param lock whoever holds it has book, statuses and drills alone
   */
  DrillMaster(
      CoordinatorContext context,
      Lock lock,
      RegistrationBook book,
      Statuses statuses,
      Drills drills,
      Roster roster) {
    this.context = context;
    this.lock = lock;
    this.book = book;
    this.statuses = statuses;
    this.drills = drills;
    this.roster = roster;
  }

  /**
   * Looks whether one is to be made now, and publishes it.
   *
   * @throws IOException when store or broker could not be asked: the next look does
   */
  void look() throws IOException {
    lock.lock();
    try {
      Instant now = context.clock().instant();
      Optional<QueryJob> due = next(now);
      if (due.isEmpty()
          || roster.alive(Role.WORKER, now).isEmpty()
          || context.jobs().waitingFetches() > 0) {
        return;
      }
      // What is known may be old: the one that is due may have been proven by another's order.
      RegistrationKey key = due.get().registration();
      statuses.look(key, AlarmDesk::leaveOut);
      drills.look(key, AlarmDesk::leaveOut);
      Optional<QueryJob> drill = next(now).filter(next -> next.registration().equals(key));
      if (drill.isPresent()) {
        context.jobs().publish(drill.get());
        drills.published(drill.get(), now);
      } // else: the next look goes on with whichever is due then
    } finally {
      lock.unlock();
    }
  }

  private Optional<QueryJob> next(Instant now) {
    return drills.next(book.all(), statuses::of, now);
  }
}
