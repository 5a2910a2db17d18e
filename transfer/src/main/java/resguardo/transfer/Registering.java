package resguardo.transfer;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.OperatorUser;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.Environment;
import resguardo.infra.runtime.Instances;

/**
 * Has paths backed up from now on, as any operator would: by the coordinator, which alone writes
 * registrations. So it is audited as every other registration is.
 */
final class Registering implements AutoCloseable {
  private static final String WHY = "imported; to be resumed";

  private final RabbitBroker broker;
  private final Duration timeout;

  private Registering(RabbitBroker broker, Duration timeout) {
    this.broker = broker;
    this.timeout = timeout;
  }

  /**
   * Connects.
   *
   * @throws IllegalArgumentException when an address is none, or they name several users
   * @throws Main.ToldException when the broker cannot be reached in time
   */
  static Registering at(Environment environment, @Nullable String amqpUri, Duration timeout)
      throws Main.ToldException {
    List<BrokerUri> uris = BrokerUri.parse(environment.brokers(amqpUri), environment::tls);
    Peer self = Instances.random(Role.ADMIN, OperatorUser.of(uris.get(0)));
    RabbitBroker broker = new RabbitBroker(uris, self);
    try {
      broker.await(timeout);
      return new Registering(broker, timeout);
    } catch (BrokerException e) {
      broker.close();
      throw failed(e);
    }
  }

  /**
   * Registers.
   *
   * @param paused nothing is to begin until somebody resumes it
   * @throws Main.ToldException when the coordinator refuses, or does not answer
   */
  void register(
      RegistrationKey key, Duration every, @Nullable BackupOptions options, boolean paused)
      throws Main.ToldException, InterruptedException {
    if (paused) {
      // First: or a backup could begin in between.
      ask(replyTo -> new Command.Pause(key.node(), key.path(), null, WHY, replyTo));
    }
    Schedule schedule = new Schedule.Every(every.toSeconds());
    ask(
        replyTo ->
            new Command.Register(key.node(), key.path(), schedule, options, null, null, replyTo));
  }

  private void ask(Function<ReplyId, Command> question)
      throws Main.ToldException, InterruptedException {
    ReplyId replyTo = ReplyId.random();
    try (ReplyChannel.Mailbox mailbox = broker.replies().open(replyTo, 1)) {
      broker.commands().send(question.apply(replyTo));
      if (answer(mailbox) instanceof Answer.Refused refused) {
        throw new Main.ToldException(
            Main.FAILED,
            "Failed to register: " + refused.why() + ".",
            refused.hint() == null ? "The versions are there." : refused.hint());
      }
    } catch (BrokerException e) {
      throw failed(e);
    }
  }

  private Answer answer(ReplyChannel.Mailbox mailbox)
      throws BrokerException, InterruptedException, Main.ToldException {
    long end = System.nanoTime() + timeout.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
      Optional<ReplyChannel.Received> received = mailbox.receive(left);
      if (received.isEmpty()) {
        throw new Main.ToldException(
            Main.NO_ANSWER,
            "Failed to register: no answer within " + timeout.toSeconds() + " s.",
            "The versions are there. Is a coordinator running? Then run it again.");
      }
      if (received.get().from().role() == Role.COORDINATOR
          && received.get().message() instanceof Reply.Said said) {
        return said.answer();
      }
    }
  }

  private static Main.ToldException failed(BrokerException e) {
    return new Main.ToldException(
        e instanceof BrokerException.Unavailable ? Main.NO_BROKER : Main.FAILED,
        "Failed to register: " + e.getMessage() + ".",
        "Check that RESGUARDO_AMQP_URI names a broker that runs, or leave --freq out: versions need none.");
  }

  @Override
  public void close() {
    broker.close();
  }
}
