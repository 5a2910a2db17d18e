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
    return whole(cut(text, SHOWN_AT_MOST));
  }

  /** The text as it is, cut after so many characters. */
  public static String cut(String text, int most) {
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most)) + "…";
  }

  /** The text on one line, as {@link #shown}, but not cut. */
  public static String whole(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
        for (char half : Character.toChars(c)) {
          out.append(String.format("\\u%04x", (int) half));
        }
      } else {
        out.appendCodePoint(c);
      }
    }
    return out.toString();
  }
}
