package resguardo.infra.runtime;

import picocli.CommandLine;

/** What {@code --version} says: the program, and which build it is of. */
public final class VersionText implements CommandLine.IVersionProvider {
  private final String program;

  private VersionText(String program) {
    this.program = program;
  }

  /** Has a program, and each of the commands that it has by now, say so. */
  public static void in(CommandLine program) {
    in(program, new VersionText(program.getCommandName()));
  }

  private static void in(CommandLine line, VersionText text) {
    line.getCommandSpec().versionProvider(text);
    for (CommandLine below : line.getSubcommands().values()) {
      in(below, text);
    }
  }

  @Override
  public String[] getVersion() {
    return new String[] {program + " " + ProgramVersion.text()};
  }
}
