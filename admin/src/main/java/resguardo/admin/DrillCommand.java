package resguardo.admin;

import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Texts;
import resguardo.core.catalog.Proof;
import resguardo.core.port.Subscription;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Drill;
import resguardo.core.protocol.Command.History;
import resguardo.core.protocol.Event;
import resguardo.infra.rabbit.RabbitBroker;

/** Tries now whether the newest version can be restored. */
@Command(
    name = "drill",
    mixinStandardHelpOptions = true,
    description = {
      "Tries now whether the newest version of a path can be restored: a worker makes its archive as for a restore, and holds all"
          + " that comes out against the manifest. What it shows is kept, and stands in admin list and admin history.",
      "Of what is encrypted only the archives can be looked at: admin verify --read --identity FILE opens them.",
      "Such drills are made by themselves too: admin drills, and register --drill-every, say how often."
    },
    footerHeading = "%nExample:%n",
    footer = "  admin drill --node alpha --path /srv/data --all --wait")
final class DrillCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Option(names = "--all", description = "Read all of it, however large it is.")
  private boolean all;

  @Option(
      names = "--wait",
      description =
          "Wait until it has ended, and say what it has shown. Exit code 1 when the version cannot be restored.")
  private boolean wait;

  @Option(
      names = "--json",
      description =
          "As JSON: an answer of type drillOrdered; with --wait, what stands in the bucket then.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "try whether " + of + " can be restored";
    PrintWriter out = spec.commandLine().getOut();
    Map<ReplyId, String> failures = new ConcurrentHashMap<>();
    Looks looks = new Looks();
    Silence silence = new Silence(System::nanoTime);
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing);
        LateBar bar = new LateBar("drill", wait);
        Subscription events =
            broker.events().subscribe(event -> note(event, failures, looks, silence, bar))) {
      Desk desk = session.desk(broker);
      Answer.DrillOrdered ordered =
          desk.ask(
              replyTo -> new Drill(of.node(), of.path(), all, replyTo),
              Answer.DrillOrdered.class,
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
      if (all) {
        newest(desk, doing).versions().forEach(version -> bar.of(version.totals().bytes()));
      }
      Proof proof = ended(desk, ordered, failures, looks, silence, doing);
      bar.close();
      return told(proof, out);
    }
  }

  /** One that came to nothing leaves nothing in the bucket. */
  private void note(
      Event event, Map<ReplyId, String> failures, Looks looks, Silence silence, LateBar bar) {
    if (event instanceof Event.DrillRunning running && running.registration().equals(of.key())) {
      silence.heard();
      bar.at(running.bytes());
    }
    if (event instanceof Event.DrillEnded ended) {
      if (ended.proof() == null) {
        failures.put(ended.id(), String.valueOf(ended.why()));
      }
      looks.told();
    }
  }

  private Proof ended(
      Desk desk,
      Answer.DrillOrdered ordered,
      Map<ReplyId, String> failures,
      Looks looks,
      Silence silence,
      String doing)
      throws AdminException, InterruptedException {
    while (true) {
      looks.await();
      Optional<Proof> proof =
          Optional.ofNullable(look(desk, doing))
              .filter(known -> known.last().id().equals(ordered.id()));
      if (proof.isPresent()) {
        return proof.get();
      }
      String why = failures.get(ordered.id());
      if (why != null) {
        throw new AdminException(
            ExitCode.FAILED,
            "Failed to " + doing + ": " + why + ".",
            "Nothing is known of it by that: try again.");
      }
      if (silence.isLong()) {
        throw new AdminException(
            ExitCode.FAILED,
            "Failed to " + doing + ": nothing is heard of it any more, so its worker has ended.",
            "Nothing is known of it by that: try again.");
      }
    }
  }

  private @Nullable Proof look(Desk desk, String doing)
      throws AdminException, InterruptedException {
    return newest(desk, doing).proof();
  }

  private Answer.Versions newest(Desk desk, String doing)
      throws AdminException, InterruptedException {
    return desk.ask(
        replyTo -> new History(of.node(), of.path(), null, 1, replyTo),
        Answer.Versions.class,
        doing);
  }

  private int told(Proof proof, PrintWriter out) {
    Proof.Drill last = proof.last();
    if (json) {
      Says.json(out, proof);
    } else {
      if (last.problems() != null) {
        last.problems().forEach(problem -> out.println(Texts.whole(problem)));
      }
      if (last.more() != null) {
        out.println("… and " + last.more() + " more");
      }
      out.printf("version %s of %s %s%n", last.serial().text(), of, verdict(last));
    }
    return (last.good() ? ExitCode.DONE : ExitCode.FAILED).number();
  }

  private static String verdict(Proof.Drill drill) {
    if (!drill.good()) {
      return "CANNOT be restored as it was; the next backup brings what is damaged";
    }
    String of = drill.extent() == Proof.Extent.WHOLE ? "" : ", a sample";
    return drill.opened()
        ? String.format(
            "can be restored (%d entries, %s of content came out as they were%s)",
            drill.entries(), Listing.size(drill.bytes()), of)
        : String.format(
            "is stored as it was, and was not opened, as it is encrypted (%s of archives%s)",
            Listing.size(drill.bytes()), of);
  }
}
