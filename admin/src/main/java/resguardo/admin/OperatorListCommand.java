package resguardo.admin;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.infra.rabbit.ManagementException;
import resguardo.infra.rabbit.OperatorUser;

/** Which operators are enrolled. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the operators that have a user at the broker, and what each may do.")
final class OperatorListCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();

  @Option(
      names = "--json",
      description = "As one line of JSON: an array of {\"operator\", \"may\"}.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "list the enrolled operators";
    PrintWriter out = spec.commandLine().getOut();
    try {
      List<OperatorUser> operators = management.users(doing).operators();
      if (json) {
        Says.json(out, operators);
      } else if (!operators.isEmpty()) {
        out.println(
            Tables.of(
                List.of("OPERATOR", "MAY"),
                operators.stream()
                    .map(user -> List.of(user.operator().value(), user.may().word()))
                    .toList()));
      }
    } catch (ManagementException e) {
      throw AtManagement.failed(doing, e);
    }
    return ExitCode.DONE.number();
  }
}
