package resguardo.admin;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.version.Entry;
import resguardo.core.version.Placed;
import resguardo.infra.rabbit.RabbitBroker;

/** What a version has. */
@Command(
    name = "show",
    description = "Lists the entries of a version, the latest unless another is asked for.")
final class ShowCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Mixin private WhichVersion which = new WhichVersion();

  @Option(
      names = "--json",
      description = "One line of JSON for each entry, as in the manifest: see docs/format.md.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "show " + of;
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      VersionQuery query = session.query(broker, doing);
      PrintWriter out = spec.commandLine().getOut();
      ManifestLines.read(query, of, which.choice(), placed -> show(out, placed));
      out.flush();
      return ExitCode.DONE.number();
    }
  }

  private void show(PrintWriter out, Placed placed) {
    Entry entry = placed.entry();
    if (json) {
      Says.json(out, entry);
      return;
    }
    String size = entry.type() == Entry.Type.FILE ? String.valueOf(entry.size()) : "-";
    String to = entry.link() == null ? "" : " -> " + entry.link();
    String warning = entry.warning() == null ? "" : "  [" + entry.warning() + "]";
    out.printf(
        "%s%04o  %14s  %s  %s%s%s%n",
        kind(entry.type()),
        entry.mode(),
        size,
        Instant.ofEpochSecond(entry.mtimeSeconds()),
        entry.name(),
        to,
        warning);
  }

  private static char kind(Entry.Type type) {
    return switch (type) {
      case FILE -> '-';
      case FOLDER -> 'd';
      case SYMLINK -> 'l';
      case HARD_LINK -> 'h';
      case FIFO -> 'p';
      case SOCKET -> 's';
      case CHARACTER_DEVICE -> 'c';
      case BLOCK_DEVICE -> 'b';
    };
  }
}
