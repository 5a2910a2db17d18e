package resguardo.admin;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.Texts;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Answer.Finding;
import resguardo.core.protocol.Command.Checkup;
import resguardo.infra.rabbit.ManagementException;
import resguardo.infra.rabbit.RabbitBroker;

/** Whether all is as it should be, and what to do where it is not. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Looks at broker, store, processes, clocks and backups, and says what is wrong and what to do.",
      "Exit code 1 when something is broken; warnings alone are 0."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  admin doctor", "  admin doctor || echo \"somebody has to look\""})
final class DoctorCommand implements Callable<Integer> {
  /** Answers take a moment: less is no difference of clocks. */
  private static final Duration CLOCKS_APART = Duration.ofSeconds(30);

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(names = "--all", description = "Show what is as it should be, too.")
  private boolean all;

  @Option(names = "--json", description = "As one line of JSON: an answer of type findings.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "look whether all is well";
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Instant asked = Instant.now();
      Answer.Findings seen = session.desk(broker).ask(Checkup::new, Answer.Findings.class, doing);
      List<Finding> findings = new ArrayList<>(seen.findings());
      findings.addAll(0, ofHere(asked, seen.now(), Instant.now()));
      findings.addAll(connections(doing));
      show(new Answer.Findings(seen.now(), findings));
      boolean broken =
          findings.stream().anyMatch(finding -> finding.grade() == Finding.Grade.BROKEN);
      return (broken ? ExitCode.FAILED : ExitCode.DONE).number();
    }
  }

  /** What can be seen from here: that it got so far, and this machine's clock. */
  private static List<Finding> ofHere(Instant asked, Instant there, Instant answered) {
    List<Finding> found = new ArrayList<>();
    found.add(
        new Finding(
            Finding.Grade.FINE,
            "a coordinator answered within " + Duration.between(asked, answered).toMillis() + " ms",
            null));
    if (there.isBefore(asked.minus(CLOCKS_APART)) || there.isAfter(answered.plus(CLOCKS_APART))) {
      found.add(
          new Finding(
              Finding.Grade.WARNING,
              "the coordinator's clock says " + there + ", this machine's " + answered,
              "Have both follow time servers: --at and schedules go by the coordinator's."));
    }
    return found;
  }

  /**
   * What the management interface says of connections, where there is the address of one: whoever
   * is no administrator there sees all else.
   */
  private List<Finding> connections(String doing) throws AdminException {
    if (!session.knowsManagement()) {
      return List.of();
    }
    try {
      return session.brokerUsers(null, doing).strangeConnections().stream()
          .map(
              strange ->
                  new Finding(
                      Finding.Grade.BROKEN,
                      "the node " + strange.node() + " is in other hands: " + strange.what(),
                      "admin node revoke " + strange.node() + " ends it within seconds."))
          .toList();
    } catch (ManagementException e) {
      return List.of(
          new Finding(Finding.Grade.WARNING, "no look at connections: " + e.getMessage(), null));
    }
  }

  private void show(Answer.Findings seen) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Says.json(out, seen);
      return;
    }
    for (Finding finding : seen.findings()) {
      if (finding.grade() != Finding.Grade.FINE || all) {
        String word = String.format("%-8s", word(finding.grade()));
        out.printf(
            "%s %s%n",
            Paint.ofTerminal().text(word, paint(finding.grade())), Texts.whole(finding.what()));
        if (finding.advice() != null) {
          out.printf("%-8s %s%n", "", Texts.whole(finding.advice()));
        }
      }
    }
    long wrong = count(seen, Finding.Grade.BROKEN);
    long warnings = count(seen, Finding.Grade.WARNING);
    out.printf(
        "looked at: %d; broken: %d; warnings: %d%n", seen.findings().size(), wrong, warnings);
  }

  private static String word(Finding.Grade grade) {
    return switch (grade) {
      case FINE -> "fine";
      case WARNING -> "warning";
      case BROKEN -> "BROKEN";
    };
  }

  private static Paint.Grade paint(Finding.Grade grade) {
    return switch (grade) {
      case FINE -> Paint.Grade.PLAIN;
      case WARNING -> Paint.Grade.WARNING;
      case BROKEN -> Paint.Grade.BAD;
    };
  }

  private static long count(Answer.Findings seen, Finding.Grade grade) {
    return seen.findings().stream().filter(finding -> finding.grade() == grade).count();
  }
}
