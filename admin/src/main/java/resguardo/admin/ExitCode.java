package resguardo.admin;

import resguardo.core.protocol.Answer;

/** How the admin program ends; scripts rely on these numbers. */
public enum ExitCode {
  DONE(0),
  FAILED(1),
  USAGE(2),
  NOT_FOUND(3),
  NO_ANSWER(4),
  NO_BROKER(5);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** What the shell sees. */
  public int number() {
    return number;
  }

  /** The code for a refusal of this reason. */
  static ExitCode of(Answer.Refused.Reason reason) {
    return switch (reason) {
      case BAD_REQUEST -> USAGE;
      case NOT_FOUND -> NOT_FOUND;
      case FAILED -> FAILED;
    };
  }
}
