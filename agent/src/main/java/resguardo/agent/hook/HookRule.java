package resguardo.agent.hook;

import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.SourcePath;

/**
 * What is to be run around the backups of a path.
 *
 * @param path it is for what is registered at this path or below it; the rule with the longest path
 *     is the one that counts
 * @param before a program and its arguments, handed to it as they are, without a shell; if it
 *     fails, there is no backup. Absent: nothing
 * @param after the same, run whenever {@code before} was begun, however the backup ended. Absent:
 *     nothing
 * @param timeoutSeconds how long each of them may take; absent: 600
 */
public record HookRule(
    SourcePath path,
    @Nullable List<String> before,
    @Nullable List<String> after,
    @Nullable Integer timeoutSeconds) {
  private static final int USUAL_TIMEOUT = 600;
  private static final int LONGEST_TIMEOUT = 24 * 60 * 60;

  public HookRule {
    before = command(before);
    after = command(after);
    if (before == null && after == null) {
      throw new IllegalArgumentException("a hook without before and after: " + path);
    }
    if (timeoutSeconds != null && (timeoutSeconds < 1 || timeoutSeconds > LONGEST_TIMEOUT)) {
      throw new IllegalArgumentException("timeoutSeconds is 1 to " + LONGEST_TIMEOUT);
    }
  }

  private static @Nullable List<String> command(@Nullable List<String> words) {
    if (words == null) {
      return null;
    }
    List<String> command = List.copyOf(words);
    if (command.isEmpty() || command.get(0).isBlank()) {
      throw new IllegalArgumentException("a hook that names no program");
    }
    if (command.stream().anyMatch(word -> word.indexOf(0) >= 0)) {
      throw new IllegalArgumentException("a hook with a NUL in a word");
    }
    return command;
  }

  /** How long each command may take, in seconds. */
  int timeout() {
    return timeoutSeconds == null ? USUAL_TIMEOUT : timeoutSeconds;
  }

  /** Whether it is for what is registered at this path. */
  boolean isFor(SourcePath registered) {
    int length = path.components().size();
    return registered.components().size() >= length
        && registered.components().subList(0, length).equals(path.components());
  }
}
