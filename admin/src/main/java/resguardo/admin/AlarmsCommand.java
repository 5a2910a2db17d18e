package resguardo.admin;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Alarms;
import resguardo.infra.rabbit.RabbitBroker;

/** Which versions are suspicious. */
@Command(
    name = "alarms",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the suspicious versions that no operator has accepted, and says why they are.",
      "Exit code 1 when there is one, as it is for somebody to look at; 0 when there is none."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin alarms",
      "  admin alarms --all    # those too that were accepted, by whom and when"
    })
final class AlarmsCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(names = "--all", description = "Those too that were accepted, with who did and when.")
  private boolean all;

  @Option(names = "--json", description = "As one line of JSON: an answer of type alarms.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "list alarms";
    PrintWriter out = spec.commandLine().getOut();
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      List<Answer.AlarmLine> lines = all(session.desk(broker), doing);
      if (json) {
        Says.json(out, new Answer.Alarms(lines, null));
      } else if (!lines.isEmpty()) {
        out.println(Listing.alarms(lines));
        for (Answer.AlarmLine line : lines) {
          out.println(
              line.registration() + " version " + line.serial() + ": " + line.alarm().text());
        }
      }
      boolean open = lines.stream().anyMatch(line -> line.acceptance() == null);
      return (open ? ExitCode.FAILED : ExitCode.DONE).number();
    }
  }

  private List<Answer.AlarmLine> all(Desk desk, String doing)
      throws AdminException, InterruptedException {
    List<Answer.AlarmLine> lines = new ArrayList<>();
    @Nullable String after = null;
    do {
      String from = after;
      Answer.Alarms page =
          desk.ask(replyTo -> new Alarms(all, from, replyTo), Answer.Alarms.class, doing);
      lines.addAll(page.lines());
      after = page.next();
    } while (after != null);
    return lines;
  }
}
