package resguardo.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.core.catalog.Acceptance;
import resguardo.core.catalog.Proof;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command.History;
import resguardo.core.version.VersionHeader;
import resguardo.infra.rabbit.RabbitBroker;

/** Which versions there are of a path. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = "Shows the versions of a path, newest first.")
final class HistoryCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Option(
      names = "--limit",
      description = "How many at the most. Default: ${DEFAULT-VALUE}.",
      defaultValue = "50")
  private int limit = 50;

  @Option(names = "--json", description = "As one line of JSON: an answer of type versions.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "show the versions of " + of;
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      List<VersionHeader> versions = new ArrayList<>();
      List<Acceptance> accepted = new ArrayList<>();
      @Nullable Proof proof = null;
      boolean more = true;
      while (more && versions.size() < limit) {
        Long before =
            versions.isEmpty() ? null : versions.get(versions.size() - 1).serial().value();
        Answer.Versions page = page(session.desk(broker), before, doing);
        versions.addAll(page.versions());
        accepted.addAll(page.accepted() == null ? List.of() : page.accepted());
        proof = page.proof();
        more = page.more() && !page.versions().isEmpty();
      }
      List<VersionHeader> first = versions.subList(0, Math.min(versions.size(), limit));
      Answer.Versions shown =
          new Answer.Versions(first, more || first.size() < versions.size(), accepted, proof);
      if (json) {
        Says.json(spec.commandLine().getOut(), shown);
      } else {
        spec.commandLine().getOut().println(Listing.versions(shown));
      }
      return ExitCode.DONE.number();
    }
  }

  private Answer.Versions page(Desk desk, @Nullable Long before, String doing)
      throws AdminException, InterruptedException {
    Answer answer = desk.ask(replyTo -> new History(of.node(), of.path(), before, replyTo), doing);
    if (answer instanceof Answer.Versions page) {
      return page;
    }
    throw new AdminException(
        ExitCode.FAILED, "Failed to " + doing + ": the coordinator answered something else.", null);
  }
}
