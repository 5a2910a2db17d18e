package resguardo.core;

/** Text from outside, made fit to be shown on one line of a terminal or log. */
public final class Texts {
  /** Longer texts are cut when shown: enough to recognise a path, short enough for one line. */
  private static final int SHOWN_AT_MOST = 200;

  private Texts() {}

  /**
   * The text on one line, control characters and other ends of lines as {@code \}{@code u....}, cut
   * after 200 characters.
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

  /**
   * The text as it is, or so many characters of it, of which a third are its last: what begins with
   * a long name ends with what there is to say of it.
   */
  public static String cutInside(String text, int most) {
    int all = text.codePointCount(0, text.length());
    if (all <= most) {
      return text;
    }
    int last = most / 3;
    return text.substring(0, text.offsetByCodePoints(0, most - last))
        + "…"
        + text.substring(text.offsetByCodePoints(text.length(), -last));
  }

  /** The text on one line, as {@link #shown}, but not cut. */
  public static String whole(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (isHidden(c)) {
        for (char half : Character.toChars(c)) {
          out.append(String.format("\\u%04x", (int) half));
        }
      } else {
        out.appendCodePoint(c);
      }
    }
    return out.toString();
  }

  /** What is not seen, or where some programs begin another line. */
  private static boolean isHidden(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
