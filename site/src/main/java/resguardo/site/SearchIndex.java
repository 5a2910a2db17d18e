package resguardo.site;

import java.util.List;

/** What the search box looks through: a script, as a page from a disk may load nothing else. */
final class SearchIndex {
  private SearchIndex() {}

  static String script(List<Page> pages) {
    StringBuilder out = new StringBuilder("window.searchIndex = [\n");
    for (Page page : pages) {
      for (Page.Words words : page.words()) {
        String at = words.anchor().isEmpty() ? page.target() : page.target() + "#" + words.anchor();
        out.append('[').append(Escape.json(at)).append(',').append(Escape.json(page.title()));
        out.append(',').append(Escape.json(words.title())).append(',');
        out.append(Escape.json(words.text().replaceAll("\\s+", " "))).append("],\n");
      }
    }
    return out.append("];\n").toString();
  }
}
