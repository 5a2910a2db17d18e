package resguardo.admin;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.port.DeadLetter;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.DeadLetters;
import resguardo.infra.rabbit.RabbitBroker;

/** Which messages were given up. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the first hundred dead letters: from which queue, when, and why.",
    footerHeading = "%nExample:%n",
    footer = "  admin dead list")
final class DeadListCommand implements Callable<Integer> {
  private static final String NOT_SAID = "-";
  private static final int SHOWN = 100;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(names = "--json", description = "As one line of JSON: an answer of type dead.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "list dead letters";
    PrintWriter out = spec.commandLine().getOut();
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Answer.Dead dead = session.desk(broker).ask(DeadLetters::new, Answer.Dead.class, doing);
      if (json) {
        Says.json(out, dead);
      } else if (!dead.letters().isEmpty()) {
        out.println(
            Tables.of(
                List.of("ID", "QUEUE", "DIED", "REASON", "MESSAGE"),
                dead.letters().stream().map(DeadListCommand::row).toList()));
        if (dead.count() > dead.letters().size()) {
          out.println("of " + dead.count());
        }
      }
      return ExitCode.DONE.number();
    }
  }

  private static List<String> row(DeadLetter letter) {
    String text = letter.text();
    return List.of(
        letter.id(),
        letter.queue() == null ? NOT_SAID : letter.queue(),
        letter.died() == null ? NOT_SAID : Listing.time(letter.died()),
        letter.reason() == null ? NOT_SAID : letter.reason(),
        text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…");
  }
}
