package resguardo.admin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.catalog.Acceptance;
import resguardo.core.catalog.Proof;
import resguardo.core.port.BrokerException;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.version.VersionHeader;

/** Sends commands to the coordinator and waits for its answers. */
public final class Desk {
  private static final String START_ONE =
      "Is a coordinator running? A longer --timeout waits longer.";

  private final CommandChannel commands;
  private final ReplyChannel replies;
  private final Duration timeout;

  /**
   * @param timeout how long an answer is waited for
   */
  public Desk(CommandChannel commands, ReplyChannel replies, Duration timeout) {
    this.commands = commands;
    this.replies = replies;
    this.timeout = timeout;
  }

  /** A command made for the id that its answer is to come to. */
  @FunctionalInterface
  public interface Question {
    /** The command that asks for its answer to be sent to this id; absent: to nobody. */
    Command askedBy(@Nullable ReplyId replyTo);
  }

  /**
   * Sends a command that nobody waits for. It is done, sooner or later, once this returns.
   *
   * @param doing what is being done, for {@code Failed to …}
   * @throws AdminException when the broker could not be reached or did not take it
   */
  public void send(Command command, String doing) throws AdminException {
    try {
      commands.send(command);
    } catch (BrokerException e) {
      throw failed(doing, e);
    }
  }

  /**
   * Sends a command and waits for the coordinator's word.
   *
   * @param doing what is being done, for {@code Failed to …}
   * @throws AdminException when it was refused, when no answer came in time, or as {@link #send}
   */
  public Answer ask(Question question, String doing) throws AdminException, InterruptedException {
    ReplyId replyTo = ReplyId.random();
    try (ReplyChannel.Mailbox mailbox = replies.open(replyTo, 1)) {
      commands.send(question.askedBy(replyTo));
      return accepted(awaited(mailbox, doing), doing);
    } catch (BrokerException e) {
      throw failed(doing, e);
    }
  }

  /**
   * As {@link #ask(Question, String)}, for an answer of one kind.
   *
   * @throws AdminException also when another kind came: the coordinator is of another version
   */
  public <T extends Answer> T ask(Question question, Class<T> kind, String doing)
      throws AdminException, InterruptedException {
    Answer answer = ask(question, doing);
    if (!kind.isInstance(answer)) {
      throw new AdminException(
          ExitCode.FAILED,
          "Failed to " + doing + ": the coordinator answered something else.",
          "Are admin and coordinator of the same version?");
    }
    return kind.cast(answer);
  }

  /**
   * All registrations, in the order of their keys.
   *
   * @param doing for {@code Failed to …}
   */
  public List<Answer.RegistrationLine> registrations(String doing)
      throws AdminException, InterruptedException {
    List<Answer.RegistrationLine> lines = new ArrayList<>();
    boolean more = true;
    while (more) {
      RegistrationKey after = lines.isEmpty() ? null : lines.get(lines.size() - 1).key();
      Answer.Registrations page =
          ask(
              replyTo -> new Command.ListRegistrations(after, replyTo),
              Answer.Registrations.class,
              doing);
      lines.addAll(page.lines());
      more = page.more();
    }
    return lines;
  }

  /**
   * The newest versions of a key, newest first.
   *
   * @param limit how many at the most
   * @param doing for {@code Failed to …}
   */
  public Answer.Versions versions(RegistrationKey key, int limit, String doing)
      throws AdminException, InterruptedException {
    List<VersionHeader> versions = new ArrayList<>();
    List<Acceptance> accepted = new ArrayList<>();
    @Nullable Proof proof = null;
    boolean more = true;
    while (more && versions.size() < limit) {
      Long before = versions.isEmpty() ? null : versions.get(versions.size() - 1).serial().value();
      int wanted = limit - versions.size();
      Answer.Versions page =
          ask(
              replyTo -> new Command.History(key.node(), key.path(), before, wanted, replyTo),
              Answer.Versions.class,
              doing);
      versions.addAll(page.versions());
      accepted.addAll(page.accepted() == null ? List.of() : page.accepted());
      proof = page.proof();
      more = page.more() && !page.versions().isEmpty();
    }
    // A coordinator from before there was a limit sends whole pages.
    List<VersionHeader> first = versions.subList(0, Math.min(versions.size(), limit));
    return new Answer.Versions(first, more || first.size() < versions.size(), accepted, proof);
  }

  private Answer awaited(ReplyChannel.Mailbox mailbox, String doing)
      throws BrokerException, InterruptedException, AdminException {
    long end = System.nanoTime() + timeout.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
      Optional<ReplyChannel.Received> received = mailbox.receive(left);
      if (received.isEmpty()) {
        String why = "no answer within " + timeout.toSeconds() + " s";
        throw new AdminException(
            ExitCode.NO_ANSWER, "Failed to " + doing + ": " + why + ".", START_ONE);
      }
      // Anything else at this id is not from whom it was asked: not taken for the answer.
      if (received.get().from().role() == Role.COORDINATOR
          && received.get().message() instanceof Reply.Said said) {
        return said.answer();
      }
    }
  }

  /**
   * The answer, if it is not a refusal.
   *
   * @throws AdminException when it is one
   */
  static Answer accepted(Answer answer, String doing) throws AdminException {
    if (answer instanceof Answer.Refused refused) {
      throw new AdminException(
          ExitCode.of(refused.reason()),
          "Failed to " + doing + ": " + refused.why() + ".",
          refused.hint());
    }
    return answer;
  }

  /** What to say of a broker's failure. */
  static AdminException failed(String doing, BrokerException e) {
    ExitCode exit = e instanceof BrokerException.Unavailable ? ExitCode.NO_BROKER : ExitCode.FAILED;
    String hint = "Check that RESGUARDO_AMQP_URI names a broker that runs.";
    if (e instanceof BrokerException.Unroutable) {
      hint = "Somebody has removed the queue coordinator.commands: try again, which makes it anew.";
    } else if (e instanceof BrokerException.NotAllowed) {
      hint = "It takes an operator who may do more: admin operator list, by whoever may.";
    }
    return new AdminException(exit, "Failed to " + doing + ": " + e.getMessage() + ".", hint);
  }
}
