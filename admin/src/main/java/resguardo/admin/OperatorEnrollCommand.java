package resguardo.admin;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import resguardo.core.OperatorName;
import resguardo.core.Permission;
import resguardo.core.protocol.Command.Access;
import resguardo.core.protocol.Command.OperatorChanged;
import resguardo.infra.rabbit.OperatorUser;

/** Makes an operator's user, and gives the settings of its programs. */
@Command(
    name = "enroll",
    mixinStandardHelpOptions = true,
    description =
        "Makes the user of an operator at the broker, and gives the settings of its programs.",
    footerHeading = "%nExample:%n",
    footer = "  admin operator enroll alice --may read --save-to-file alice.env")
final class OperatorEnrollCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();
  @Mixin private UserSettings settings = new UserSettings();

  @Option(
      names = "--may",
      required = true,
      paramLabel = "read|write",
      description =
          "read: see how all stands, and get what is stored. write: also change what is backed up, restore onto nodes, stop all.")
  @SuppressWarnings("NullAway.Init") // set by the command line
  private Permission may;

  @Parameters(paramLabel = "OPERATOR", description = "Its name: a-z, 0-9 and -.")
  @SuppressWarnings("NullAway.Init") // set by the command line
  private OperatorName operator;

  @Override
  public Integer call() throws Exception {
    String doing = "enroll " + operator;
    if (!Permission.WRITE.covers(may)) {
      throw new AdminException(
          ExitCode.USAGE,
          "Failed to " + doing + ": --may takes read or write.",
          "Who administers users is an administrator of the broker.");
    }
    OperatorUser user = new OperatorUser(operator, may);
    settings.check(user, management.session, doing);
    management.work(
        doing,
        (broker, users) -> {
          broker.declareAll(); // it may not
          String password = users.enroll(user);
          management.tell(
              broker,
              new OperatorChanged(operator, Access.ENROLLED, may, null),
              spec.commandLine().getErr());
          settings.give(user, password, management.session, spec.commandLine().getOut(), doing);
        });
    return ExitCode.DONE.number();
  }
}
