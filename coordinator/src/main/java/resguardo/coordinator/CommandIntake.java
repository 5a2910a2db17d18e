package resguardo.coordinator;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.coordinator.lease.NotLeadingException;
import resguardo.core.ReplyId;
import resguardo.core.port.BrokerException;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.Delivery;
import resguardo.core.port.Reply;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;

/**
 * Takes commands one after the other: has each carried out, answers whoever asked, and only then
 * acks it. What cannot be done now, or not by this coordinator, is handed back.
 */
final class CommandIntake {
  /**
   * Whoever asked and waits is told after so long that it cannot be done now; they may try again.
   */
  private static final Duration ASKED = Duration.ofSeconds(10);

  /**
   * A command that nobody waits for is kept in hand until it can be done. It is not handed back,
   * because it would come again at once, and RabbitMQ 4 drops what came 20 times; but no longer
   * than the broker likes.
   */
  private static final Duration KEPT = Delivery.LONGEST;

  private static final Answer TOO_MANY =
      new Answer.Refused(
          Answer.Refused.Reason.FAILED,
          "this user has asked so much that others had to wait; ask again in a minute",
          null);

  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(CommandIntake.class);

  private final CoordinatorContext context;
  private final Lead lead;
  private final QuestionTime questions;

  /** Whoever leads, and does what is asked. */
  interface Lead {
    /** Whether this coordinator leads, as far as is known. */
    boolean believes();

    /** Whether it leads for certain. */
    boolean isCertain();

    /**
     * Carries a command out; see {@link CommandDesk#carryOut}.
     *
     * @param sender whose command it is
     * @throws NotLeadingException when it turned out that another leads
     */
    Optional<Answer> carryOut(Command command, Sender sender) throws IOException;

    /**
     * Stops all others.
     *
     * @return in words what was stopped
     */
    String shutDown() throws BrokerException, InterruptedException;

    /** Ends this process, after the last answer. */
    void end();
  }

  CommandIntake(CoordinatorContext context, Lead lead) {
    this.context = context;
    this.lead = lead;
    this.questions = new QuestionTime(context.platform()::nanoTime);
  }

  /** Takes a command. */
  void take(Delivery<Command> delivery) {
    if (isOver(delivery)) {
      delivery.ack();
    } else {
      delivery.handBack();
    }
  }

  /** Whether nothing is left to be done with it; if not, it is to come again. */
  private boolean isOver(Delivery<Command> delivery) {
    Command command = delivery.message();
    if (!questions.allows(delivery.sender(), command)) {
      LOG.debug("too many questions of {}", delivery.sender().account());
      return answered(command.replyTo(), TOO_MANY);
    }
    Audit audit = new Audit(context, delivery);
    long end =
        context.platform().nanoTime()
            + (command.replyTo() == null ? KEPT.toNanos() : ASKED.toNanos());
    String why = "the store does not confirm that this coordinator leads";
    try {
      while (lead.believes() && context.platform().nanoTime() < end) {
        if (!lead.isCertain()) {
          context.platform().sleep(LOOK);
          continue;
        }
        try {
          audit.before();
          if (command instanceof Command.Shutdown) {
            return isShutDown(delivery);
          }
          long began = context.platform().nanoTime();
          Optional<Answer> answer = lead.carryOut(command, delivery.sender());
          questions.took(delivery.sender(), command, began);
          audit.after(answer);
          return isTold(command, answer);
        } catch (NotLeadingException e) {
          LOG.info("a command is left to the coordinator that leads: {}", command.word());
          return false;
        } catch (IOException e) {
          why = String.valueOf(e.getMessage());
          LOG.warn("a command could not be carried out: {}", why);
          if (command.replyTo() != null) {
            break;
          }
          context.platform().sleep(PAUSE);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return lead.believes()
        && command.replyTo() != null
        && answered(command.replyTo(), new Answer.Refused(Answer.Refused.Reason.FAILED, why, null));
  }

  /** Whether whoever asked knows how it ended, or somebody else will tell. */
  private boolean isTold(Command command, Optional<Answer> answer) {
    if (answer.isPresent() && !answered(command.replyTo(), answer.get())) {
      return false;
    }
    if (answer.isPresent() && answer.get() instanceof Answer.Refused refused) {
      context.activity().tell("refused " + command.word() + ": " + refused.why());
    }
    return true;
  }

  /** Tells whoever sent what is no command. */
  void malformed(CommandChannel.Malformed malformed) {
    context.activity().tell("refused what is no command: " + malformed.reason());
    answered(
        malformed.replyTo(),
        new Answer.Refused(Answer.Refused.Reason.BAD_REQUEST, malformed.reason(), null));
  }

  /**
   * Answers whoever asked, if somebody did and is still there.
   *
   * @return false when the broker cannot be reached: then somebody still waits. The command is to
   *     be handed back, as a repeat of any does no harm; after the broker was away, commands may
   *     come again before anything can be sent
   */
  private boolean answered(@Nullable ReplyId replyTo, Answer answer) {
    if (replyTo == null) {
      return true;
    }
    try {
      context.replies().send(replyTo, new Reply.Said(answer));
      return true;
    } catch (BrokerException.Unavailable e) {
      LOG.debug("not answered yet", e);
      return false;
    } catch (BrokerException e) {
      LOG.debug("whoever asked is gone", e);
      return true;
    }
  }

  private boolean isShutDown(Delivery<Command> delivery) throws InterruptedException {
    context.activity().tell("shutting down");
    try {
      String done = lead.shutDown();
      context.activity().tell(done);
      answered(delivery.message().replyTo(), new Answer.Done(done));
      delivery.ack(); // before this process ends
      lead.end();
      return true;
    } catch (BrokerException e) {
      LOG.warn("could not shut down: {}", e.getMessage());
      return false;
    }
  }
}
