package resguardo.site;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Where in the site each file of the repository lies that a page may lead to. */
final class Targets {
  private final Path project;
  private final Map<String, String> pages = new LinkedHashMap<>();

  /** Files that are no pages and that a page leads to: they are brought along as they are. */
  private final TreeSet<String> files = new TreeSet<>();

  Targets(Path project) {
    this.project = project;
  }

  /** A page for this file or folder. */
  void page(Path source) {
    String name = source.toString().replace('\\', '/');
    String path =
        name.equals("README.md") ? "overview.md" : name.replaceFirst("^docs/", "").strip();
    if (Files.isDirectory(project.resolve(source))) {
      pages.put(name, path + "/index.html");
      pages.put(name + "/README.md", path + "/index.html");
    } else {
      pages.put(
          name, path.replaceFirst("\\.(md|1)$", "").toLowerCase(java.util.Locale.ROOT) + ".html");
    }
  }

  /** The contents themselves. */
  void home() {
    pages.put("docs/README.md", "index.html");
    pages.put("docs", "index.html");
  }

  /** The page of a file, if it has one. */
  @Nullable String ofPage(String source) {
    return pages.get(source);
  }

  /**
   * What a link of a page becomes.
   *
   * @param from the file that has it
   * @param link as it is written there
   */
  String resolve(Page from, String link) {
    if (link.startsWith("#") || link.matches("[a-z]+:.*")) {
      return link;
    }
    int hash = link.indexOf('#');
    String anchor = hash < 0 ? "" : link.substring(hash);
    Path base = Path.of(from.source());
    if (!Files.isDirectory(project.resolve(base))) {
      base = base.getParent() == null ? Path.of("") : base.getParent();
    }
    Path aim = base.resolve(hash < 0 ? link : link.substring(0, hash)).normalize();
    String name = aim.toString().replace('\\', '/');
    String page = pages.get(name);
    if (page != null) {
      return from.to(page) + anchor;
    }
    if (Files.isRegularFile(project.resolve(aim))) {
      files.add(name);
      return from.to("files/" + name) + anchor;
    }
    throw new IllegalArgumentException(
        from.source() + " leads to " + link + ", which is neither a page nor a file.");
  }

  /** The files that are to lie below {@code files/}. */
  TreeSet<String> files() {
    return files;
  }
}
