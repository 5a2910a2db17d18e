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
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import resguardo.core.Pause;
import resguardo.core.Role;
import resguardo.core.catalog.FleetSettings;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Limit;
import resguardo.core.protocol.Command.ShowSettings;
import resguardo.infra.rabbit.RabbitBroker;

/** How many that belong together are backed up at once. */
@Command(
    name = "limit",
    mixinStandardHelpOptions = true,
    description = {
      "Has at most so many registrations with the same value of a label be backed up at once, so that not all machines of a rack"
          + " (or all guests of a host) read at the same time. The others wait for their turn.",
      "With --list: shows the limits and pauses that there are."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin publish register --node alpha --path /srv --freq 3600 --label rack=r7",
      "  admin limit --label rack --max-parallel 2",
      "  admin limit --label rack --none"
    })
final class LimitCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(names = "--label", paramLabel = "NAME", description = "Name of the label, such as rack.")
  private @Nullable String label;

  @Option(names = "--max-parallel", paramLabel = "N", description = "So many at once, 1 or more.")
  private @Nullable Integer most;

  @Option(names = "--none", description = "As many as there are.")
  private boolean none;

  @Option(names = "--list", description = "Show what limits and pauses there are.")
  private boolean list;

  @Option(
      names = "--json",
      description = "Say it as JSON; with --list: an answer of type settings.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    String doing = list ? "show limits and pauses" : "limit " + label;
    if (list ? label != null || most != null || none : label == null || (most == null) == !none) {
      throw new ParameterException(
          spec.commandLine(), "Give --label NAME with --max-parallel N or --none; or --list.");
    }
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Desk desk = session.desk(broker);
      if (list) {
        Answer.Settings answer = desk.ask(ShowSettings::new, Answer.Settings.class, doing);
        if (json) {
          Says.json(out, answer);
        } else {
          show(answer.settings(), out);
        }
      } else {
        Says.done(out, json, desk.ask(this::limit, doing));
      }
      return ExitCode.DONE.number();
    }
  }

  private resguardo.core.protocol.Command limit(resguardo.core.@Nullable ReplyId replyTo) {
    try {
      return new Limit(label == null ? "" : label, most, replyTo);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }

  private static void show(FleetSettings settings, PrintWriter out) {
    List<List<String>> limits = new ArrayList<>();
    settings.limits().forEach((name, count) -> limits.add(List.of(name, String.valueOf(count))));
    if (!limits.isEmpty()) {
      out.println(Tables.of(List.of("LABEL", "AT ONCE"), limits));
    }
    List<List<String>> pauses = new ArrayList<>();
    for (Pause pause : settings.allPauses()) {
      pauses.add(
          List.of(
              pause.scope(),
              pause.since().toString(),
              pause.until() == null ? "-" : pause.until().toString(),
              pause.by().name().orElse("-"),
              pause.why() == null ? "-" : pause.why()));
    }
    if (!pauses.isEmpty()) {
      out.println(Tables.of(List.of("PAUSED", "SINCE", "UNTIL", "BY", "WHY"), pauses));
    }
  }
}
