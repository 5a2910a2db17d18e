package resguardo.admin;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.infra.rabbit.BrokerUsers;
import resguardo.infra.rabbit.ManagementException;
import resguardo.infra.rabbit.OperatorUser;

/** Which operators are enrolled. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the operators that have a user at the broker, what each may do, and how many queues it has there.",
      "A program of an operator has about five queues. Whoever has thousands of them fills the broker: admin operator revoke removes them."
    },
    footerHeading = "%nExample:%n",
    footer = "  admin operator list")
final class OperatorListCommand implements Callable<Integer> {
  /** As JSON has it. */
  private record Line(String operator, String may, long queues) {}

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();

  @Option(
      names = "--json",
      description = "As one line of JSON: an array of {\"operator\", \"may\", \"queues\"}.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "list the enrolled operators";
    PrintWriter out = spec.commandLine().getOut();
    try {
      BrokerUsers users = management.users(doing);
      List<Line> lines =
          users.queues(users.operators()).entrySet().stream()
              .map(OperatorListCommand::line)
              .toList();
      if (json) {
        Says.json(out, lines);
      } else if (!lines.isEmpty()) {
        out.println(
            Tables.of(
                List.of("OPERATOR", "MAY", "QUEUES"),
                lines.stream()
                    .map(line -> List.of(line.operator(), line.may(), line.queues() + ""))
                    .toList()));
      }
    } catch (ManagementException e) {
      throw AtManagement.failed(doing, e);
    }
    return ExitCode.DONE.number();
  }

  private static Line line(Map.Entry<OperatorUser, Long> queues) {
    OperatorUser user = queues.getKey();
    return new Line(user.operator().value(), user.may().word(), queues.getValue());
  }
}
