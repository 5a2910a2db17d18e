package resguardo.admin;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;
import resguardo.core.Texts;
import resguardo.infra.runtime.VersionText;

/** The operator's program. */
@Command(
    name = "admin",
    mixinStandardHelpOptions = true,
    description = "Tells Resguardo what to back up, and gets it back.",
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
  private static final String HELP = "help";

  /** All commands by their names, in the order in which the help shows them. */
  static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("publish", PublishCommand.class);
    COMMANDS.put("apply", ApplyCommand.class);
    COMMANDS.put("list", ListCommand.class);
    COMMANDS.put("nodes", NodesCommand.class);
    COMMANDS.put("history", HistoryCommand.class);
    COMMANDS.put("show", ShowCommand.class);
    COMMANDS.put("diff", DiffCommand.class);
    COMMANDS.put("verify", VerifyCommand.class);
    COMMANDS.put("drill", DrillCommand.class);
    COMMANDS.put("drills", DrillsCommand.class);
    COMMANDS.put("restore", RestoreCommand.class);
    COMMANDS.put("run-now", RunNowCommand.class);
    COMMANDS.put("pause", PauseCommand.class);
    COMMANDS.put("resume", ResumeCommand.class);
    COMMANDS.put("limit", LimitCommand.class);
    COMMANDS.put("explain-next", ExplainNextCommand.class);
    COMMANDS.put("watch", WatchCommand.class);
    COMMANDS.put("logs", LogsCommand.class);
    COMMANDS.put("dead", DeadCommand.class);
    COMMANDS.put("notify", NotifyCommand.class);
    COMMANDS.put("doctor", DoctorCommand.class);
    COMMANDS.put("alarms", AlarmsCommand.class);
    COMMANDS.put("alarm", AlarmCommand.class);
    COMMANDS.put("policy", PolicyCommand.class);
    COMMANDS.put("retention", RetentionCommand.class);
    COMMANDS.put("import", ImportCommand.class);
    COMMANDS.put("export", ExportCommand.class);
    COMMANDS.put("audit", AuditCommand.class);
    COMMANDS.put("node", NodeCommand.class);
    COMMANDS.put("operator", OperatorCommand.class);
    COMMANDS.put("role", RoleCommand.class);
    COMMANDS.put("completion", CompletionCommand.class);
    COMMANDS.put(HELP, HelpCommand.class);
  }

  /** Runs one command. */
  public static void main(String[] args) {
    // What the operator has to know is in the answers; the connection's own log is for those who
    // look for a fault.
    if (System.getProperty("org.slf4j.simpleLogger.defaultLogLevel") == null) {
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
    }
    System.exit(commandLine(args).execute(args));
  }

  /**
   * The command line, ready to be executed with these arguments. Where they name a command it has
   * that one alone: reading what all of them are annotated with would take most of a start. Help is
   * about all.
   */
  public static CommandLine commandLine(String... args) {
    CommandLine line = new CommandLine(new Main());
    if (args.length > 0 && COMMANDS.containsKey(args[0]) && !args[0].equals(HELP)) {
      line.addSubcommand(args[0], COMMANDS.get(args[0]));
    } else {
      COMMANDS.forEach(line::addSubcommand);
    }
    VersionText.in(line);
    Converters.registerAt(line);
    line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    line.setExecutionExceptionHandler(new Failures());
    line.setParameterExceptionHandler(new Misuses());
    return line;
  }

  /**
   * What is wrong, and one line where to look: a page of help would push it out of sight. A command
   * that takes another says which there are. No lambda: see {@link Converters}.
   */
  private static final class Misuses implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException e, String[] args) {
      CommandLine line = e.getCommandLine();
      line.getErr().println(Texts.whole(String.valueOf(e.getMessage())));
      if (!UnmatchedArgumentException.printSuggestions(e, line.getErr())) {
        if (line.getSubcommands().isEmpty()) {
          line.getErr().printf("Try `%s --help`.%n", line.getCommandSpec().qualifiedName());
        } else {
          line.usage(line.getErr());
        }
      }
      return ExitCode.USAGE.number();
    }
  }

  /** No lambda: see {@link Converters}. */
  private static final class Failures implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception e, CommandLine line, ParseResult parsed) {
      if (e instanceof AdminException told) {
        line.getErr().println(told.text());
        return told.exit().number();
      }
      line.getErr().println(Texts.whole("Failed: " + e + "."));
      return ExitCode.FAILED.number();
    }
  }
}
