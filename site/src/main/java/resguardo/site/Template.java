package resguardo.site;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What is around each page: the head, the list of pages, its sections, and what is next. */
final class Template {
  private static final String NAME = "Resguardo";

  private final Contents contents;
  private final List<Page> pages;
  private final Map<String, Page> bySource = new HashMap<>();

  Template(Contents contents, List<Page> pages) {
    this.contents = contents;
    this.pages = pages;
    pages.forEach(page -> bySource.put(page.source(), page));
  }

  /** The whole page. */
  String html(Page page) {
    boolean home = page.target().equals("index.html");
    String title = home ? NAME + ": documentation" : page.title() + " – " + NAME;
    return String.join(
        "\n",
        "<!doctype html>",
        "<html lang=\"en\" data-root=\"" + page.to("") + "\">",
        "<head>",
        "<meta charset=\"utf-8\">",
        "<title>" + Escape.html(title) + "</title>",
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
        "<meta name=\"color-scheme\" content=\"light dark\">",
        "<link rel=\"icon\" href=\"" + page.to("icon.svg") + "\" type=\"image/svg+xml\">",
        "<link rel=\"stylesheet\" href=\"" + page.to("style.css") + "\">",
        "<script src=\"" + page.to("site.js") + "\" defer></script>",
        "</head>",
        "<body" + (home ? " class=\"home\"" : "") + ">",
        "<a class=\"skip\" href=\"#content\">Skip to the text</a>",
        header(page),
        "<div class=\"frame\">",
        list(page),
        "<main id=\"content\" tabindex=\"-1\">",
        "<article>",
        page.body(),
        "</article>",
        home ? "" : around(page),
        footer(page),
        "</main>",
        outline(page),
        "</div>",
        "</body>",
        "</html>",
        "");
  }

  private static String header(Page page) {
    return "<header class=\"top\"><a class=\"name\" href=\""
        + page.to("index.html")
        + "\"><img src=\""
        + page.to("icon.svg")
        + "\" alt=\"\" width=\"26\" height=\"26\"> "
        + NAME
        + "</a><form role=\"search\" hidden><label class=\"unseen\" for=\"search\">Search</label>"
        + "<input id=\"search\" type=\"search\" placeholder=\"Search\" autocomplete=\"off\" role=\"combobox\""
        + " aria-expanded=\"false\" aria-controls=\"found\" aria-autocomplete=\"list\">"
        + "<ul id=\"found\" role=\"listbox\" aria-label=\"Found\" hidden></ul></form>"
        + "<a class=\"menu\" href=\"#pages\">Pages</a></header>";
  }

  private String list(Page page) {
    StringBuilder out =
        new StringBuilder("<nav id=\"pages\" class=\"pages\" aria-label=\"Pages\">");
    out.append("<a class=\"close\" href=\"#content\">Close the list</a>");
    for (Contents.Section section : contents.sections()) {
      out.append("<h2>").append(Escape.html(section.title())).append("</h2><ul>");
      for (Contents.Entry entry : section.entries()) {
        if (!entry.hidden()) {
          out.append("<li>").append(link(page, source(entry.source()), entry.label(), ""));
          below(page, section, entry.source(), out);
          out.append("</li>");
        }
      }
      out.append("</ul>");
    }
    return out.append("</nav>").toString();
  }

  /** What is in a folder is listed on the pages of that folder. */
  private void below(Page page, Contents.Section section, Path folder, StringBuilder out) {
    if (!page.source().startsWith(source(folder) + "/")) {
      return;
    }
    out.append("<ul>");
    for (Contents.Entry entry : section.entries()) {
      if (entry.hidden() && folder.equals(entry.source().getParent())) {
        String label = of(source(entry.source())).title().replace("resguardo-admin-", "");
        out.append("<li>").append(link(page, source(entry.source()), label, "")).append("</li>");
      }
    }
    out.append("</ul>");
  }

  private static String source(Path path) {
    return path.toString().replace('\\', '/');
  }

  private Page of(String source) {
    return Objects.requireNonNull(bySource.get(source));
  }

  private String link(Page page, String source, String label, String more) {
    return "<a href=\""
        + page.to(of(source).target())
        + "\""
        + more
        + (page.source().equals(source) ? " aria-current=\"page\"" : "")
        + ">"
        + Escape.html(label)
        + "</a>";
  }

  private String around(Page page) {
    int at = pages.indexOf(page);
    StringBuilder out = new StringBuilder("<nav class=\"around\" aria-label=\"Before and after\">");
    if (at > 1) {
      Page before = pages.get(at - 1);
      out.append(link(page, before.source(), before.title(), " rel=\"prev\""));
    }
    if (at + 1 < pages.size()) {
      Page next = pages.get(at + 1);
      out.append(link(page, next.source(), next.title(), " rel=\"next\""));
    }
    return out.append("</nav>").toString();
  }

  private static String footer(Page page) {
    return "<footer>In the repository: <code>" + Escape.html(page.source()) + "</code></footer>";
  }

  private static String outline(Page page) {
    if (page.outline().size() < 2) {
      return "";
    }
    StringBuilder out =
        new StringBuilder(
            "<nav class=\"outline\" aria-label=\"On this page\"><h2>On this page</h2><ul>");
    for (Page.Section section : page.outline()) {
      out.append("<li class=\"level-").append(section.level()).append("\"><a href=\"#");
      out.append(section.anchor()).append("\">").append(Escape.html(section.title()));
      out.append("</a></li>");
    }
    return out.append("</ul></nav>").toString();
  }
}
