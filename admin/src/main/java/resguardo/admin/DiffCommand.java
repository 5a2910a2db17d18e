package resguardo.admin;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.protocol.VersionChoice;
import resguardo.core.version.Entry;
import resguardo.infra.rabbit.RabbitBroker;

/** What changed between two versions. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description =
        "Shows what changed from one version to another: + new, - gone, M content, m metadata.")
final class DiffCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Parameters(index = "0", paramLabel = "V1", description = "Number of the older version.")
  @SuppressWarnings("NullAway.Init") // required
  private Serial older;

  @Parameters(index = "1", paramLabel = "V2", description = "Number of the newer version.")
  @SuppressWarnings("NullAway.Init") // required
  private Serial newer;

  @Override
  public Integer call() throws Exception {
    String doing = "compare versions of " + of;
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      List<Entry> before = entries(broker, doing, older);
      List<Entry> after = entries(broker, doing, newer);
      PrintWriter out = spec.commandLine().getOut();
      int i = 0;
      int j = 0;
      while (i < before.size() || j < after.size()) {
        int order = order(before, i, after, j);
        if (order < 0) {
          tell(out, '-', before.get(i++));
        } else if (order > 0) {
          tell(out, '+', after.get(j++));
        } else {
          compare(out, before.get(i++), after.get(j++));
        }
      }
      out.flush();
      return ExitCode.DONE.number();
    }
  }

  private List<Entry> entries(RabbitBroker broker, String doing, Serial serial) throws Exception {
    List<Entry> entries = new ArrayList<>();
    VersionQuery query = session.query(broker, doing);
    ManifestLines.read(
        query, of, new VersionChoice.Numbered(serial), placed -> entries.add(placed.entry()));
    return entries;
  }

  private static int order(List<Entry> before, int i, List<Entry> after, int j) {
    if (i == before.size()) {
      return 1;
    }
    return j == after.size() ? -1 : before.get(i).name().compareTo(after.get(j).name());
  }

  private static void compare(PrintWriter out, Entry before, Entry after) {
    boolean sameContent =
        before.type() == after.type()
            && Objects.equals(before.digest(), after.digest())
            && Objects.equals(before.link(), after.link());
    if (!sameContent) {
      tell(out, 'M', after);
    } else if (!before.equals(after)) {
      tell(out, 'm', after);
    }
  }

  private static void tell(PrintWriter out, char what, Entry entry) {
    out.printf("%c  %s%n", what, entry.name());
  }
}
