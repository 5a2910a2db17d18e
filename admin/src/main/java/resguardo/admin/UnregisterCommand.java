package resguardo.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Unregister;
import resguardo.infra.rabbit.RabbitBroker;

/** Backs a path up no more. What is stored stays. */
@Command(
    name = "unregister",
    mixinStandardHelpOptions = true,
    description = "Backs a path up no more. What is stored stays.",
    footerHeading = "%nExample:%n",
    footer = "  admin publish unregister --node alpha --path /srv/data --wait")
final class UnregisterCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Option(names = "--wait", description = "Wait for the coordinator's word.")
  private boolean wait;

  @Option(names = "--json", description = "Say it as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "unregister " + of;
    Desk.Question question = replyTo -> new Unregister(of.node(), of.path(), replyTo);
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
