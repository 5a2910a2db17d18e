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
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;

/**
 * Takes commands one after the other: has each carried out, answers whoever asked, and only then
 * acks it. What cannot be done now, or not by this coordinator, is handed back.
 */
final class CommandIntake {
  /** A command waits for so long for the store to say that this coordinator still leads. */
  private static final Duration UNSURE = Duration.ofSeconds(10);

  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Logger LOG = LoggerFactory.getLogger(CommandIntake.class);

  private final CoordinatorContext context;
  private final Lead lead;

  /** Whoever leads, and does what is asked. */
  interface Lead {
    /** Whether this coordinator leads, as far as is known. */
    boolean believes();

    /** Whether it leads for certain. */
    boolean isCertain();

    /**
     * Carries a command out; see {@link CommandDesk#carryOut}.
     *
     * @throws NotLeadingException when it turned out that another leads
     */
    Optional<Answer> carryOut(Command command) throws IOException;

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
  }

  /** Takes a command. */
  void take(Delivery<Command> delivery) {
    if (!leads()) {
      delivery.handBack();
    } else if (delivery.message() instanceof Command.Shutdown) {
      shutdown(delivery);
    } else if (isDone(delivery.message())) {
      delivery.ack();
    } else {
      delivery.handBack();
    }
  }

  /**
   * Whether it leads, as soon as that is certain: the store may be slow. A command is not handed
   * back meanwhile: it would come again at once, and count as one that nobody can carry out.
   */
  private boolean leads() {
    long began = System.nanoTime();
    try {
      while (lead.believes() && !lead.isCertain() && System.nanoTime() - began < UNSURE.toNanos()) {
        Thread.sleep(LOOK.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return lead.isCertain();
  }

  /** Whether it is done, or refused, and whoever asked knows; if not it is to come again. */
  private boolean isDone(Command command) {
    try {
      Optional<Answer> answer = lead.carryOut(command);
      if (answer.isPresent() && !answered(command.replyTo(), answer.get())) {
        return false;
      }
      if (answer.isPresent() && answer.get() instanceof Answer.Refused refused) {
        context.activity().tell("refused " + command.word() + ": " + refused.why());
      }
      return true;
    } catch (NotLeadingException e) {
      LOG.info("a command is left to the coordinator that leads: {}", command.word());
      return false;
    } catch (IOException e) {
      LOG.warn("a command could not be carried out: {}", e.getMessage());
      String why = String.valueOf(e.getMessage());
      // Where nobody waits who could try again, it is kept until it can be done.
      return command.replyTo() != null
          && answered(
              command.replyTo(), new Answer.Refused(Answer.Refused.Reason.FAILED, why, null));
    }
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

  private void shutdown(Delivery<Command> delivery) {
    context.activity().tell("shutting down");
    try {
      String done = lead.shutDown();
      context.activity().tell(done);
      answered(delivery.message().replyTo(), new Answer.Done(done));
      delivery.ack();
      lead.end();
    } catch (BrokerException e) {
      LOG.warn("could not shut down: {}", e.getMessage());
      delivery.handBack();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
