package resguardo.admin;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.infra.rabbit.BrokerUser;
import resguardo.infra.rabbit.ManagementException;

/** Which users coordinators, workers and retention have. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the users that coordinators, workers and retention have at the broker.",
    footerHeading = "%nExample:%n",
    footer = "  admin role list")
final class RoleListCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();

  @Option(names = "--json", description = "As one line of JSON: an array of names.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "list the users of roles";
    PrintWriter out = spec.commandLine().getOut();
    try {
      List<String> names = management.users(doing).roles().stream().map(BrokerUser::name).toList();
      if (json) {
        Says.json(out, names);
      } else {
        names.forEach(out::println);
      }
    } catch (ManagementException e) {
      throw AtManagement.failed(doing, e);
    }
    return ExitCode.DONE.number();
  }
}
