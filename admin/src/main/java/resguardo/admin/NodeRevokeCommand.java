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

/** Takes a node's user away. */
@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    description =
        "Removes the user of a node and ends what is connected as it. What is registered and stored of the node stays.",
    footerHeading = "%nExample:%n",
    footer = "  admin node revoke alpha    # whatever is connected as it is put out")
final class NodeRevokeCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();

  @Parameters(paramLabel = "NODE", description = "Its name.")
  @SuppressWarnings("NullAway.Init") // set by the command line
  private NodeName node;

  @Override
  public Integer call() throws Exception {
    NodeUser user = new NodeUser(node);
    String doing = "revoke " + node;
    management.work(
        doing,
        (broker, users) -> {
          users.revoke(user);
          management.tell(
              broker, new AccessChanged(node, Access.REVOKED, null), spec.commandLine().getErr());
        });
    spec.commandLine().getOut().println("revoked: " + node);
    return ExitCode.DONE.number();
  }
}
