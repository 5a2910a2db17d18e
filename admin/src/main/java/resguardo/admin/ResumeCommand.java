package resguardo.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Resume;
import resguardo.infra.rabbit.RabbitBroker;

/** Ends a pause. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description = {
      "Ends the pause that was begun for just this. What became due meanwhile is run once."
    },
    footerHeading = "%nExample:%n",
    footer = "  admin resume --node alpha")
final class ResumeCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private Scope scope = new Scope();

  @Option(names = "--json", description = "Say it as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    scope.check(spec);
    String doing = "resume " + scope;
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Answer answer =
          session
              .desk(broker)
              .ask(replyTo -> new Resume(scope.node(), scope.path(), replyTo), doing);
      Says.done(spec.commandLine().getOut(), json, answer);
      return ExitCode.DONE.number();
    }
  }
}
