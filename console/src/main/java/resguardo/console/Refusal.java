package resguardo.console;

import org.jspecify.annotations.Nullable;

/** A request that is not served: which status, and what to say. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;
  private final @Nullable String hint;

  /**
   * @param why one sentence for a person
   * @param hint what to try; absent where nothing would help
   */
  Refusal(int status, String why, @Nullable String hint) {
    super(why);
    this.status = status;
    this.hint = hint;
  }

  /** What was asked for makes no sense. */
  static Refusal badRequest(String why) {
    return new Refusal(400, why, "Go back and change what was given.");
  }

  /** Its number in HTTP. */
  int status() {
    return status;
  }

  /** What to try; absent where nothing would help. */
  @Nullable String hint() {
    return hint;
  }
}
