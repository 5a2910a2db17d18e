package resguardo.admin;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.NodeName;
import resguardo.infra.rabbit.ManagementException;

/** Which nodes are enrolled. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the nodes that have a user of their own at the broker, a line each.",
    footerHeading = "%nExample:%n",
    footer = "  admin node list")
final class NodeListCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private AtManagement management = new AtManagement();

  @Option(names = "--json", description = "As one line of JSON: an array of names.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "list the enrolled nodes";
    PrintWriter out = spec.commandLine().getOut();
    try {
      List<NodeName> nodes = management.users(doing).nodes();
      if (json) {
        Says.json(out, nodes.stream().map(NodeName::value).toList());
      } else {
        nodes.forEach(out::println);
      }
    } catch (ManagementException e) {
      throw AtManagement.failed(doing, e);
    }
    return ExitCode.DONE.number();
  }
}
