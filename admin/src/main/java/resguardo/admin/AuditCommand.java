package resguardo.admin;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import resguardo.core.NodeName;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.AuditRecord;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.AcceptAlarm;
import resguardo.core.protocol.Command.AccessChanged;
import resguardo.core.protocol.Command.Audit;
import resguardo.core.protocol.Command.Limit;
import resguardo.core.protocol.Command.OperatorChanged;
import resguardo.core.protocol.Command.Pause;
import resguardo.core.protocol.Command.Query;
import resguardo.core.protocol.Command.Register;
import resguardo.core.protocol.Command.Restore;
import resguardo.core.protocol.Command.Resume;
import resguardo.core.protocol.Command.RunNow;
import resguardo.core.protocol.Command.SettleDead;
import resguardo.core.protocol.Command.Unregister;
import resguardo.infra.rabbit.RabbitBroker;

/** Who asked for what. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = {
      "Shows who asked for what, oldest first.",
      "On record are commands that change something or hand out what is stored, and which versions were expired, by which process"
          + " of retention.",
      "The user is vouched for by the broker; where it was asked from is what the program said. Of a command that was not signed"
          + " the process is shown that sent it, with \"(unsigned)\"."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin audit --since 2026-11-24T00:00:00Z",
      "  admin audit --since 2026-11-24T00:00:00Z --json | grep \"unregister\""
    })
final class AuditCommand implements Callable<Integer> {
  private static final Duration USUAL = Duration.ofDays(1);
  private static final String NOT_SAID = "-";

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = PastTime.Since.class,
      description =
          "No older ones: since 2026-11-24T10:00:00Z, 2026-11-24, yesterday, or 24h ago (24h). Default: of the last day.")
  private @Nullable Instant since;

  @Option(names = "--json", description = "As a line of JSON each.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "show who asked for what";
    PrintWriter out = spec.commandLine().getOut();
    Instant from = since == null ? Instant.now().minus(USUAL) : since;
    try {
      Audit.refuse(from);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--since: " + e.getMessage());
    }
    List<List<String>> rows = new ArrayList<>();
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      Desk desk = session.desk(broker);
      String after = null;
      do {
        String page = after;
        Answer.Audited audited =
            desk.ask(replyTo -> new Audit(from, page, replyTo), Answer.Audited.class, doing);
        for (AuditRecord record : audited.records()) {
          if (json) {
            Says.json(out, record);
          } else {
            rows.add(row(record));
          }
        }
        after = audited.next();
      } while (after != null);
    }
    if (!json && !rows.isEmpty()) {
      out.println(Tables.of(List.of("TIME", "USER", "FROM", "ASKED", "OF", "OUTCOME"), rows));
    }
    return ExitCode.DONE.number();
  }

  /** What is shown of a record. */
  static List<String> row(AuditRecord record) {
    Sender sender = record.sender();
    String who = sender.name().orElse(NOT_SAID);
    return List.of(
        Listing.time(record.time()),
        record.expired() == null ? who : String.valueOf(sender.peer()),
        sender.from() == null ? NOT_SAID : sender.from(),
        record.command() == null ? "expire" : record.command().word(),
        subject(record),
        record.outcome().name().toLowerCase(java.util.Locale.ROOT)
            + (record.outcome() == AuditRecord.Outcome.REFUSED ? ": " + record.said() : ""));
  }

  private static String subject(AuditRecord record) {
    AuditRecord.Expired expired = record.expired();
    if (expired != null) {
      return expired.registration() + " " + versions(expired.serials());
    } else if (record.command() instanceof Register register) {
      return register.key()
          + " "
          + register.schedule()
          + (register.retention() == null ? "" : ", keeping " + register.retention());
    } else if (record.command() instanceof Unregister unregister) {
      return unregister.key().toString();
    } else if (record.command() instanceof Query query) {
      return query.key().toString();
    } else if (record.command() instanceof Restore restore) {
      return restore.key() + " to " + restore.to();
    } else if (record.command() instanceof AccessChanged changed) {
      return changed.node() + " " + changed.access().word();
    } else if (record.command() instanceof AcceptAlarm accept) {
      return accept.key() + (accept.serial() == null ? "" : " version " + accept.serial());
    } else if (record.command() instanceof OperatorChanged changed) {
      return "operator "
          + changed.operator()
          + " "
          + changed.access().word()
          + (changed.may() == null ? "" : ", may " + changed.may().word());
    } else if (record.command() instanceof RunNow run) {
      return run.key().toString();
    } else if (record.command() instanceof Pause pause) {
      return scope(pause.node(), pause.path())
          + (pause.until() == null ? "" : " until " + pause.until());
    } else if (record.command() instanceof Resume resume) {
      return scope(resume.node(), resume.path());
    } else if (record.command() instanceof Limit limit) {
      return limit.label()
          + (limit.maxParallel() == null ? " no limit" : " " + limit.maxParallel());
    } else if (record.command() instanceof SettleDead settle) {
      return (settle.id() == null ? "all" : settle.id()) + (settle.retry() ? " retry" : " drop");
    }
    return NOT_SAID;
  }

  /** The first and the last of many: all of them stand in the record. */
  private static String versions(List<Serial> serials) {
    int last = serials.size() - 1;
    return switch (serials.size()) {
      case 0 -> "no version";
      case 1 -> "version " + serials.get(0);
      default -> serials.size() + " versions, " + serials.get(0) + " to " + serials.get(last);
    };
  }

  private static String scope(@Nullable NodeName node, @Nullable SourcePath path) {
    if (node == null) {
      return "all nodes";
    }
    return path == null ? node.value() : node + ":" + path;
  }
}
