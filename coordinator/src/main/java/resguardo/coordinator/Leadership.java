package resguardo.coordinator;

import java.io.IOException;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.coordinator.lease.Lease;
import resguardo.core.Registration;
import resguardo.core.port.Subscription;

/**
 * Whether this coordinator leads, or stands by while another does. One that comes to lead reads
 * what has changed in the bucket, and takes commands for as long as it leads. For any threads.
 */
final class Leadership {
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

  private final CoordinatorContext context;
  private final Lock lock;
  private final Lease lease;
  private final RegistrationBook book;
  private final Scheduler scheduler;
  private final Recollection recollection;
  private final CommandIntake intake;
  private @Nullable Subscription commands;
  private volatile Part part = Part.STANDS_BY;
  private volatile boolean stopping;

  private enum Part {
    STANDS_BY,
    TAKES_OVER,
    LEADS
  }

  /**
   * @param lock whoever holds it has all that is remembered alone
   * @param intake takes commands, while this coordinator leads
   */
  Leadership(
      CoordinatorContext context,
      Lock lock,
      Lease lease,
      RegistrationBook book,
      Scheduler scheduler,
      Recollection recollection,
      CommandIntake intake) {
    this.context = context;
    this.lock = lock;
    this.lease = lease;
    this.book = book;
    this.scheduler = scheduler;
    this.recollection = recollection;
    this.intake = intake;
  }

  /** Whether this coordinator leads, as far as is known. */
  boolean isBelieved() {
    return part == Part.LEADS && !stopping;
  }

  /** Whether it leads for certain. */
  boolean isCertain() {
    return isBelieved() && lease.isValid();
  }

  /** Whether it stands by, or is to end. */
  boolean standsBy() {
    return part == Part.STANDS_BY || stopping;
  }

  /** Has nothing begin any more: this process is to end. */
  void stop() {
    stopping = true;
  }

  /** It is not to end after all. */
  void goOn() {
    stopping = false;
  }

  /**
   * Keeps the lease or waits for it. To be called every second.
   *
   * @return whether {@link #takeOver} is to be called
   */
  boolean keep() {
    try {
      boolean held = lease.keep();
      if (held && part == Part.STANDS_BY && !stopping) {
        part = Part.TAKES_OVER;
        return true;
      } else if (!held && part == Part.LEADS) {
        stepDown();
      }
    } catch (IOException e) {
      LOG.warn("the lease could not be seen to: {}", e.getMessage());
    }
    return false;
  }

  /**
   * Leads from now on. It may take longer than the lease can be left alone. What goes wrong is told
   * in the log, and tried again when the lease is looked at next.
   */
  void takeOver() {
    try {
      recollection.refreshToLead();
      long active;
      lock.lock();
      try {
        takeUp();
        if (!lease.isHeld() || stopping) {
          return;
        }
        part = Part.LEADS;
        // One that was overtaken and is paused or cut off may still be a consumer: it gets no more.
        commands = context.commands().consume(lease.epoch(), intake::take, intake::malformed);
        active = book.all().stream().filter(Registration::active).count();
      } finally {
        lock.unlock();
      }
      context.activity().tell(lease.text() + "; from the bucket: " + active + " registrations");
    } catch (IOException e) {
      LOG.warn("could not take over yet: {}", e.getMessage());
    } finally {
      if (part == Part.TAKES_OVER) {
        part = Part.STANDS_BY; // and tries again at the next look
      }
    }
  }

  private void stepDown() {
    part = Part.STANDS_BY;
    Subscription taken = takeCommands();
    context.activity().tell("leads no more: another took over");
    if (taken != null) {
      taken.close();
    }
  }

  /** Who takes commands until now, if anybody, and does not from now on. */
  private @Nullable Subscription takeCommands() {
    lock.lock();
    try {
      Subscription taken = commands;
      commands = null;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Reads what has changed while another leads, so that there is little to read later. */
  void catchUp() {
    try {
      if (part == Part.STANDS_BY) {
        recollection.refresh(() -> part == Part.STANDS_BY);
      } else if (isCertain()) {
        settle();
      }
    } catch (IOException e) {
      LOG.warn("what has changed is read later: {}", e.getMessage());
    }
  }

  /**
   * A change that was announced, and whose writing failed, is not left to whoever takes over some
   * day: by then nobody would expect it any more.
   */
  private void settle() throws IOException {
    lock.lock();
    try {
      if (lease.pending().isPresent()) {
        takeUp();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Has the scheduler know what was announced, too. */
  private void takeUp() throws IOException {
    book.settle();
    book.all().forEach(scheduler::put);
  }

  /** Whether the lease is held, as far as is known. */
  boolean isHeld() {
    return lease.isHeld();
  }

  /** Who leads, in words for a person. */
  String text() {
    return lease.text();
  }

  /** Takes no more commands. */
  void endCommands() {
    Subscription taken = takeCommands();
    if (taken != null) {
      taken.close();
    }
  }

  /** Leaves it to another, who need not wait. */
  void release() {
    lease.release();
  }
}
