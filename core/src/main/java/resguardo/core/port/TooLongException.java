package resguardo.core.port;

import java.io.IOException;

/**
 * An object holds more than one of its kind may. A repeat gives the same until somebody writes it
 * anew.
 */
public final class TooLongException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * With a reason that names the object.
   *
   * @param longest how many bytes it may have at the most
   */
  public TooLongException(ObjectKey key, int longest) {
    super("the object " + key + " is " + reason(longest));
  }

  /** The same without the object. */
  public static String reason(int longest) {
    return "too long: at most " + longest + " bytes are accepted";
  }
}
