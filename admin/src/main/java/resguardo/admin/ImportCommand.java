package resguardo.admin;

import picocli.CommandLine.Command;

/** Takes tarballs of other programs over: see the program {@code transfer}. */
@Command(
    name = "import",
    description =
        "Make versions of tarballs of other programs. Done by `transfer import`, which has its options; it needs a key of the store.")
final class ImportCommand extends ElsewhereCommand {}
