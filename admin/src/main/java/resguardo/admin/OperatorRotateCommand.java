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
import resguardo.infra.rabbit.OperatorUser;

/** Gives an operator's user another password. */
@Command(
    name = "rotate",
    mixinStandardHelpOptions = true,
    description =
        "Gives the user of an operator another password, ends what is connected with the one before, and gives the settings anew.",
    footerHeading = "%nExample:%n",
    footer = "  admin operator rotate alice --save-to-file alice.env")
final class OperatorRotateCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();
  @Mixin private UserSettings settings = new UserSettings();

  @Parameters(paramLabel = "OPERATOR", description = "Its name.")
  @SuppressWarnings("NullAway.Init") // set by the command line
  private OperatorName operator;

  @Override
  public Integer call() throws Exception {
    String doing = "give " + operator + " a new password";
    management.work(
        doing,
        (broker, users) -> {
          OperatorUser user = users.operator(operator); // which may as much as before
          settings.check(user, management.session, doing);
          String password = users.rotate(user);
          management.tell(
              broker,
              new OperatorChanged(operator, Access.ROTATED, user.may(), null),
              spec.commandLine().getErr());
          settings.give(user, password, management.session, spec.commandLine().getOut(), doing);
        });
    return ExitCode.DONE.number();
  }
}
