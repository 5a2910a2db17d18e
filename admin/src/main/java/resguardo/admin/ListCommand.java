package resguardo.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.NodeName;
import resguardo.core.Role;
import resguardo.core.catalog.Proof;
import resguardo.core.protocol.Answer;
import resguardo.infra.rabbit.RabbitBroker;

/** Which registrations there are and how they stand. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description =
        "Shows what is registered, how the last attempt ended, when the next is due, and whether the agent is there.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin list --label rack=r7",
      "  admin list --not-proven-within 30d     # not proven restorable this month",
      "  admin list --without-backup-for 24h    # no good backup of the last day"
    })
final class ListCommand implements Callable<Integer> {
  private static final String DOING = "list registrations";

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(names = "--node", description = "Only those of this node.")
  private @Nullable NodeName node;

  @Option(
      names = "--label",
      paramLabel = "NAME=VALUE",
      description = "Only those with this label. May be given several times: those that have all.")
  private Map<String, String> labels = new TreeMap<>();

  @Option(
      names = "--without-backup-for",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "Only those whose last good backup is older than this, such as 24h, or that have none. Exit code 1 when there are any.")
  private @Nullable Duration without;

  @Option(
      names = "--not-proven-within",
      paramLabel = "TIME",
      converter = TimeSpan.class,
      description =
          "Only those that no drill has proven restorable within this time, such as 30d, or of which the last drill failed. Exit"
              + " code 1 when there are any.")
  private @Nullable Duration unproven;

  @Option(names = "--json", description = "As one line of JSON: an answer of type registrations.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    try (RabbitBroker broker = session.connect(Role.ADMIN, DOING)) {
      List<Answer.RegistrationLine> every = session.desk(broker).registrations(DOING);
      List<Answer.RegistrationLine> lines = every.stream().filter(this::isWanted).toList();
      if (json) {
        Says.json(spec.commandLine().getOut(), new Answer.Registrations(lines, false));
      } else if (every.isEmpty()) {
        spec.commandLine()
            .getErr()
            .println(
                "Nothing is registered. Try: admin publish register --node N --path P --freq 3600");
      } else if (!lines.isEmpty()) {
        spec.commandLine().getOut().println(Listing.registrations(lines, Instant.now()));
      }
      boolean missing = (without != null || unproven != null) && !lines.isEmpty();
      return (missing ? ExitCode.FAILED : ExitCode.DONE).number();
    }
  }

  private boolean isWanted(Answer.RegistrationLine line) {
    Map<String, String> has = line.registration().rules().belongsTo();
    Instant good = line.status() == null ? null : line.status().lastGood();
    boolean old = without == null || good == null || good.isBefore(Instant.now().minus(without));
    return (node == null || node.equals(line.key().node()))
        && has.entrySet().containsAll(labels.entrySet())
        && old
        && (unproven == null || isUnproven(line, unproven));
  }

  private static boolean isUnproven(Answer.RegistrationLine line, Duration within) {
    Proof.Drill proven = line.proof() == null ? null : line.proof().proven();
    return proven == null
        || line.failsDrills()
        || proven.ordered().isBefore(Instant.now().minus(within));
  }
}
