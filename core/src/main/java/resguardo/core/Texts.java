package resguardo.core;

/** Text from outside, made fit to be shown on one line of a terminal or log. */
public final class Texts {
  /** Longer texts are cut when shown: enough to recognise a path, short enough for one line. */
  private static final int SHOWN_AT_MOST = 200;

  private Texts() {}

  /**
   * The text on one line, control characters as {@code \}{@code u....}, cut after 200 characters.
   */
  public static String shown(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .limit(SHOWN_AT_MOST)
        .forEach(
            c -> {
              if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                out.append(String.format("\\u%04x", c));
              } else {
                out.appendCodePoint(c);
              }
            });
    if (text.codePointCount(0, text.length()) > SHOWN_AT_MOST) {
      out.append('…');
    }
    return out.toString();
  }
}
