package resguardo.site;

import java.util.List;

/**
 * A page as it is shown.
 *
 * @param source its file, relative to the project, with slashes
 * @param target where it lies in the site, with slashes
 * @param title what it is called
 * @param body HTML of what it says
 * @param outline its sections, from first to last
 * @param words what can be found of it, without form
 */
record Page(
    String source,
    String target,
    String title,
    String body,
    List<Section> outline,
    List<Words> words) {
  /** A heading of the second or third level. */
  record Section(int level, String anchor, String title) {}

  /** The text below a heading; an empty anchor is the top of the page. */
  record Words(String anchor, String title, String text) {}

  /** The way from this page to another file of the site. */
  String to(String other) {
    return "../".repeat((int) target.chars().filter(c -> c == '/').count()) + other;
  }
}
