package resguardo.admin;

import picocli.CommandLine.Command;

/** Messages that were given up. */
@Command(
    name = "dead",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the messages that were given up (dead letters), sends them again, or throws them away."
    },
    subcommands = {DeadListCommand.class, DeadRetryCommand.class, DeadDropCommand.class})
final class DeadCommand {}
