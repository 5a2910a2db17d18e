package resguardo.site;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A block of code as HTML: prompts, what was typed, what was printed, and comments look unlike. */
final class CodeBlock {
  /** A # that stands at the beginning or after a space, up to the end of the line. */
  private static final Pattern COMMENT = Pattern.compile("(?<=^|\\s)#(?=\\s|$).*");

  private CodeBlock() {}

  /**
   * The block.
   *
   * @param info what stands behind the fence; empty where there is none
   */
  static String html(String info, String literal) {
    String language = info.strip().replaceFirst("\\s.*", "");
    String why = Consoles.notRun(info);
    if (language.equals("mermaid")) {
      return LineChart.html(literal);
    }
    StringBuilder out = new StringBuilder("<div class=\"code\"");
    if (language.equals("console")) {
      out.append(" data-console");
    }
    out.append("><pre tabindex=\"0\"><code>");
    literal.lines().forEach(line -> out.append(line(language, line)).append('\n'));
    out.append("</code></pre>");
    if (!why.isEmpty()) {
      out.append("<p class=\"not-run\">Not run by the tests: ")
          .append(Escape.html(why))
          .append(".</p>");
    }
    return out.append("</div>\n").toString();
  }

  private static String line(String language, String line) {
    if (language.equals("console")) {
      for (String prompt : new String[] {"$ ", "> "}) {
        if (line.startsWith(prompt)) {
          return "<span class=\"prompt\">"
              + Escape.html(prompt)
              + "</span><span class=\"typed\">"
              + commented(line.substring(2))
              + "</span>";
        }
      }
      return "<span class=\"printed\">" + Escape.html(line) + "</span>";
    }
    return language.matches("|sh|bash|yaml|ini|toml") ? commented(line) : Escape.html(line);
  }

  private static String commented(String line) {
    Matcher matcher = COMMENT.matcher(line);
    if (!matcher.find()) {
      return Escape.html(line);
    }
    return Escape.html(line.substring(0, matcher.start()))
        + "<span class=\"comment\">"
        + Escape.html(line.substring(matcher.start()))
        + "</span>";
  }
}
