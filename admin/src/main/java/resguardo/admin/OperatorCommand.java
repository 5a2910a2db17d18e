package resguardo.admin;

import picocli.CommandLine.Command;

/** Who may tell Resguardo what to do. */
@Command(
    name = "operator",
    mixinStandardHelpOptions = true,
    description = {
      "Gives each operator a user at the broker, which may read, or read and write.",
      "Needs the management interface of RabbitMQ, and an administrator there."
    },
    subcommands = {
      OperatorEnrollCommand.class,
      OperatorRotateCommand.class,
      OperatorRevokeCommand.class,
      OperatorListCommand.class
    })
final class OperatorCommand {}
