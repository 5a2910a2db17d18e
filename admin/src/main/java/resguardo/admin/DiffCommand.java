package resguardo.admin;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.VersionChoice.Numbered;
import resguardo.infra.rabbit.RabbitBroker;

/** What changed between two versions. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description =
        "Shows what changed from one version to another: + new, - gone, M content, m metadata; with sizes in bytes.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin diff --node alpha --path /srv/data 6 7",
      "  admin diff --node alpha --path /srv/data 6 7 | grep ^-    # what is gone"
    })
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

  @Option(
      names = "--json",
      description =
          "One line of JSON for each difference: change (new, gone, content, metadata), and the entry before and after as in the"
              + " manifest.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "compare versions of " + of;
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing);
        EntrySpool before = new EntrySpool()) {
      // One after the other: there may be no worker free that would send both at once.
      ManifestLines.read(
          session.query(broker, doing), of.key(), new Numbered(older), null, before::add);
      before.complete();
      PrintWriter out = spec.commandLine().getOut();
      VersionDiff diff = new VersionDiff(before::next, shown(out));
      ManifestLines.read(
          session.query(broker, doing), of.key(), new Numbered(newer), null, diff::newer);
      diff.end();
      out.flush();
      return ExitCode.DONE.number();
    } catch (MalformedMessageException e) {
      throw new IOException("an entry that cannot be read: " + e.getMessage(), e);
    }
  }

  private VersionDiff.Taker shown(PrintWriter out) {
    EntryText text = new EntryText(out);
    return json
        ? difference -> {
          byte[] line = Json.write(difference);
          out.append(Says.line(line, line.length)).append('\n');
        }
        : text::show;
  }
}
