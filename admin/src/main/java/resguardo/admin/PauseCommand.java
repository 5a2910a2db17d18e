package resguardo.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Pause;
import resguardo.infra.rabbit.RabbitBroker;

/** Begins no more backups, of a path, a node, or all. */
@Command(
    name = "pause",
    mixinStandardHelpOptions = true,
    description = {
      "Begins no more backups of a path, a node, or all, until they are resumed. What is under way goes on, and versions can be"
          + " restored as ever.",
      "admin list and admin explain-next show what is paused; admin limit --list shows all pauses."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin pause --node alpha --for 2h --why \"disk is being replaced\"",
      "  admin pause --all"
    })
final class PauseCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private Scope scope = new Scope();

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description = "Resume by itself after this time, such as 2h.")
  private @Nullable Duration time;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      description = "Resume by itself at this time, such as 2026-11-24T10:00:00Z.")
  private @Nullable Instant until;

  @Option(names = "--why", description = "For those who wonder.")
  private @Nullable String why;

  @Option(names = "--json", description = "Say it as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    scope.check(spec);
    if (time != null && until != null) {
      throw new ParameterException(spec.commandLine(), "Give --for or --until, not both.");
    }
    String doing = "pause " + scope;
    Instant end = time == null ? until : Instant.now().plus(time);
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Answer answer =
          session
              .desk(broker)
              .ask(replyTo -> new Pause(scope.node(), scope.path(), end, why, replyTo), doing);
      Says.done(spec.commandLine().getOut(), json, answer);
      return ExitCode.DONE.number();
    }
  }
}
