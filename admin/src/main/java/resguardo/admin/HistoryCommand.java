package resguardo.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.infra.rabbit.RabbitBroker;

/** Which versions there are of a path. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = "Shows the versions of a path, newest first.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin history --node alpha --path /srv/data",
      "  admin history --node alpha --path /srv/data --limit 5 --json"
    })
final class HistoryCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Option(
      names = "--limit",
      description = "How many at the most. Default: ${DEFAULT-VALUE}.",
      defaultValue = "50")
  private int limit = 50;

  @Option(names = "--json", description = "As one line of JSON: an answer of type versions.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "show the versions of " + of;
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Answer.Versions shown = session.desk(broker).versions(of.key(), limit, doing);
      if (json) {
        Says.json(spec.commandLine().getOut(), shown);
      } else {
        spec.commandLine().getOut().println(Listing.versions(shown));
      }
      return ExitCode.DONE.number();
    }
  }
}
