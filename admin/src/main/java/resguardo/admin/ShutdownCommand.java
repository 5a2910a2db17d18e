package resguardo.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Shutdown;
import resguardo.infra.rabbit.RabbitBroker;

/** Stops every process: coordinator, workers, agents, loggers. */
@Command(
    name = "shutdown",
    mixinStandardHelpOptions = true,
    description = "Stops every process: coordinator, workers, agents, loggers.",
    footerHeading = "%nExample:%n",
    footer = "  admin publish shutdown --wait")
final class ShutdownCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(names = "--wait", description = "Wait for the coordinator's word.")
  private boolean wait;

  @Option(names = "--json", description = "Say it as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "shut down";
    Desk.Question question = Shutdown::new;
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      if (wait) {
        Says.done(spec.commandLine().getOut(), json, session.desk(broker).ask(question, doing));
      } else {
        session.desk(broker).send(question.askedBy(null), doing);
        Says.done(spec.commandLine().getOut(), json, new Answer.Done("published: " + doing));
      }
      return ExitCode.DONE.number();
    }
  }
}
