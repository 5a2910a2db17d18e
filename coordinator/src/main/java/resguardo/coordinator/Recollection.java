package resguardo.coordinator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.Registration;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.FleetSettings;
import resguardo.core.catalog.Mirror;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.SettingsBook;
import resguardo.core.catalog.Status;
import resguardo.core.port.Platform;

/**
 * Brings what a coordinator has in memory up to what the bucket says: registrations, which of their
 * slots are done, and what drills have shown. The lists are read at once and without the lock, as
 * they take seconds where there are ten thousand of each. For several threads.
 */
final class Recollection {
  private static final int LISTS = 3;
  private static final Logger LOG = LoggerFactory.getLogger(Recollection.class);

  private final Platform platform;
  private final Lock lock;
  private final RegistrationBook book;
  private final Scheduler scheduler;
  private final Statuses statuses;
  private final Drills drills;
  private final SettingsBook settings;
  private volatile boolean complete;

  /**
   * @param lock whoever holds it has book, scheduler, statuses and drills alone
   */
  Recollection(
      Platform platform,
      Lock lock,
      RegistrationBook book,
      Scheduler scheduler,
      Statuses statuses,
      Drills drills,
      SettingsBook settings) {
    this.platform = platform;
    this.lock = lock;
    this.book = book;
    this.scheduler = scheduler;
    this.statuses = statuses;
    this.drills = drills;
    this.settings = settings;
  }

  /**
   * Reads what has changed since the last time.
   *
   * @param standsBy asked with the lock when all is read: whether this coordinator still does. If
   *     not, nothing of it is taken in, as whoever leads knows better by then
   * @throws IOException when the store cannot be read; the next time reads it all the same
   */
  void refresh(BooleanSupplier standsBy) throws IOException {
    refresh(true, standsBy);
  }

  /**
   * As {@link #refresh}, but for what drills have shown if that was read once: whoever is about to
   * lead is in a hurry, and before a drill is made its registration is looked at again.
   */
  void refreshToLead() throws IOException {
    refresh(!complete, () -> true);
  }

  private void refresh(boolean withDrills, BooleanSupplier wanted) throws IOException {
    Mirror<Registration>.Look registrations;
    Mirror<Status>.Look ends;
    Mirror<Proof>.Look proofs;
    lock.lock();
    try {
      registrations = book.begin();
      ends = statuses.begin();
      proofs = withDrills ? drills.begin() : null;
    } finally {
      lock.unlock();
    }
    List<Reading> readings = new ArrayList<>(List.of(registrations::read, ends::read));
    if (proofs != null) {
      readings.add(proofs::read);
    }
    read(readings);
    FleetSettings found = settings();
    lock.lock();
    try {
      if (!wanted.getAsBoolean()) {
        return;
      }
      complete = true;
      book.end(registrations, Recollection::tell);
      statuses.end(ends, Recollection::tell);
      if (proofs != null) {
        drills.end(proofs, Recollection::tell);
      }
      if (found != null) {
        scheduler.put(found);
      }
      for (Registration registration : book.all()) {
        scheduler.put(registration);
        statuses
            .of(registration.key())
            .ifPresent(status -> scheduler.done(registration.key(), status.lastSlot()));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Absent: as before; without pauses and limits all is backed up, which is what it is all for. */
  private @Nullable FleetSettings settings() throws IOException {
    try {
      return settings.find();
    } catch (DamagedException damaged) {
      tell(damaged);
      return null;
    }
  }

  /**
   * Reads how backups and drills ended, where that has changed since the last time; also while this
   * coordinator leads.
   *
   * @param damaged takes each object that holds something else, once
   * @throws IOException as {@link #refresh}
   */
  void refreshEnds(Consumer<DamagedException> damaged) throws IOException {
    Mirror<Status>.Look ends;
    Mirror<Proof>.Look proofs;
    lock.lock();
    try {
      ends = statuses.begin();
      proofs = drills.begin();
    } finally {
      lock.unlock();
    }
    read(List.of(ends::read, proofs::read));
    lock.lock();
    try {
      statuses.end(ends, damaged);
      drills.end(proofs, damaged);
    } finally {
      lock.unlock();
    }
  }

  /** Reads what one look is to find. */
  private interface Reading {
    void run() throws IOException;
  }

  private void read(List<Reading> readings) throws IOException {
    ExecutorService threads = platform.pool("coordinator-read", LISTS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (Reading reading : readings) {
        Callable<@Nullable Void> one =
            () -> {
              reading.run();
              return null;
            };
        all.add(threads.submit(one));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException unreadable) {
        throw unreadable;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      threads.shutdownNow();
    }
  }

  private static void tell(DamagedException damaged) {
    LOG.error("left out: {}", damaged.getMessage());
  }
}
