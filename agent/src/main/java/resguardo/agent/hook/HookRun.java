package resguardo.agent.hook;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command that is run to its end, with a bound on its time and its output. It and all that it
 * starts are ended when the time is over, when it is not wanted any more, and when this agent dies
 * in whatever way.
 */
final class HookRun {
  /**
   * Runs the command under {@code timeout}, which makes it a process group of its own, and ends
   * that when this script's input ends: the agent holds the other end, and nobody else.
   */
  private static final String SCRIPT =
      """
      exec 3<&0 < /dev/null
      timeout -k 5 "$@" 3<&- &
      command=$!
      (read -r end <&3; kill -TERM "$command") 2> /dev/null &
      watch=$!
      wait "$command"
      code=$?
      kill "$watch" 2> /dev/null
      exit "$code"
      """;

  /** {@code timeout} says by it that the time was over. */
  private static final int TIMED_OUT = 124;

  private static final int CANNOT_BE_STARTED = 126;
  private static final int NOT_FOUND = 127;

  /** Asked to end, it has five seconds before it is killed. */
  private static final int ENDING_SECONDS = 8;

  private static final long LOOK_MILLIS = 200;
  private static final String OWN = "RESGUARDO_";

  private HookRun() {}

  /** Told while it runs. What it throws ends the command. */
  interface Waiting {
    void goesOn() throws IOException;
  }

  /**
   * How it ended.
   *
   * @param output the last lines of what it wrote, on one line
   */
  record Ended(int code, String output) {
    boolean well() {
      return code == 0;
    }

    /** In words, after the name of what was run. */
    String words() {
      String how =
          switch (code) {
            case TIMED_OUT -> "took too long and was ended";
            case CANNOT_BE_STARTED, NOT_FOUND -> "could not be started (exit code " + code + ")";
            default -> "ended with exit code " + code;
          };
      return output.isEmpty() ? how : how + ": " + output;
    }
  }

  /**
   * Runs it.
   *
   * @param timeout in seconds
   * @param variables of its environment, beside those that the agent has and that are not its own
   * @throws IOException when {@code waiting} says so
   */
  static Ended run(
      List<String> command, int timeout, Map<String, String> variables, Waiting waiting)
      throws IOException, InterruptedException {
    Process process;
    try {
      process = start(command, timeout, variables);
    } catch (IOException e) {
      return new Ended(CANNOT_BE_STARTED, String.valueOf(e.getMessage()));
    }
    try (OutputTail output = new OutputTail(process.getInputStream())) {
      while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        waiting.goesOn();
      }
      return new Ended(process.exitValue(), output.lastLines());
    } finally {
      end(process);
    }
  }

  private static Process start(List<String> command, int timeout, Map<String, String> variables)
      throws IOException {
    List<String> words =
        new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "hook", String.valueOf(timeout)));
    words.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(words).directory(Path.of("/").toFile()).redirectErrorStream(true);
    // The agent's own settings hold the broker's password.
    builder.environment().keySet().removeIf(name -> name.startsWith(OWN));
    builder.environment().putAll(variables);
    return builder.start();
  }

  private static void end(Process process) {
    boolean interrupted = Thread.interrupted();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(ENDING_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException again) {
      interrupted = true;
    } catch (IOException e) {
      process.destroyForcibly();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
