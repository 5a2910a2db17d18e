package resguardo.admin;

import picocli.CommandLine.Command;

/** What is to become of alarms. */
@Command(
    name = "alarm",
    mixinStandardHelpOptions = true,
    description = "Gives an operator's word about a suspicious version.",
    subcommands = {AlarmAcceptCommand.class})
final class AlarmCommand {}
