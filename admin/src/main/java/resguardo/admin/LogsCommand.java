package resguardo.admin;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.SourcePath;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.ActivityLine;
import resguardo.core.protocol.Control;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.ActivityText;

/** All processes' activity in one place: this is the logger. */
@Command(
    name = "logs",
    mixinStandardHelpOptions = true,
    description =
        "Shows what every process does from now on, a line each: time, role, instance, node, path, job, what.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin logs --follow",
      "  admin logs --follow --node alpha --path /srv/data",
      "  admin logs --follow --role fetch-worker --grep \"failed|returned\"",
      "  admin logs --follow --json >> activity.jsonl"
    })
final class LogsCommand implements Callable<Integer> {
  /**
   * After the word to shut down the others still say what they finish; when they have said nothing
   * for so long, it is over.
   */
  private static final Duration QUIET = Duration.ofSeconds(3);

  /** Lines that may wait to be shown: what comes on top waits at the broker. */
  private static final int WAITING = 1000;

  private static final Duration LOOK = Duration.ofMillis(200);

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(
      names = "--follow",
      description = "Go on until stopped. This is what it does with and without it.")
  private boolean follow;

  @Option(names = "--node", description = "Only what is about this node, or said by its agent.")
  private @Nullable NodeName node;

  @Option(names = "--path", description = "Only what is about this path.")
  private @Nullable SourcePath path;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description =
          "Only what these say: coordinator, fetch-worker, agent, retention. May be given several times.")
  private List<Role> roles = new ArrayList<>();

  @Option(names = "--job", description = "Only what is about this job.")
  private @Nullable String job;

  @Option(
      names = "--grep",
      paramLabel = "REGEX",
      description = "Only lines in which this regular expression is found.")
  private @Nullable Pattern grep;

  @Option(names = "--json", description = "A line of JSON each.")
  private boolean json;

  @Option(
      names = "--wait-for-broker",
      description = "Wait for the broker for ever, and say so, instead of ending after --timeout.")
  private boolean waitForBroker;

  @Override
  public Integer call() throws Exception {
    BlockingQueue<ActivityLine> lines = new LinkedBlockingQueue<>(WAITING);
    AtomicBoolean over = new AtomicBoolean();
    try (RabbitBroker broker = connect();
        Subscription activity = broker.activity().subscribe(line -> wait(lines, line));
        Subscription control =
            broker
                .control()
                .subscribe(
                    message -> over.set(over.get() || message instanceof Control.Shutdown))) {
      print(lines, over);
      return ExitCode.DONE.number();
    }
  }

  private static void wait(BlockingQueue<ActivityLine> lines, ActivityLine line) {
    try {
      lines.put(line);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private RabbitBroker connect() throws AdminException {
    while (true) {
      try {
        return session.connect(Role.LOGGER, "show the activity");
      } catch (AdminException e) {
        if (!waitForBroker || e.exit() != ExitCode.NO_BROKER) {
          throw e;
        }
        spec.commandLine().getErr().println("waiting for the broker: " + e.getMessage());
      }
    }
  }

  private void print(BlockingQueue<ActivityLine> lines, AtomicBoolean over)
      throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    long quietSince = System.nanoTime();
    while (!over.get() || System.nanoTime() - quietSince < QUIET.toNanos()) {
      ActivityLine line = lines.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
      if (line != null) {
        quietSince = System.nanoTime();
        show(line, out);
      } else if (!over.get()) {
        quietSince = System.nanoTime();
      }
    }
  }

  private void show(ActivityLine line, PrintWriter out) {
    if (!isWanted(line)) {
      return;
    }
    if (json) {
      Says.json(out, line);
    } else {
      out.println(ActivityText.of(line));
    }
  }

  /** Whether it is what was asked for; all of what was given has to be so. */
  boolean isWanted(ActivityLine line) {
    boolean ofNode =
        node == null
            || java.util.Objects.equals(node, line.node())
            || Peer.agent(node).equals(line.by());
    return ofNode
        && (path == null || java.util.Objects.equals(path, line.path()))
        && (job == null || (line.job() != null && job.equals(line.job().toString())))
        && (roles.isEmpty() || roles.contains(line.by().role()))
        && (grep == null || grep.matcher(ActivityText.of(line)).find());
  }
}
