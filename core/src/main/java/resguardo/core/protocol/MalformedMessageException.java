package resguardo.core.protocol;

/**
 * Bytes that are not the message they should be. A repeat will not help: answer it, or dead-letter
 * it, and go on.
 */
public final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * With a reason that can be shown to a person: it holds nothing of the message that could break a
   * line.
   */
  public MalformedMessageException(String reason) {
    super(reason);
  }
}
