package resguardo.admin;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import resguardo.infra.rabbit.RoleUser;

/** Removes the user, and ends what is connected as it. */
@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    description = "Removes the user, and ends what is connected as it.",
    footerHeading = "%nExample:%n",
    footer = "  admin role revoke fetch-worker main")
final class RoleRevokeCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();
  @Mixin private WhichRole which = new WhichRole();

  @Override
  public Integer call() throws Exception {
    String doing = "revoke " + which;
    PrintWriter out = spec.commandLine().getOut();
    RoleUser user = which.user(doing);
    management.work(
        doing,
        (broker, users) -> {
          users.revoke(user);
          out.println("revoked: " + which);
        });
    return ExitCode.DONE.number();
  }
}
