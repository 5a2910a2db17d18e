package resguardo.admin;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.protocol.Command.Query;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.infra.rabbit.RabbitBroker;

/** Whether a version can be restored. */
@Command(
    name = "verify",
    description =
        "Looks whether a version can be restored: its manifest adds up and its archives are there; with --read, that every byte is"
            + " what was stored.")
final class VerifyCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Mixin private WhichVersion which = new WhichVersion();

  @Option(names = "--read", description = "Read all content, and compare it with its digests.")
  private boolean read;

  @Option(names = "--json", description = "As one line of JSON: a message of type verified.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "verify " + of;
    QueryJob.What what = read ? QueryJob.What.READ : QueryJob.What.CHECK;
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      VersionQuery query = session.query(broker, doing);
      VersionQuery.Served served =
          query.run(
              replyTo ->
                  new Query(
                      of.node(),
                      of.path(),
                      which.choice(),
                      what,
                      null,
                      QueryJob.Packing.GZIP,
                      replyTo),
              data -> {});
      if (!(served.end() instanceof StreamMessage.Verified verified)) {
        throw query.notServed(served.end());
      }
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        Says.json(out, verified);
      } else {
        tell(out, served.opened().header().serial().text(), verified);
      }
      return verified.problems().isEmpty() ? ExitCode.DONE.number() : ExitCode.FAILED.number();
    }
  }

  private void tell(PrintWriter out, String serial, StreamMessage.Verified verified) {
    verified.problems().forEach(out::println);
    if (verified.more() > 0) {
      out.println("… and " + verified.more() + " more");
    }
    String seen =
        verified.entries()
            + " entries"
            + (read ? ", " + Listing.size(verified.bytes()) + " of content read" : "");
    out.printf(
        "version %s of %s %s (%s)%n",
        serial,
        of,
        verified.problems().isEmpty() ? (read ? "is whole" : "has all its archives") : "is DAMAGED",
        seen);
  }
}
