package resguardo.admin;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.admin.notify.NotifyConfig;
import resguardo.admin.notify.Pings;
import resguardo.admin.notify.Teller;
import resguardo.admin.notify.Told;
import resguardo.admin.notify.Trouble;
import resguardo.core.NodeName;
import resguardo.core.Role;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Load;
import resguardo.core.protocol.Control;
import resguardo.infra.rabbit.RabbitBroker;

/** Tells people what is wrong. */
@Command(
    name = "notify",
    mixinStandardHelpOptions = true,
    description = {
      "Tells people what is wrong, by mail, Slack, Discord, ntfy or a signed webhook, and pings services such as healthchecks.io,"
          + " until it is stopped. An operator who may read is enough for it.",
      "Each trouble is told once, again after a day, and when it is over. docs/operating.md describes the file."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin notify -f notify.yaml",
      "  admin notify -f notify.yaml --once    # look once, tell, and end"
    })
final class NotifyCommand implements Callable<Integer> {
  private static final String DOING = "look what is wrong";

  /** A coordinator that is started anew is no trouble. */
  private static final Duration SILENT = Duration.ofMinutes(2);

  /** An agent says each 5 seconds that it lives. */
  private static final Duration UNSEEN = Duration.ofSeconds(15);

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      required = true,
      description = "Whom to tell of what, in YAML.")
  @SuppressWarnings("NullAway.Init") // required
  private Path file;

  @Option(
      names = "--state",
      paramLabel = "FILE",
      description =
          "Where it keeps what was told. Default: beside --file, with .told after its name.")
  private @Nullable Path state;

  @Option(
      names = "--once",
      description = "Look once, tell, and end: with exit code 1 where somebody could not be told.")
  private boolean once;

  private final TreeMap<NodeName, Instant> unseenSince = new TreeMap<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private @Nullable Instant silentSince;
  private boolean failed;

  @Override
  public Integer call() throws Exception {
    NotifyConfig config = config();
    Told told = Told.of(state == null ? file.resolveSibling(file.getFileName() + ".told") : state);
    PrintWriter err = spec.commandLine().getErr();
    Teller teller =
        new Teller(
            config.channels(), told, config.apart(), config.remind(), what -> failed(err, what));
    Pings pings = new Pings(config.pings(), told, what -> failed(err, what));
    try (RabbitBroker broker = session.connect(Role.ADMIN, DOING);
        Subscription control = broker.control().subscribe(this::note)) {
      Desk desk = session.desk(broker);
      do {
        look(desk, config, teller, pings);
      } while (!once && !over.await(config.every().toMillis(), TimeUnit.MILLISECONDS));
    }
    return (once && failed ? ExitCode.FAILED : ExitCode.DONE).number();
  }

  /** Somebody was not told: in the next look they are, where there is one. */
  private void failed(PrintWriter err, String what) {
    failed = true;
    say(err, what);
  }

  private void note(Control message) {
    if (message instanceof Control.Shutdown) {
      over.countDown();
    }
  }

  private static void say(PrintWriter err, String what) {
    err.println(Instant.now() + " " + what);
  }

  private NotifyConfig config() throws AdminException {
    try {
      return NotifyConfig.read(file, NotifyCommand::time);
    } catch (IllegalArgumentException | IOException e) {
      throw new AdminException(
          ExitCode.USAGE,
          "Failed to read " + file + ": " + e.getMessage() + ".",
          "docs/operating.md describes the file.");
    }
  }

  private static Duration time(String text) {
    try {
      return new TimeSpan().convert(text);
    } catch (CommandLine.TypeConversionException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
    }
  }

  private void look(Desk desk, NotifyConfig config, Teller teller, Pings pings)
      throws AdminException, IOException, InterruptedException {
    try {
      List<Answer.RegistrationLine> lines = desk.registrations(DOING);
      Answer.Load load = desk.ask(Load::new, Answer.Load.class, DOING);
      silentSince = null;
      noteUnseen(lines, load.now());
      teller.tell(config.conditions().troubles(lines, load, unseenSince), Instant.now());
      pings.tell(lines);
    } catch (AdminException e) {
      // Failed: the coordinator cannot reach the store, for one.
      boolean mayPass =
          e.exit() == ExitCode.NO_ANSWER
              || e.exit() == ExitCode.NO_BROKER
              || e.exit() == ExitCode.FAILED;
      if (once || !mayPass) {
        throw e;
      }
      silent(e, teller);
    }
  }

  /** Told over all channels: whoever cannot be asked cannot say that anything is over either. */
  private void silent(AdminException e, Teller teller) throws IOException, InterruptedException {
    Instant now = Instant.now();
    silentSince = silentSince == null ? now : silentSince;
    say(spec.commandLine().getErr(), String.valueOf(e.getMessage()));
    if (silentSince.plus(SILENT).isBefore(now)) {
      teller.tellMore(
          List.of(
              new Trouble(
                  "no coordinator",
                  Trouble.Kind.NO_COORDINATOR,
                  "no coordinator can say how things stand since "
                      + silentSince
                      + ": "
                      + e.getMessage())),
          now);
    }
  }

  /** A coordinator that has just taken over has seen nobody before: then it counts from now on. */
  private void noteUnseen(List<Answer.RegistrationLine> lines, Instant now) {
    Set<NodeName> unseen = new HashSet<>();
    for (Answer.RegistrationLine line : lines) {
      Instant seen = line.agentSeen();
      if (line.pause() == null && (seen == null || seen.plus(UNSEEN).isBefore(now))) {
        unseen.add(line.key().node());
        unseenSince.putIfAbsent(line.key().node(), seen == null ? now : seen);
      }
    }
    new ArrayList<>(unseenSince.keySet())
        .stream().filter(node -> !unseen.contains(node)).forEach(unseenSince::remove);
  }
}
