package resguardo.transfer;

import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import resguardo.core.Texts;
import resguardo.infra.runtime.VersionText;

/** The program of whoever holds keys of buckets. */
@Command(
    name = "transfer",
    mixinStandardHelpOptions = true,
    description =
        "Takes tarballs of other programs over as versions, and copies versions to another bucket. It needs keys of the store,"
            + " which no operator has: to be run where they are.",
    subcommands = {ImportCommand.class, ExportCommand.class, KeyCommand.class},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed, or not all of it could be done",
      "2:wrong usage",
      "4:no answer in time (--timeout)",
      "5:the broker cannot be reached"
    })
public final class Main implements Runnable {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int NO_ANSWER = 4;
  static final int NO_BROKER = 5;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  /** Runs one command. */
  public static void main(String[] args) {
    CommandLine line = new CommandLine(new Main());
    VersionText.in(line);
    System.exit(
        line.setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(Main::explain)
            .execute(args));
  }

  /** A failure with the exit code that tells it. */
  static final class ToldException extends Exception {
    private static final long serialVersionUID = 1;

    private final int exit;
    private final String hint;

    ToldException(int exit, String message, String hint) {
      super(message);
      this.exit = exit;
      this.hint = hint;
    }
  }

  private static int explain(Exception failure, CommandLine line, ParseResult asked)
      throws Exception {
    if (failure instanceof ToldException told) {
      line.getErr().println(Texts.shown(told.getMessage() + ""));
      line.getErr().println(told.hint);
      return told.exit;
    } else if (failure instanceof IllegalArgumentException) {
      line.getErr().printf("Failed to %s: %s.%n", line.getCommandName(), cause(failure));
      line.getErr().printf("Try `transfer %s --help`.%n", line.getCommandName());
      return USAGE;
    } else if (failure instanceof IOException) {
      line.getErr().printf("Failed to %s: %s.%n", line.getCommandName(), cause(failure));
      line.getErr().println("What was done is kept: run it again to go on.");
      return FAILED;
    }
    throw failure; // a mistake of the program's: its trace is what helps
  }

  private static String cause(Exception failure) {
    String words = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    String named =
        failure instanceof java.nio.file.FileSystemException ? failure.toString() : words;
    return Texts.shown(named.endsWith(".") ? named.substring(0, named.length() - 1) : named);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say which: import, export or key.");
  }
}
