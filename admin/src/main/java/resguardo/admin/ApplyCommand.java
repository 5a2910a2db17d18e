package resguardo.admin;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.infra.rabbit.RabbitBroker;

/** Has a fleet be as it is written down. */
@Command(
    name = "apply",
    mixinStandardHelpOptions = true,
    description = {
      "Registers, changes and (with --prune) unregisters what is needed so that the fleet is as a file says. What is so already is"
          + " not touched, so it can be run again at any time.",
      "docs/fleet.schema.json describes the file, for editors too."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin apply -f fleet.yaml --dry-run",
      "  admin apply -f fleet.yaml --prune",
      "",
      "  version: 1",
      "  defaults: {every: 1h, jitter: 10m}",
      "  registrations:",
      "    - {nodes: [alpha, beta], path: /etc}",
      "    - {node: alpha, path: /srv/data, cron: \"30 2 * * *\", tz: Europe/Madrid}"
    })
final class ApplyCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      required = true,
      description = "What the fleet is to be, in YAML or JSON.")
  @SuppressWarnings("NullAway.Init") // required
  private Path file;

  @Option(names = "--dry-run", description = "Show what would be done, and do nothing.")
  private boolean dryRun;

  @Option(
      names = "--prune",
      description = "Unregister what is registered and not in the file. Its versions stay.")
  private boolean prune;

  @Option(
      names = "--json",
      description =
          "A line of JSON for each step: what (add, change, remove), node, path, details.")
  private boolean json;

  /** A step as JSON. */
  private record StepLine(String what, String node, String path, String details) {}

  @Override
  public Integer call() throws Exception {
    String doing = "apply " + file;
    PrintWriter out = spec.commandLine().getOut();
    Map<RegistrationKey, FleetFile.Wanted> wanted = wanted(doing);
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Desk desk = session.desk(broker);
      List<FleetPlan.Step> steps =
          FleetPlan.of(
              wanted,
              desk.registrations(doing).stream()
                  .map(Answer.RegistrationLine::registration)
                  .toList(),
              prune);
      for (FleetPlan.Step step : steps) {
        show(step, out);
        if (!dryRun) {
          desk.ask(step.command(), step.what() + " " + step.key());
        }
      }
      if (!json) {
        out.printf(
            "%s: add %d, change %d, remove %d; as they should be: %d%n",
            dryRun ? "would do" : "done",
            count(steps, "add"),
            count(steps, "change"),
            count(steps, "remove"),
            wanted.size() - count(steps, "add") - count(steps, "change"));
      }
      return ExitCode.DONE.number();
    }
  }

  private Map<RegistrationKey, FleetFile.Wanted> wanted(String doing) throws AdminException {
    try {
      return FleetFile.read(file);
    } catch (NoSuchFileException e) {
      throw new AdminException(
          ExitCode.USAGE, "Failed to " + doing + ": there is no such file.", null);
    } catch (IllegalArgumentException | IOException e) {
      throw new AdminException(
          ExitCode.USAGE,
          "Failed to " + doing + ": " + e.getMessage() + ".",
          "docs/fleet.schema.json describes the file.");
    }
  }

  private void show(FleetPlan.Step step, PrintWriter out) {
    if (json) {
      Says.json(
          out,
          new StepLine(
              step.what(), step.key().node().value(), step.key().path().text(), step.details()));
    } else {
      out.println(step.what() + " " + step.key() + ": " + step.details());
    }
  }

  private static long count(List<FleetPlan.Step> steps, String what) {
    return steps.stream().filter(step -> step.what().equals(what)).count();
  }
}
