package resguardo.admin;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import resguardo.core.BackupOptions;
import resguardo.core.DrillPolicy;
import resguardo.core.RetentionPolicy;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.SchedulingOptions;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Register;
import resguardo.infra.rabbit.RabbitBroker;

/** Backs a path of a node up on a schedule. */
@Command(
    name = "register",
    mixinStandardHelpOptions = true,
    description = "Backs a path of a node up on a schedule.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin publish register --node alpha --path /srv/data --freq 3600 --wait",
      "  admin publish register --node alpha --path /home --cron \"30 2 * * *\" --tz UTC",
      "  admin publish register --node alpha --path /srv --freq 600 --label rack=r7"
    })
final class RegisterCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Mixin private PackingOptions packing = new PackingOptions();

  @Option(
      names = "--freq",
      paramLabel = "SECONDS",
      description = "Every so many seconds, 1 or more.")
  private @Nullable Long frequency;

  @Option(
      names = "--cron",
      paramLabel = "EXPR",
      description = "At these times: minute hour day month weekday.")
  private @Nullable String cron;

  @Option(
      names = "--tz",
      paramLabel = "ZONE",
      description = "Time zone of --cron and --not-during. Default: UTC.")
  private @Nullable ZoneId zone;

  @Option(
      names = "--port",
      description =
          "Taken for the sake of older scripts, and not used: agents connect out, nobody connects to them.")
  private @Nullable Integer port;

  @Mixin private SetOptions set = new SetOptions();

  @Mixin private SchedulingFlags scheduling = new SchedulingFlags();

  @Mixin private KeepOptions keep = new KeepOptions();

  @Mixin private DrillFlags drills = new DrillFlags();

  @Option(names = "--wait", description = "Wait for the coordinator's word.")
  private boolean wait;

  @Option(names = "--json", description = "Say it as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "register " + of;
    Desk.Question question = question(schedule(), options(), scheduling());
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      if (wait) {
        Says.done(spec.commandLine().getOut(), json, session.desk(broker).ask(question, doing));
      } else {
        session.desk(broker).send(question.askedBy(null), doing);
        Says.done(spec.commandLine().getOut(), json, new Answer.Done("published: " + doing));
      }
      return ExitCode.DONE.number();
    }
  }

  private Desk.Question question(
      Schedule schedule, BackupOptions options, SchedulingOptions rules) {
    RetentionPolicy retention = keep.policy(spec).orElse(null);
    DrillPolicy trials = drills();
    return replyTo ->
        new Register(of.node(), of.path(), schedule, options, rules, retention, trials, replyTo);
  }

  private @Nullable DrillPolicy drills() {
    try {
      return drills.policy().orElse(null);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }

  private SchedulingOptions scheduling() {
    try {
      return scheduling.options(zone == null ? ZoneOffset.UTC : zone);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }

  private BackupOptions options() {
    try {
      return packing.with(set.options());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }

  private Schedule schedule() {
    try {
      if (frequency != null && cron == null) {
        return new Schedule.Every(frequency);
      } else if (cron != null && frequency == null) {
        return new Schedule.Cron(cron, zone == null ? ZoneOffset.UTC : zone);
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
    throw new ParameterException(
        spec.commandLine(),
        "Give either --freq SECONDS, or --cron EXPR with --tz ZONE if need be.");
  }
}
