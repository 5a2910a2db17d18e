package resguardo.admin;

import org.jspecify.annotations.Nullable;
import resguardo.core.Texts;

/** A command of the operator that did not succeed: what to say, and how to end. */
public final class AdminException extends Exception {
  private static final long serialVersionUID = 1;

  private final ExitCode exit;
  private final @Nullable String hint;

  /**
   * @param message as {@code Failed to X: cause.}
   * @param hint one line of what to try; absent where nothing would help
   */
  public AdminException(ExitCode exit, String message, @Nullable String hint) {
    super(message);
    this.exit = exit;
    this.hint = hint;
  }

  /** How the program is to end. */
  public ExitCode exit() {
    return exit;
  }

  /** The message, and the hint on a line of its own where there is one. */
  public String text() {
    String shown = Texts.whole(String.valueOf(getMessage()));
    return hint == null ? shown : shown + "\n" + hint;
  }
}
