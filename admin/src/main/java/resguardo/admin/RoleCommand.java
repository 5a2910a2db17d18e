package resguardo.admin;

import picocli.CommandLine.Command;

/** As whom coordinators, workers and retention log in at the broker. */
@Command(
    name = "role",
    mixinStandardHelpOptions = true,
    description = {
      "Gives coordinators, workers and retention users at the broker, which may do what their role does and no more.",
      "Needs the management interface of RabbitMQ, and an administrator there."
    },
    subcommands = {
      RoleEnrollCommand.class,
      RoleRotateCommand.class,
      RoleRevokeCommand.class,
      RoleListCommand.class
    })
final class RoleCommand {}
