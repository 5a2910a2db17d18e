package resguardo.admin;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import resguardo.infra.rabbit.RoleUser;

/**
 * Gives the user another password, ends what is connected with the one before, and gives the
 * settings anew.
 */
@Command(
    name = "rotate",
    mixinStandardHelpOptions = true,
    description =
        "Gives the user another password, ends what is connected with the one before, and gives the settings anew.",
    footerHeading = "%nExample:%n",
    footer = "  admin role rotate fetch-worker main --save-to-file worker.env")
final class RoleRotateCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();
  @Mixin private UserSettings settings = new UserSettings();
  @Mixin private WhichRole which = new WhichRole();

  @Override
  public Integer call() throws Exception {
    String doing = "give " + which + " a new password";
    PrintWriter out = spec.commandLine().getOut();
    RoleUser user = which.user(doing);
    settings.check(user, management.session, doing);
    management.work(
        doing,
        (broker, users) -> {
          settings.give(user, users.rotate(user), management.session, out, doing);
        });
    return ExitCode.DONE.number();
  }
}
