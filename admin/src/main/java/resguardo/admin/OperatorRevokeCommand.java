package resguardo.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import resguardo.core.OperatorName;
import resguardo.core.protocol.Command.Access;
import resguardo.core.protocol.Command.OperatorChanged;

/** Takes an operator's user away. */
@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    description = "Removes the user of an operator and ends what is connected as it.",
    footerHeading = "%nExample:%n",
    footer = "  admin operator revoke alice")
final class OperatorRevokeCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();

  @Parameters(paramLabel = "OPERATOR", description = "Its name.")
  @SuppressWarnings("NullAway.Init") // set by the command line
  private OperatorName operator;

  @Override
  public Integer call() throws Exception {
    String doing = "revoke " + operator;
    management.work(
        doing,
        (broker, users) -> {
          users.revoke(users.operator(operator));
          management.tell(
              broker,
              new OperatorChanged(operator, Access.REVOKED, null, null),
              spec.commandLine().getErr());
        });
    spec.commandLine().getOut().println("revoked: " + operator);
    return ExitCode.DONE.number();
  }
}
