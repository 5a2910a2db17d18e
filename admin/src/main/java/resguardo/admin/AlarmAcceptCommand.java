package resguardo.admin;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.AcceptAlarm;
import resguardo.infra.rabbit.RabbitBroker;

/** A suspicious version is as it should be. */
@Command(
    name = "accept",
    description = {
      "Says that a suspicious version is as it should be, so that older ones may be expired again.",
      "Waits for the coordinator's word. Who said so, and when, is kept. A repeat does no harm.",
      "Exit code 3 where there is no such alarm."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin alarm accept --node alpha --path /srv --version 7    # see admin diff",
      "  admin alarm accept --node alpha --path /srv/data"
    })
final class AlarmAcceptCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Option(
      names = "--version",
      paramLabel = "S",
      description = "The version of this number. Default: all of the path with an open alarm.")
  private @Nullable Serial version;

  /** As {@code --version} cannot be that of the program here. */
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  private boolean help;

  @Option(names = "--json", description = "Say it as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing =
        "accept the alarm of " + (version == null ? "" : "version " + version + " of ") + of;
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Answer answer =
          session
              .desk(broker)
              .ask(replyTo -> new AcceptAlarm(of.node(), of.path(), version, replyTo), doing);
      Says.done(spec.commandLine().getOut(), json, answer);
      return ExitCode.DONE.number();
    }
  }
}
