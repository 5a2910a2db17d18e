package resguardo.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import resguardo.core.NodeName;
import resguardo.infra.rabbit.ManagementException;

/** Takes a node's user away. */
@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    description =
        "Removes the user of a node and ends what is connected as it. What is registered and stored of the node stays.")
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
    String doing = "revoke " + node;
    try {
      management.users(doing).revoke(node);
    } catch (ManagementException e) {
      throw AtManagement.failed(doing, e);
    }
    spec.commandLine().getOut().println("revoked: " + node);
    return ExitCode.DONE.number();
  }
}
