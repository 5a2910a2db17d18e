package resguardo.admin;

import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import resguardo.core.Registration;
import resguardo.core.RetentionPolicy;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Explain;
import resguardo.core.protocol.Command.Register;
import resguardo.infra.rabbit.RabbitBroker;

/** By which rules a path is backed up and its versions are kept; changed one at a time. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    description = {
      "Shows by which rules a path is backed up and its versions are kept.",
      "With a schedule or --keep-…: changes that and leaves all else as it is, while publish register replaces all. Which versions"
          + " other rules would keep is shown by admin retention plan."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin policy --node alpha --path /srv",
      "  admin policy --node alpha --path /srv --keep-daily 14 --keep-monthly 12",
      "  admin policy --node alpha --path /srv --cron \"30 2 * * *\" --tz Europe/Madrid"
    })
final class PolicyCommand implements Callable<Integer> {
  private static final String ALL = "all versions";

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Option(
      names = "--freq",
      paramLabel = "SECONDS",
      description = "From now on every so many seconds, 1 or more.")
  private @Nullable Long frequency;

  @Option(
      names = "--cron",
      paramLabel = "EXPR",
      description = "From now on at these times: minute hour day month weekday.")
  private @Nullable String cron;

  @Option(names = "--tz", paramLabel = "ZONE", description = "Time zone of --cron. Default: UTC.")
  private @Nullable ZoneId zone;

  @Mixin private KeepOptions keep = new KeepOptions();

  @Option(names = "--keep-all", description = "Keep all versions.")
  private boolean keepAll;

  @Option(
      names = "--json",
      description = "As one line of JSON: an answer of type explained, or of what was done.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Optional<Schedule> schedule = schedule();
    Optional<RetentionPolicy> retention = retention();
    boolean changes = schedule.isPresent() || retention.isPresent() || keepAll;
    String doing = (changes ? "change" : "show") + " the policy of " + of;
    PrintWriter out = spec.commandLine().getOut();
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Desk desk = session.desk(broker);
      Answer.Explained told =
          desk.ask(
              replyTo -> new Explain(of.node(), of.path(), 1, replyTo),
              Answer.Explained.class,
              doing);
      Registration there = told.line().registration();
      if (!changes) {
        show(out, told);
      } else if (!there.active()) {
        throw new AdminException(
            ExitCode.NOT_FOUND,
            "Failed to "
                + doing
                + ": it is not registered any more. admin publish register does that.",
            null);
      } else {
        change(
            out,
            desk,
            there,
            schedule.orElse(there.schedule()),
            keepAll ? null : retention.orElse(there.retention()),
            doing);
      }
      return ExitCode.DONE.number();
    }
  }

  private void show(PrintWriter out, Answer.Explained told) {
    if (json) {
      Says.json(out, told);
      return;
    }
    Registration there = told.line().registration();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("backed up", there.active() ? there.schedule().toString() : "no more"));
    rows.add(List.of("keeps", kept(there.retention())));
    rows.add(List.of("options", Listing.options(there)));
    rows.add(List.of("changed", there.since() + ", for the " + there.generation() + ". time"));
    out.println(Tables.of(List.of("POLICY", of.toString()), rows));
  }

  private void change(
      PrintWriter out,
      Desk desk,
      Registration there,
      Schedule schedule,
      @Nullable RetentionPolicy retention,
      String doing)
      throws AdminException, InterruptedException {
    Answer answer =
        desk.ask(
            replyTo ->
                new Register(
                    of.node(),
                    of.path(),
                    schedule,
                    there.options(),
                    there.scheduling(),
                    retention,
                    there.drills(),
                    replyTo),
            doing);
    if (json) {
      Says.done(out, true, answer);
      return;
    }
    say(out, "backed up", there.schedule().toString(), schedule.toString());
    say(out, "keeps", kept(there.retention()), kept(retention));
  }

  private static void say(PrintWriter out, String what, String before, String now) {
    out.println(
        Objects.equals(before, now)
            ? what + " " + now + ", as before"
            : what + " " + now + "; before: " + before);
  }

  private static String kept(@Nullable RetentionPolicy retention) {
    return retention == null ? ALL : retention.toString();
  }

  private Optional<Schedule> schedule() {
    if (frequency != null && cron != null || zone != null && cron == null) {
      throw new ParameterException(
          spec.commandLine(),
          "Give either --freq SECONDS, or --cron EXPR with --tz ZONE if need be.");
    }
    try {
      return frequency != null
          ? Optional.of(new Schedule.Every(frequency))
          : Optional.ofNullable(cron)
              .map(times -> new Schedule.Cron(times, zone == null ? ZoneOffset.UTC : zone));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }

  private Optional<RetentionPolicy> retention() {
    Optional<RetentionPolicy> policy = keep.policy(spec);
    if (policy.isPresent() && keepAll) {
      throw new ParameterException(spec.commandLine(), "Give --keep-all, or rules of --keep-….");
    }
    return policy;
  }
}
