package resguardo.admin;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.archive.AgeIdentities;
import resguardo.core.Role;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.Query;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.VersionChoice;
import resguardo.infra.rabbit.RabbitBroker;

/** One version, as one {@code .tgz}, or {@code .tar.zst}. */
@Command(
    name = "query",
    description =
        "Saves a version, the latest unless another is asked for, as one complete archive. The file appears whole or not at all.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin publish query --node alpha --path /srv/data --save-to-file latest.tgz",
      "  admin publish query --node alpha --path /srv --at 24h --save-to-file day.tgz",
      "  admin publish query --node beta --path /srv --entry a.md --save-to-file 7.tgz"
    })
final class QueryCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Mixin private WhichVersion which = new WhichVersion();

  @Mixin private WhichEntries entries = new WhichEntries();

  @Mixin private IdentityFile identity = new IdentityFile();

  @Option(
      names = "--save-to-file",
      required = true,
      paramLabel = "FILE",
      description =
          "Where to save it. A name that ends in .tar.zst or .tzst is packed by zstd, any other by gzip.")
  @SuppressWarnings("NullAway.Init") // required
  private Path file;

  @Option(names = "--json", description = "Say what was saved as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "query " + of;
    AgeIdentities keys = identity.read(doing);
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing);
        Bar bar = new Bar("query")) {
      VersionQuery query = session.query(broker, doing);
      Download.Saved saved =
          new Download(query, bar)
              .save(ArchiveSource.of(query, this::question, packing(), keys), file);
      bar.close();
      Says.suspicious(spec.commandLine().getErr(), saved.version());
      String what =
          String.format(
              "saved version %s of %s (%s, slot %s) to %s",
              saved.version().serial(),
              of,
              Listing.size(saved.bytes()),
              saved.version().slot(),
              file);
      if (json) {
        Says.json(
            spec.commandLine().getOut(),
            new Answer.Versions(java.util.List.of(saved.version()), false));
      } else {
        Says.done(spec.commandLine().getOut(), false, new Answer.Done(what));
      }
      return ExitCode.DONE.number();
    }
  }

  private Desk.Question question(QueryJob.What what, QueryJob.Packing packing) {
    VersionChoice choice = which.choice();
    return replyTo ->
        new Query(of.node(), of.path(), choice, what, entries.asked(), packing, replyTo);
  }

  /** As the file's name says; a name that says nothing is taken for a {@code .tgz}. */
  private QueryJob.Packing packing() {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(".tar.zst") || name.endsWith(".tzst")
        ? QueryJob.Packing.ZSTD
        : QueryJob.Packing.GZIP;
  }
}
