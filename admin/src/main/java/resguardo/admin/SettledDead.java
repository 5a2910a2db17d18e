package resguardo.admin;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.SettleDead;
import resguardo.infra.rabbit.RabbitBroker;

/** The options of a command that is done with dead letters. */
final class SettledDead {
  @Mixin private Session session = new Session();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "ID",
      description = "The one, as admin dead list shows it.")
  private @Nullable String id;

  @Option(names = "--all", description = "All that are there now.")
  private boolean all;

  @Option(names = "--json", description = "Say it as JSON.")
  private boolean json;

  /**
   * Is done with them.
   *
   * @param retry whether they are sent again; else they are thrown away
   */
  int settle(CommandSpec spec, boolean retry) throws AdminException, InterruptedException {
    if (all == (id != null)) {
      throw new ParameterException(spec.commandLine(), "Give an ID, or --all.");
    }
    String which = id == null ? "all dead letters" : "dead letter " + id;
    String doing = (retry ? "send " : "throw away ") + which + (retry ? " again" : "");
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Answer answer =
          session.desk(broker).ask(replyTo -> new SettleDead(id, retry, replyTo), doing);
      Says.done(spec.commandLine().getOut(), json, answer);
      return ExitCode.DONE.number();
    }
  }
}
