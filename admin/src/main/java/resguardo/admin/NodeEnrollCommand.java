package resguardo.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import resguardo.core.NodeName;
import resguardo.core.protocol.Command.Access;
import resguardo.core.protocol.Command.AccessChanged;
import resguardo.infra.rabbit.NodeUser;

/** Makes a node's user, and gives the settings of its agent. */
@Command(
    name = "enroll",
    mixinStandardHelpOptions = true,
    description =
        "Makes the user of a node at the broker, which may speak for that node alone, and gives the settings of its agent.",
    footerHeading = "%nExample:%n",
    footer = "  admin node enroll alpha --save-to-file alpha.env    # goes to alpha")
final class NodeEnrollCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();
  @Mixin private UserSettings settings = new UserSettings();

  @Parameters(paramLabel = "NODE", description = "Its name: a-z, 0-9 and -.")
  @SuppressWarnings("NullAway.Init") // set by the command line
  private NodeName node;

  @Override
  public Integer call() throws Exception {
    NodeUser user = new NodeUser(node);
    String doing = "enroll " + node;
    settings.check(user, management.session, doing);
    management.work(
        doing,
        (broker, users) -> {
          broker.agents().prepare(node); // it may not make its queue itself
          String password = users.enroll(user);
          management.tell(
              broker, new AccessChanged(node, Access.ENROLLED, null), spec.commandLine().getErr());
          settings.give(user, password, management.session, spec.commandLine().getOut(), doing);
        });
    return ExitCode.DONE.number();
  }
}
