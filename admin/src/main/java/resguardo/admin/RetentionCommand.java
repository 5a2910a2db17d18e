package resguardo.admin;

import picocli.CommandLine.Command;

/** What is about the retention of versions. */
@Command(
    name = "retention",
    mixinStandardHelpOptions = true,
    description = "Shows which versions are kept, and why.",
    subcommands = RetentionPlanCommand.class)
final class RetentionCommand {}
