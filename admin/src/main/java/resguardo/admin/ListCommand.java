package resguardo.admin;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.ListRegistrations;
import resguardo.infra.rabbit.RabbitBroker;

/** Which registrations there are and how they stand. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description =
        "Shows what is registered, how the last attempt ended, when the next is due, and whether the agent is there.")
final class ListCommand implements Callable<Integer> {
  private static final String DOING = "list registrations";

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(names = "--json", description = "As one line of JSON: an answer of type registrations.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    try (RabbitBroker broker = session.connect(Role.ADMIN, DOING)) {
      List<Answer.RegistrationLine> lines = all(session.desk(broker));
      if (json) {
        Says.json(spec.commandLine().getOut(), new Answer.Registrations(lines, false));
      } else if (lines.isEmpty()) {
        spec.commandLine()
            .getErr()
            .println(
                "Nothing is registered. Try: admin publish register --node N --path P --freq 3600");
      } else {
        spec.commandLine().getOut().println(Listing.registrations(lines, Instant.now()));
      }
      return ExitCode.DONE.number();
    }
  }

  private static List<Answer.RegistrationLine> all(Desk desk)
      throws AdminException, InterruptedException {
    List<Answer.RegistrationLine> lines = new ArrayList<>();
    boolean more = true;
    while (more) {
      RegistrationKey after = lines.isEmpty() ? null : lines.get(lines.size() - 1).key();
      Answer.Registrations page = page(desk, after);
      lines.addAll(page.lines());
      more = page.more();
    }
    return lines;
  }

  private static Answer.Registrations page(Desk desk, @Nullable RegistrationKey after)
      throws AdminException, InterruptedException {
    Answer answer = desk.ask(replyTo -> new ListRegistrations(after, replyTo), DOING);
    if (answer instanceof Answer.Registrations page) {
      return page;
    }
    throw new AdminException(
        ExitCode.FAILED, "Failed to " + DOING + ": the coordinator answered something else.", null);
  }
}
