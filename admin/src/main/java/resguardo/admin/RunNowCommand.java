package resguardo.admin;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Texts;
import resguardo.core.catalog.Status;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Explain;
import resguardo.core.protocol.Command.RunNow;
import resguardo.core.protocol.Event;
import resguardo.infra.rabbit.RabbitBroker;

/** Backs a registration up once more than its schedule says. */
@Command(
    name = "run-now",
    mixinStandardHelpOptions = true,
    description = {
      "Backs a registration up at once, whatever its schedule and blackouts say.",
      "The order is kept in the bucket: it outlives coordinators, and waits for an agent that is away."
    },
    footerHeading = "%nExample:%n",
    footer = "  admin run-now --node alpha --path /srv/data --wait")
final class RunNowCommand implements Callable<Integer> {
  /** By so much clocks may differ, and a look may be late. */
  private static final Duration LATE = Duration.ofSeconds(5);

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Option(
      names = "--expires-after",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "For how long it may wait for an agent that is away, before it counts as missed. Default: 1d.")
  private Duration expires = Duration.ofDays(1);

  @Option(
      names = "--wait",
      description =
          "Wait until it has ended, and say how. Exit code 1 when it failed, 4 when it did not begin in time.")
  private boolean wait;

  @Option(
      names = "--json",
      description = "As JSON: an answer of type ordered; with --wait, the status after it.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "run " + of + " now";
    PrintWriter out = spec.commandLine().getOut();
    RegistrationKey key = new RegistrationKey(of.node(), of.path());
    Looks looks = new Looks();
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing);
        LateBar bar = new LateBar("back up", wait); // how much is new, nobody knows before
        Subscription events = broker.events().subscribe(event -> note(event, key, looks, bar))) {
      Desk desk = session.desk(broker);
      Answer.Ordered ordered =
          desk.ask(
              replyTo -> new RunNow(of.node(), of.path(), expires.toSeconds(), replyTo),
              Answer.Ordered.class,
              doing);
      if (!wait) {
        if (json) {
          Says.json(out, ordered);
        } else {
          out.println(ordered.what());
        }
        return ExitCode.DONE.number();
      }
      spec.commandLine().getErr().println(ordered.what());
      Status status = ended(desk, ordered, looks, doing);
      bar.close();
      return told(status, out);
    }
  }

  private static void note(Event event, RegistrationKey key, Looks looks, LateBar bar) {
    if (event instanceof Event.JobRunning running && running.job().registration().equals(key)) {
      bar.at(running.bytes());
    }
    if (event instanceof Event.JobEnded ended && ended.job().registration().equals(key)) {
      looks.told();
    }
  }

  private Status ended(Desk desk, Answer.Ordered ordered, Looks looks, String doing)
      throws AdminException, InterruptedException {
    Instant last = ordered.slot().plus(expires).plus(LATE);
    while (true) {
      looks.await();
      Answer.Explained seen = look(desk, doing);
      Optional<Status> status =
          Optional.ofNullable(seen.line().status())
              .filter(known -> !known.lastSlot().isBefore(ordered.slot()));
      if (status.isPresent()) {
        return status.get();
      } else if (seen.line().openSince() == null && Instant.now().isAfter(last)) {
        throw new AdminException(
            ExitCode.NO_ANSWER,
            "Failed to " + doing + ": it was not begun within " + TimeSpan.text(expires) + ".",
            "admin explain-next says what is in its way.");
      }
    }
  }

  private Answer.Explained look(Desk desk, String doing)
      throws AdminException, InterruptedException {
    return desk.ask(
        replyTo -> new Explain(of.node(), of.path(), 1, replyTo), Answer.Explained.class, doing);
  }

  private int told(Status status, PrintWriter out) {
    if (json) {
      Says.json(out, status);
    } else {
      out.println(of + ": " + words(status));
    }
    boolean good =
        status.lastOutcome() == Status.Outcome.COMMITTED
            || status.lastOutcome() == Status.Outcome.UNCHANGED;
    return (good ? ExitCode.DONE : ExitCode.FAILED).number();
  }

  /** What became of it; the reason is in a node's own words. */
  static String words(Status status) {
    return switch (status.lastOutcome()) {
      case COMMITTED -> "version " + status.lastVersion() + " was committed";
      case UNCHANGED -> "nothing has changed since version " + status.lastVersion();
      case FAILED -> "it failed: " + Texts.whole(String.valueOf(status.lastReason()));
      case CANCELLED -> "it was cancelled: " + Texts.whole(String.valueOf(status.lastReason()));
    };
  }
}
