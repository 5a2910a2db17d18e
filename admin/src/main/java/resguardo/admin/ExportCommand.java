package resguardo.admin;

import picocli.CommandLine.Command;

/** Copies versions to another bucket: see the program {@code transfer}. */
@Command(
    name = "export",
    description =
        "Copy versions to another bucket and keep it in step. Done by `transfer export`, which has its options; it needs keys of both stores.")
final class ExportCommand extends ElsewhereCommand {}
