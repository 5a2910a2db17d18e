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
    int most = Math.min(SHOWN_AT_MOST, text.codePointCount(0, text.length()));
    int end = text.offsetByCodePoints(0, most);
    return whole(text.substring(0, end)) + (end < text.length() ? "…" : "");
  }

  /** The text on one line, as {@link #shown}, but not cut. */
  public static String whole(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
        out.append(String.format("\\u%04x", c));
      } else {
        out.appendCodePoint(c);
      }
    }
    return out.toString();
  }
}
