package resguardo.console;

import java.util.ArrayList;
import java.util.List;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;

/** The way from a registered path to what is shown of it. */
final class Crumbs {
  /** So many of the last are shown: a node may have folders in each other without end. */
  static final int MOST = 20;

  private Crumbs() {}

  /** To an entry of a version. */
  static Markup of(RegistrationKey key, Serial serial, RawPath name) {
    RawPath root = key.path().memberName();
    int above = root.components().size();
    List<RawPath> parts = name.components();
    int shown = Math.max(above, parts.size() - MOST);
    List<Markup> links = new ArrayList<>();
    links.add(crumb(key, serial, root, key.path().text(), parts.size() <= above));
    if (shown > above) {
      links.add(Markup.of("<li>…</li>"));
    }
    RawPath at = root;
    for (int i = above; i < parts.size(); i++) {
      at = at.resolve(parts.get(i));
      if (i >= shown) {
        links.add(crumb(key, serial, at, parts.get(i).text(), i == parts.size() - 1));
      }
    }
    return Markup.of("<nav class=\"crumbs\" aria-label=\"Folders\"><ol>{}</ol></nav>", links);
  }

  private static Markup crumb(
      RegistrationKey key, Serial serial, RawPath name, String text, boolean last) {
    String shown = Paths.shown(text);
    return last
        ? Markup.of("<li aria-current=\"location\">{}</li>", shown)
        : Markup.of("<li><a href=\"{}\">{}</a></li>", FilesPage.at(key, serial, name), shown);
  }
}
