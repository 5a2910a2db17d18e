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

/** Gives a node's user another password. */
@Command(
    name = "rotate",
    mixinStandardHelpOptions = true,
    description =
        "Gives the user of a node another password, ends what is connected with the one before, and gives the settings anew.",
    footerHeading = "%nExample:%n",
    footer = "  admin node rotate alpha --save-to-file alpha.env")
final class NodeRotateCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();
  @Mixin private UserSettings settings = new UserSettings();

  @Parameters(paramLabel = "NODE", description = "Its name.")
  @SuppressWarnings("NullAway.Init") // set by the command line
  private NodeName node;

  @Override
  public Integer call() throws Exception {
    NodeUser user = new NodeUser(node);
    String doing = "give " + node + " a new password";
    settings.check(user, management.session, doing);
    management.work(
        doing,
        (broker, users) -> {
          String password = users.rotate(user);
          management.tell(
              broker, new AccessChanged(node, Access.ROTATED, null), spec.commandLine().getErr());
          settings.give(user, password, management.session, spec.commandLine().getOut(), doing);
        });
    return ExitCode.DONE.number();
  }
}
