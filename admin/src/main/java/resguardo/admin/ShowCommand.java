package resguardo.admin;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.VersionHeader;
import resguardo.infra.rabbit.RabbitBroker;

/** What a version has. */
@Command(
    name = "show",
    description = "Lists the entries of a version, the latest unless another is asked for.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin show --node alpha --path /srv/data",
      "  admin show --node alpha --path /srv/data --at yesterday --entry \"reports/*\"",
      "  admin show --node alpha --path /srv/data --version 7 --header --json"
    })
final class ShowCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Mixin private WhichVersion which = new WhichVersion();

  @Mixin private WhichEntries entries = new WhichEntries();

  @Option(
      names = "--json",
      description = "One line of JSON for each entry, as in the manifest: see docs/format.md.")
  private boolean json;

  @Option(
      names = "--header",
      description =
          "First a line of JSON with what is said of the version as a whole, as in the manifest.")
  private boolean header;

  @Override
  public Integer call() throws Exception {
    String doing = "show " + of;
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      VersionQuery query = session.query(broker, doing);
      PrintWriter out = spec.commandLine().getOut();
      EntryText text = new EntryText(out);
      ManifestLines.read(
          query,
          of.key(),
          which.choice(),
          entries.asked(),
          new ManifestLines.Taker() {
            @Override
            public void opened(VersionHeader version) {
              if (header) {
                Says.json(out, version);
              }
              Says.suspicious(spec.commandLine().getErr(), version);
            }

            @Override
            public void take(byte[] line, int length) throws MalformedMessageException {
              if (json) {
                out.append(Says.line(line, length)).append('\n');
              } else {
                text.show(EntryCodec.read(line).entry());
              }
            }
          });
      out.flush();
      return ExitCode.DONE.number();
    }
  }
}
