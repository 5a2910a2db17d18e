package resguardo.admin;

import picocli.CommandLine.Command;

/** Who may speak for a node at the broker. */
@Command(
    name = "node",
    mixinStandardHelpOptions = true,
    description = {
      "Gives each node a user of its own at the broker, which may speak for that node alone.",
      "Needs the management interface of RabbitMQ, and an administrator there."
    },
    subcommands = {
      NodeEnrollCommand.class,
      NodeRotateCommand.class,
      NodeRevokeCommand.class,
      NodeListCommand.class
    })
final class NodeCommand {}
