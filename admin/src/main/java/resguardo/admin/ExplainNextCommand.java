package resguardo.admin;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.Texts;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Explain;
import resguardo.infra.rabbit.RabbitBroker;

/** Why and when the next run is. */
@Command(
    name = "explain-next",
    mixinStandardHelpOptions = true,
    description = {
      "Says when a registration is backed up next and why not before: what is due, open, paused, in a blackout, missed, or waiting"
          + " for its agent; and what changes of the clock do to its slots."
    },
    footerHeading = "%nExample:%n",
    footer = "  admin explain-next --node alpha --path /home --count 10")
final class ExplainNextCommand implements Callable<Integer> {
  private static final int MOST = resguardo.core.protocol.Command.MOST_SLOTS;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Option(
      names = "--count",
      description =
          "How many of the slots to come are shown, at most 100. Default: ${DEFAULT-VALUE}.",
      defaultValue = "5")
  private int count = 5;

  @Option(names = "--json", description = "As one line of JSON: an answer of type explained.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (count < 1 || count > MOST) {
      throw new ParameterException(spec.commandLine(), "--count is 1 to " + MOST + ".");
    }
    String doing = "explain when " + of + " is run next";
    PrintWriter out = spec.commandLine().getOut();
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Answer.Explained told =
          session
              .desk(broker)
              .ask(
                  replyTo -> new Explain(of.node(), of.path(), count, replyTo),
                  Answer.Explained.class,
                  doing);
      if (json) {
        Says.json(out, told);
      } else {
        show(told, out);
      }
      return ExitCode.DONE.number();
    }
  }

  private void show(Answer.Explained told, PrintWriter out) {
    out.println(of + " is backed up " + told.line().registration().schedule() + ".");
    if (told.reasons().isEmpty()) {
      out.println("Nothing is due, and nothing is in its way.");
    }
    told.reasons()
        .forEach(
            reason ->
                out.printf(
                    "  %-9s %s%n",
                    reason.kind().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
                    Texts.whole(reason.what())));
    if (!told.upcoming().isEmpty()) {
      List<List<String>> rows =
          told.upcoming().stream()
              .map(
                  next ->
                      List.of(
                          next.slot().toString(),
                          next.begins() == null ? "-" : next.begins().toString(),
                          next.note() == null ? "" : next.note()))
              .toList();
      out.println(Tables.of(List.of("SLOT", "BEGINS", "NOTE"), rows));
    }
  }
}
