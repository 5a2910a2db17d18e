package resguardo.coordinator;

import java.util.Optional;
import resguardo.core.ReplyId;
import resguardo.core.catalog.AuditRecord;
import resguardo.core.catalog.AuditTrail;
import resguardo.core.port.Delivery;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;

/**
 * Keeps in the bucket what one command was, who sent it and what came of it. It is written before
 * the command is acked: a coordinator that dies in between has it come again, and then there may be
 * two records of one command, never none.
 */
final class Audit {
  private final AuditTrail trail;
  private final AuditRecord begun;
  private final Command command;
  private final ReplyId id;

  Audit(CoordinatorContext context, Delivery<Command> delivery) {
    id = context.platform().newId();
    trail = new AuditTrail(context.store());
    begun =
        AuditRecord.of(
            context.clock().instant(), delivery.sender(), context.self(), delivery.message());
    command = delivery.message();
  }

  /**
   * To be called before it is carried out: what others will do is on record before they are told.
   */
  void before() throws StoreException {
    if (isLeftToOthers()) {
      trail.write(begun, id);
    }
  }

  /**
   * To be called when it was carried out here.
   *
   * @param answer empty: others will answer
   */
  void after(Optional<Answer> answer) throws StoreException {
    if (answer.isPresent() && isKept()) {
      trail.write(
          answer.get() instanceof Answer.Refused refused
              ? begun.ended(AuditRecord.Outcome.REFUSED, refused.why())
              : begun.ended(
                  AuditRecord.Outcome.DONE,
                  answer.get() instanceof Answer.Done done ? done.what() : null),
          id);
    }
  }

  /** Lists and findings change nothing and hold nothing of what is stored. */
  private boolean isKept() {
    return !(command instanceof Command.ListRegistrations
        || command instanceof Command.History
        || command instanceof Command.Audit
        || command instanceof Command.Alarms
        || command instanceof Command.ShowSettings
        || command instanceof Command.Explain
        || command instanceof Command.ListNodes
        || command instanceof Command.DeadLetters
        || command instanceof Command.Load
        || command instanceof Command.PlanRetention
        || command instanceof Command.Checkup);
  }

  private boolean isLeftToOthers() {
    return command instanceof Command.Query
        || command instanceof Command.Restore
        || command instanceof Command.Shutdown;
  }
}
