package resguardo.admin;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The operator's program. */
@Command(
    name = "admin",
    mixinStandardHelpOptions = true,
    description = "Tells Resguardo what to back up, and gets it back.",
    subcommands = {
      PublishCommand.class,
      ListCommand.class,
      HistoryCommand.class,
      ShowCommand.class,
      DiffCommand.class,
      VerifyCommand.class,
      RestoreCommand.class,
      LogsCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed",
      "2:wrong usage",
      "3:not found",
      "4:no answer in time (--timeout)",
      "5:the broker cannot be reached"
    })
public final class Main {
  /** Runs one command. */
  public static void main(String[] args) {
    // What the operator has to know is in the answers; the connection's own log is for those who
    // look for a fault.
    if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) {
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
    }
    System.exit(commandLine().execute(args));
  }

  /** The command line, ready to be executed. */
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    Converters.registerAt(line);
    line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    line.setExecutionExceptionHandler(Main::failed);
    return line;
  }

  private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
    if (e instanceof AdminException told) {
      line.getErr().println(told.text());
      return told.exit().number();
    }
    line.getErr().println("Failed: " + e + ".");
    return ExitCode.FAILED.number();
  }
}
