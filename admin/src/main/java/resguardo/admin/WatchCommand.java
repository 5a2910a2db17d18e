package resguardo.admin;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Load;
import resguardo.infra.rabbit.RabbitBroker;

/** A live view of jobs, workers and the queue. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description = {
      "Shows live what waits on the queue, what each worker has in hand and how fast it is, and what ended; until Ctrl-C.",
      "What workers have done is counted from when this is started. On a terminal the picture is drawn over; else each is printed"
          + " below the last."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  admin watch", "  admin watch --interval 10 --json >> load.jsonl"})
final class WatchCommand implements Callable<Integer> {
  private static final String HOME_AND_CLEAR = "\u001b[H\u001b[J";
  private static final int USUAL_HEIGHT = 24;
  private static final int ALL = 1000;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      description = "How long between two pictures. Default: ${DEFAULT-VALUE}.",
      defaultValue = "2")
  private int interval = 2;

  @Option(names = "--count", description = "End after so many pictures. Default: until Ctrl-C.")
  private @Nullable Integer count;

  @Option(names = "--json", description = "A line of JSON each: an answer of type load.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (interval < 1) {
      throw new ParameterException(spec.commandLine(), "--interval is 1 or more.");
    }
    WatchBoard board = new WatchBoard();
    try (RabbitBroker broker = session.connect(Role.ADMIN, "watch");
        Subscription events =
            broker.events().subscribe(event -> board.note(event, Instant.now()))) {
      Desk desk = session.desk(broker);
      for (int i = 0; count == null || i < count; i++) {
        if (i > 0) {
          Thread.sleep(interval * 1000L);
        }
        show(board, load(desk));
      }
    }
    return ExitCode.DONE.number();
  }

  private Answer.@Nullable Load load(Desk desk) throws AdminException, InterruptedException {
    try {
      return desk.ask(Load::new, Answer.Load.class, "watch");
    } catch (AdminException e) {
      if (e.exit() == ExitCode.NO_ANSWER || e.exit() == ExitCode.NO_BROKER) {
        return null; // it is watched until it comes back
      }
      throw e;
    }
  }

  private void show(WatchBoard board, Answer.@Nullable Load load) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      if (load != null) {
        Says.json(out, load);
      }
      return;
    }
    boolean terminal = Terminal.isThere();
    List<String> lines = board.picture(load, Instant.now(), terminal ? height() : ALL);
    out.print(terminal ? HOME_AND_CLEAR : "");
    lines.forEach(out::println);
    if (!terminal) {
      out.println();
    }
    out.flush();
  }

  /** Shells set it for what they start only when it is exported; else as terminals once were. */
  private static int height() {
    String lines = System.getenv("LINES");
    try {
      return lines == null ? USUAL_HEIGHT : Math.max(2, Integer.parseInt(lines) - 1);
    } catch (NumberFormatException e) {
      return USUAL_HEIGHT;
    }
  }
}
