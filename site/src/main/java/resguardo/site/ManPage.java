package resguardo.site;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A manual page of docs/man as HTML. It knows what those are made of: the macros TH, SH, PP, TP, nf
 * and fi, and words in bold and italics. Anything else is an error, so that nothing is left out.
 */
final class ManPage {
  private static final Pattern REFERENCE = Pattern.compile("<b>(resguardo-[a-z-]+)</b>\\(1\\)");

  private final StringBuilder out = new StringBuilder();
  private final StringBuilder words = new StringBuilder();
  private final List<Page.Section> outline = new ArrayList<>();
  private String title = "";
  private String open = "";
  private boolean term;
  private boolean name;

  private ManPage() {}

  /** The page of this file. */
  static Page page(String source, String target, String roff) {
    ManPage made = new ManPage();
    roff.lines().forEach(made::line);
    made.close("");
    return new Page(
        source,
        target,
        made.title,
        made.out.toString(),
        made.outline,
        List.of(new Page.Words("", made.title, made.words.toString())));
  }

  private void line(String line) {
    if (line.startsWith(".\\\"")) {
      return;
    }
    if (!line.startsWith(".")) {
      text(line);
    } else if (line.startsWith(".TH ")) {
      title = line.split(" ")[1].toLowerCase(Locale.ROOT);
      out.append("<h1>").append(Escape.html(title)).append("</h1>\n");
    } else if (line.startsWith(".SH ")) {
      close("");
      section(line.substring(4));
    } else {
      macro(line);
    }
  }

  private void macro(String line) {
    switch (line) {
      case ".PP" -> {
        close("p");
        out.append("<p>");
      }
      case ".TP" -> {
        if (!open.equals("dl")) {
          close("dl");
          out.append("<dl>\n");
        } else {
          out.append("</dd>\n");
        }
        term = true;
      }
      case ".nf" -> {
        close("pre");
        out.append("<div class=\"code\"><pre tabindex=\"0\"><code>");
      }
      case ".fi" -> close("");
      default -> throw new IllegalArgumentException("No macro that is known: " + line);
    }
  }

  private void section(String heading) {
    name = heading.equals("NAME");
    if (!name) {
      String shown = heading.charAt(0) + heading.substring(1).toLowerCase(Locale.ROOT);
      String anchor = Markdown.slug(heading);
      outline.add(new Page.Section(2, anchor, shown));
      out.append(Html.heading(2, anchor, Escape.html(shown)));
    }
  }

  private void text(String line) {
    String shown = formatted(line);
    words.append(plain(line).replaceAll("\\\\f[BIR]", "")).append(' ');
    if (name) {
      out.append("<p class=\"lead\">").append(shown.replaceFirst("^\\S+ - ", "")).append(".</p>\n");
    } else if (term) {
      term = false;
      out.append("<dt>").append(linked(shown)).append("</dt>\n<dd>");
    } else {
      out.append(shown).append('\n');
    }
  }

  private void close(String next) {
    switch (open) {
      case "p" -> out.append("</p>\n");
      case "dl" -> out.append("</dd>\n</dl>\n");
      case "pre" -> out.append("</code></pre></div>\n");
      default -> {}
    }
    open = next;
  }

  private static String linked(String shown) {
    return REFERENCE.matcher(shown).replaceAll("<a href=\"$1.html\"><b>$1</b></a>");
  }

  private static String plain(String roff) {
    return roff.replaceFirst("^\\\\&", "").replace("\\-", "-").replace("\\e", "\\");
  }

  private static String formatted(String roff) {
    return Escape.html(plain(roff))
        .replaceAll("\\\\fB(.*?)\\\\fR", "<b>$1</b>")
        .replaceAll("\\\\fI(.*?)\\\\fR", "<i>$1</i>");
  }
}
