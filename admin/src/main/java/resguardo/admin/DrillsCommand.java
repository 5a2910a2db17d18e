package resguardo.admin;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import resguardo.core.DrillPolicy;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.SetDrills;
import resguardo.core.protocol.Command.ShowSettings;
import resguardo.infra.rabbit.RabbitBroker;

/** How it is tried, of all that does not say otherwise, whether it can be restored. */
@Command(
    name = "drills",
    mixinStandardHelpOptions = true,
    description = {
      "Says how it is tried, by itself, whether registrations can be restored that do not say otherwise when they are registered:"
          + " how often, and how much of a version is read.",
      "Without options: shows how it is done now."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin drills",
      "  admin drills --drill-every 30d --drill-read 1GiB    # if reading is paid for",
      "  admin drills --drill-every never",
      "  admin drills --usual"
    })
final class DrillsCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private DrillFlags flags = new DrillFlags();

  @Option(names = "--usual", description = "As usual again.")
  private boolean usual;

  @Option(
      names = "--json",
      description = "As JSON: the policy; of a change, an answer of type done.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    DrillPolicy wanted = wanted();
    String doing = wanted == null && !usual ? "show the drills" : "set the drills";
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Desk desk = session.desk(broker);
      if (wanted != null || usual) {
        Says.done(out, json, desk.ask(replyTo -> new SetDrills(wanted, replyTo), doing));
        return ExitCode.DONE.number();
      }
      Answer.Settings answer = desk.ask(ShowSettings::new, Answer.Settings.class, doing);
      DrillPolicy now = DrillPolicy.of(null, answer.settings().drills());
      if (json) {
        Says.json(out, now);
      } else {
        out.println(now);
      }
      return ExitCode.DONE.number();
    }
  }

  private @org.jspecify.annotations.Nullable DrillPolicy wanted() {
    try {
      DrillPolicy wanted = flags.policy().orElse(null);
      if (wanted != null && usual) {
        throw new ParameterException(spec.commandLine(), "--usual leaves nothing else to say.");
      }
      return wanted;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }
}
