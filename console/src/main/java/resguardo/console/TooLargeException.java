package resguardo.console;

import java.io.IOException;

/** A version has more than this console can show. */
final class TooLargeException extends IOException {
  /** In HTTP: there is no room for what it takes to answer. */
  private static final int STATUS = 507;

  private static final long serialVersionUID = 1;

  private final String hint;

  private TooLargeException(String why, String hint) {
    super(why);
    this.hint = hint;
  }

  /**
   * Beyond a bound of its own.
   *
   * @param what it has more of than may be
   */
  static TooLargeException of(String what) {
    return new TooLargeException(
        "The version has more than " + what + ", which is more than this console can show.",
        "admin show lists it, with --entry a part of it; admin diff compares two.");
  }

  /**
   * Beyond the room that there is.
   *
   * @param e which says where
   */
  static TooLargeException noRoom(IOException e) {
    return new TooLargeException(
        "The entries of the version have no room where this console has its temporary files: "
            + e.getMessage()
            + ".",
        "Make room there, or start the console with TMPDIR naming another folder.");
  }

  /** What is answered. */
  Refusal refusal() {
    return new Refusal(STATUS, String.valueOf(getMessage()), hint);
  }
}
