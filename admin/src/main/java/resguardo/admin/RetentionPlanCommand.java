package resguardo.admin;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.RetentionPolicy;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.PlanRetention;
import resguardo.core.retention.KeepReason;
import resguardo.core.retention.PlanCursor;
import resguardo.infra.rabbit.RabbitBroker;

/** What a policy of retention would do. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = {
      "Shows of each version of a path, newest first, why it is kept or that it is to be expired, and how much that would free.",
      "Nothing is changed. With --keep-… it shows what another policy than that of the registration would do."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin retention plan --node alpha --path /srv/data",
      "  admin retention plan --node alpha --path /srv/data --keep-daily 30"
    })
final class RetentionPlanCommand implements Callable<Integer> {
  /** A page after the other is printed, so the columns have their widths from here. */
  private static final String ROW = "%-10s  %-24s  %-10s  %-10s  %s";

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Mixin private KeepOptions keep = new KeepOptions();

  @Option(
      names = "--json",
      description =
          "As lines of JSON: each an answer of type retentionPlanned, with some versions.")
  private boolean json;

  private long versions;
  private long expiring;
  private long frees;

  @Override
  public Integer call() throws Exception {
    String doing = "plan the retention of " + of;
    RetentionPolicy policy = keep.policy(spec).orElse(null);
    PrintWriter out = spec.commandLine().getOut();
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Desk desk = session.desk(broker);
      @Nullable PlanCursor after = null;
      do {
        Answer.RetentionPlanned page = page(desk, policy, after, doing);
        show(out, page, after == null);
        after = page.next();
      } while (after != null);
    }
    if (!json) {
      out.println(
          expiring
              + " of "
              + versions
              + " versions would be expired, "
              + Listing.size(frees)
              + " freed.");
    }
    return ExitCode.DONE.number();
  }

  private Answer.RetentionPlanned page(
      Desk desk, @Nullable RetentionPolicy policy, @Nullable PlanCursor after, String doing)
      throws AdminException, InterruptedException {
    Answer answer =
        desk.ask(replyTo -> new PlanRetention(of.node(), of.path(), policy, after, replyTo), doing);
    if (answer instanceof Answer.RetentionPlanned page) {
      return page;
    }
    throw new AdminException(
        ExitCode.FAILED, "Failed to " + doing + ": the coordinator answered something else.", null);
  }

  private void show(PrintWriter out, Answer.RetentionPlanned page, boolean first) {
    if (json) {
      Says.json(out, page);
      return;
    }
    if (first) {
      out.println("Policy: " + page.policy());
      out.println(String.format(ROW, "VERSION", "SLOT", "SIZE", "FREES", "KEPT"));
    }
    for (Answer.PlanLine line : page.lines()) {
      boolean goes = line.kept().isEmpty();
      versions++;
      expiring += goes ? 1 : 0;
      frees += line.frees();
      out.println(
          String.format(
              ROW,
              line.serial(),
              line.slot(),
              Listing.size(line.bytes()),
              goes ? Listing.size(line.frees()) : "-",
              goes ? "no: it is to be expired" : reasons(line.kept())));
    }
  }

  private static String reasons(List<KeepReason> kept) {
    return kept.stream().map(KeepReason::toString).collect(Collectors.joining(", "));
  }
}
