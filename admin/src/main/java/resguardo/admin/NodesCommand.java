package resguardo.admin;

import java.io.PrintWriter;
import java.time.Duration;
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
import resguardo.core.NodeName;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.ListNodes;
import resguardo.infra.rabbit.RabbitBroker;

/** Which nodes there are and how they stand. */
@Command(
    name = "nodes",
    mixinStandardHelpOptions = true,
    description = {
      "Shows all nodes that have a registration or an agent: when the agent was seen and of which version it is, how far behind it is (LAG: for how long its"
          + " oldest due slot waits), and when it was backed up.",
      "OLDEST is the last good backup of the path that was longest without one; PROVEN, when the path was proven restorable that was"
          + " so the longest ago."
    },
    footerHeading = "%nExample:%n",
    footer = "  admin nodes --without-backup-for 24h    # no good backup of the last day")
final class NodesCommand implements Callable<Integer> {
  private static final List<String> HEAD =
      List.of(
          "NODE", "AGENT", "VERSION", "CLOCK", "PATHS", "FAILING", "RUNNING", "PAUSED", "OLDEST",
          "NEWEST", "PROVEN", "NEXT", "LAG");
  private static final String NONE = "-";
  private static final long CLOCK_IS_RIGHT = 2;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(
      names = "--without-backup-for",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "Only those of which a path has no good backup that is younger, such as 24h. Exit code 1 when there are any.")
  private @Nullable Duration without;

  @Option(names = "--json", description = "As one line of JSON: an answer of type nodes.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "list nodes";
    PrintWriter out = spec.commandLine().getOut();
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Instant now = Instant.now();
      List<Answer.NodeLine> lines =
          all(session.desk(broker), doing).stream().filter(line -> isWanted(line, now)).toList();
      if (json) {
        Says.json(out, new Answer.Nodes(lines, false));
      } else if (!lines.isEmpty()) {
        out.println(Tables.of(HEAD, lines.stream().map(line -> row(line, now)).toList()));
      }
      boolean missing = without != null && !lines.isEmpty();
      return (missing ? ExitCode.FAILED : ExitCode.DONE).number();
    }
  }

  private boolean isWanted(Answer.NodeLine line, Instant now) {
    if (without == null) {
      return true;
    }
    Instant oldest = line.oldestSuccess();
    return line.neverBackedUp() > 0 || (oldest != null && oldest.isBefore(now.minus(without)));
  }

  private static List<Answer.NodeLine> all(Desk desk, String doing)
      throws AdminException, InterruptedException {
    List<Answer.NodeLine> lines = new ArrayList<>();
    boolean more = true;
    while (more) {
      NodeName after = lines.isEmpty() ? null : lines.get(lines.size() - 1).node();
      Answer.Nodes page =
          desk.ask(replyTo -> new ListNodes(after, replyTo), Answer.Nodes.class, doing);
      lines.addAll(page.lines());
      more = page.more();
    }
    return lines;
  }

  private static List<String> row(Answer.NodeLine line, Instant now) {
    return List.of(
        line.node().value(),
        line.agentSeen() == null ? "not seen" : "seen " + ago(line.agentSeen(), now),
        line.program() == null ? NONE : line.program(),
        clock(line.clockAheadSeconds()),
        String.valueOf(line.registrations()),
        String.valueOf(line.failing()),
        String.valueOf(line.running()),
        String.valueOf(line.paused()),
        line.neverBackedUp() > 0
            ? "never: " + line.neverBackedUp()
            : line.oldestSuccess() == null ? NONE : ago(line.oldestSuccess(), now),
        line.newestSuccess() == null ? NONE : ago(line.newestSuccess(), now),
        proven(line, now),
        next(line.nextDue(), now),
        line.lagSeconds() == null ? NONE : TimeSpan.rough(Duration.ofSeconds(line.lagSeconds())));
  }

  private static String proven(Answer.NodeLine line, Instant now) {
    if (line.failingDrills() > 0) {
      return "FAILED: " + line.failingDrills();
    } else if (line.neverProven() > 0) {
      return "never: " + line.neverProven();
    }
    return line.oldestProven() == null ? NONE : ago(line.oldestProven(), now);
  }

  private static String next(@Nullable Instant due, Instant now) {
    if (due == null) {
      return NONE;
    }
    return due.isAfter(now) ? "in " + TimeSpan.rough(Duration.between(now, due)) : "due";
  }

  private static String ago(Instant time, Instant now) {
    return TimeSpan.rough(Duration.between(time, now)) + " ago";
  }

  private static String clock(@Nullable Long ahead) {
    if (ahead == null) {
      return NONE;
    } else if (Math.abs(ahead) <= CLOCK_IS_RIGHT) {
      return "right";
    }
    return TimeSpan.rough(Duration.ofSeconds(Math.abs(ahead))) + (ahead > 0 ? " ahead" : " behind");
  }
}
