package resguardo.console;

import com.google.errorprone.annotations.CompileTimeConstant;
import resguardo.core.Texts;

/**
 * A piece of HTML. It is made of templates that stand in this program as constants (the compiler
 * sees to that), and of arguments, which are text whatever they hold: a name of a file cannot
 * become markup.
 */
final class Markup {
  /** Nothing. */
  static final Markup NONE = new Markup("");

  private static final String PLACE = "{}";

  private final String html;

  private Markup(String html) {
    this.html = html;
  }

  /**
   * A template with its arguments.
   *
   * @param template with {@code {}} at each place of an argument, between tags or between the
   *     quotes of an attribute that is no address and no style
   * @param arguments put in as they are where they are markup, or a list of it; all else is text
   * @throws IllegalArgumentException when there are more or fewer of them than places
   */
  static Markup of(@CompileTimeConstant final String template, Object... arguments) {
    StringBuilder out = new StringBuilder(template.length() * 2);
    int from = 0;
    for (Object argument : arguments) {
      int place = template.indexOf(PLACE, from);
      if (place < 0) {
        throw new IllegalArgumentException("more arguments than places: " + template);
      }
      out.append(template, from, place);
      append(out, argument);
      from = place + PLACE.length();
    }
    if (template.indexOf(PLACE, from) >= 0) {
      throw new IllegalArgumentException("fewer arguments than places: " + template);
    }
    return new Markup(out.append(template, from, template.length()).toString());
  }

  private static void append(StringBuilder out, Object argument) {
    if (argument instanceof Markup markup) {
      out.append(markup.html);
    } else if (argument instanceof Iterable<?> many) {
      many.forEach(one -> append(out, one));
    } else {
      escape(out, Texts.whole(String.valueOf(argument)));
    }
  }

  /** Text of several lines, which stay lines: for a text area. */
  static Markup lines(String text) {
    StringBuilder out = new StringBuilder(text.length() + 1);
    // A text area leaves out a first newline.
    out.append('\n');
    text.lines().forEach(line -> escape(out, Texts.whole(line) + "\n"));
    return new Markup(out.toString());
  }

  /** One, or nothing. */
  static Markup when(boolean shown, Markup markup) {
    return shown ? markup : NONE;
  }

  private static void escape(StringBuilder out, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
  }

  @Override
  public String toString() {
    return html;
  }
}
