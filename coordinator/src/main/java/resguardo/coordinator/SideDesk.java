package resguardo.coordinator;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;
import resguardo.core.Registration;
import resguardo.core.catalog.AuditTrail;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;

/**
 * Carries out what changes nothing that a coordinator remembers, and may take a while: jobs go on
 * meanwhile. The lock is not to be held.
 */
final class SideDesk {
  /** Each is an object to be read: some tenths of a second. */
  private static final int AUDITED_A_PAGE = 50;

  private final CoordinatorContext context;
  private final Lock lock;
  private final RegistrationBook book;
  private final Scheduler scheduler;
  private final Roster roster;
  private final Floods floods;
  private final Statuses statuses;
  private final Drills drills;
  private final Looks looks;

  /**
   * @param lock whoever holds it has book, scheduler, statuses and drills alone
   */
  SideDesk(
      CoordinatorContext context,
      Lock lock,
      RegistrationBook book,
      Scheduler scheduler,
      Roster roster,
      Floods floods,
      Statuses statuses,
      Drills drills,
      Looks looks) {
    this.context = context;
    this.lock = lock;
    this.book = book;
    this.scheduler = scheduler;
    this.roster = roster;
    this.floods = floods;
    this.statuses = statuses;
    this.drills = drills;
    this.looks = looks;
  }

  /**
   * Carries a command out.
   *
   * @return what whoever asked is to be told; empty: it is a command for another desk
   */
  Optional<Answer> carryOut(Command command, Sender sender) throws IOException {
    if (command instanceof Command.Checkup) {
      return Optional.of(new Answer.Findings(now(), checkup().run()));
    } else if (command instanceof Command.Audit audit) {
      AuditTrail.Page page =
          new AuditTrail(context.store()).page(audit.after(), audit.since(), AUDITED_A_PAGE);
      return Optional.of(new Answer.Audited(page.records(), page.next()));
    } else if (command instanceof Command.AccessChanged changed) {
      String what = "node " + changed.node() + " was " + changed.access().word();
      context.activity().tell(changed.node(), null, what);
      return Optional.of(new Answer.Done(what));
    } else if (command instanceof Command.Alarms alarms) {
      return Optional.of(new AlarmDesk(context).list(alarms));
    } else if (command instanceof Command.AcceptAlarm accept) {
      return Optional.of(new AlarmDesk(context).accept(accept, sender));
    } else if (command instanceof Command.PlanRetention plan) {
      return Optional.of(new RetentionDesk(context).plan(plan));
    } else if (command instanceof Command.OperatorChanged changed) {
      String what = "operator " + changed.operator() + " was " + changed.access().word();
      context.activity().tell(what);
      return Optional.of(new Answer.Done(what));
    }
    return Optional.empty();
  }

  /** Looks without the lock: it takes a while, and jobs go on. */
  private Checkup checkup() {
    String unread = unread();
    lock.lock();
    try {
      List<Registration> active = book.all().stream().filter(Registration::active).toList();
      return new Checkup(context, active, roster)
          .ends(statuses.copy(active), statuses.damaged(), unread)
          .openJobs(scheduler.openJobs())
          .floods(floods.now())
          .poisonings(floods.poisonings())
          .drills(drills.findings(active, statuses::of, now()));
    } finally {
      lock.unlock();
    }
  }

  /** Why what is known of how backups ended is old; absent: it is not. */
  private @Nullable String unread() {
    try {
      looks.freshen();
      return looks.failure().orElse(null); // a store may take long to fail
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  private Instant now() {
    return context.clock().instant();
  }
}
