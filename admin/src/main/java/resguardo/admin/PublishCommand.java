package resguardo.admin;

import picocli.CommandLine.Command;

/** The messages of old: register, unregister, query, shutdown. */
@Command(
    name = "publish",
    mixinStandardHelpOptions = true,
    description = "Publishes a command to the coordinator.",
    subcommands = {
      RegisterCommand.class,
      UnregisterCommand.class,
      QueryCommand.class,
      ShutdownCommand.class
    })
final class PublishCommand {}
