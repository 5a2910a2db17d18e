package resguardo.admin;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import resguardo.infra.rabbit.RoleUser;

/**
 * Makes the user of coordinators, workers or retention at the broker, and gives the settings of
 * these programs.
 */
@Command(
    name = "enroll",
    mixinStandardHelpOptions = true,
    description =
        "Makes the user of coordinators, workers or retention at the broker, and gives the settings of these programs.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin role enroll fetch-worker main --save-to-file worker.env",
      "  admin role enroll coordinator main --save-to-file coordinator.env"
    })
final class RoleEnrollCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();
  @Mixin private UserSettings settings = new UserSettings();
  @Mixin private WhichRole which = new WhichRole();

  @Override
  public Integer call() throws Exception {
    String doing = "enroll " + which;
    PrintWriter out = spec.commandLine().getOut();
    RoleUser user = which.user(doing);
    settings.check(user, management.session, doing);
    management.work(
        doing,
        (broker, users) -> {
          broker.declareAll(); // only coordinators may
          settings.give(user, users.enroll(user), management.session, out, doing);
        });
    return ExitCode.DONE.number();
  }
}
