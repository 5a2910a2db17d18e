package resguardo.infra.runtime;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** Runs the command of a role's process, so that all of them fail in the same words. */
public final class Program {
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  private Program() {}

  /**
   * Runs it to its end.
   *
   * @param command annotated for picocli
   * @return the exit code: 0 ended in order, 1 failed, 2 the settings are wrong
   */
  public static int run(Callable<Integer> command, String[] args) {
    CommandLine line = new CommandLine(command);
    VersionText.in(line);
    return line.setExecutionExceptionHandler(Program::explain).execute(args);
  }

  private static int explain(Exception failure, CommandLine line, CommandLine.ParseResult asked)
      throws Exception {
    boolean settings = failure instanceof IllegalArgumentException;
    if (!settings && !(failure instanceof IOException)) {
      throw failure; // a mistake of the program's: its trace is what helps
    }
    line.getErr().printf("Failed to start %s: %s.%n", line.getCommandName(), cause(failure));
    line.getErr()
        .printf("Try `%s --help`; the README lists the settings.%n", line.getCommandName());
    return settings ? USAGE : FAILED;
  }

  private static String cause(Exception failure) {
    String words = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    String named =
        failure instanceof java.nio.file.FileSystemException ? failure.toString() : words;
    return named.endsWith(".") ? named.substring(0, named.length() - 1) : named;
  }
}
