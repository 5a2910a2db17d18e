package resguardo.site;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The documentation of a project as files that a browser reads without a network. */
public final class Site {
  private static final List<String> ASSETS = List.of("style.css", "site.js", "icon.svg");

  private final Path project;
  private final Contents contents;
  private final Targets targets;

  private Site(Path project, Contents contents) {
    this.project = project;
    this.contents = contents;
    this.targets = new Targets(project);
  }

  /**
   * The site of the project in this folder.
   *
   * @throws IllegalArgumentException the contents name a file that is not there
   */
  public static Site of(Path project) throws IOException {
    return new Site(project, Contents.read(project));
  }

  /**
   * Writes it, in place of what this folder had of an older one.
   *
   * @return how many pages it has
   * @throws IllegalArgumentException a page leads to something that is not there, or has something
   *     that cannot be shown
   */
  public int write(Path folder) throws IOException {
    targets.home();
    contents.entries().forEach(entry -> targets.page(entry.source()));
    List<Page> pages = new ArrayList<>();
    pages.add(page(Contents.FILE));
    for (Contents.Entry entry : contents.entries()) {
      pages.add(page(entry.source()));
    }
    empty(folder);
    Template template = new Template(contents, pages);
    for (Page page : pages) {
      put(folder.resolve(page.target()), template.html(page));
    }
    put(folder.resolve("search.js"), SearchIndex.script(pages));
    for (String asset : ASSETS) {
      put(folder.resolve(asset), resource(asset));
    }
    for (String file : targets.files()) {
      Path to = folder.resolve("files").resolve(file);
      Files.createDirectories(Objects.requireNonNull(to.getParent()));
      Files.copy(project.resolve(file), to);
    }
    return pages.size();
  }

  private Page page(Path source) throws IOException {
    String name = source.toString().replace('\\', '/');
    String target = Objects.requireNonNull(targets.ofPage(name));
    Path file = project.resolve(source);
    try {
      if (name.endsWith(".1")) {
        return ManPage.page(name, target, Files.readString(file));
      }
      Markdown markdown =
          Files.isDirectory(file) ? Markdown.of(Folders.markdown(file, name)) : Markdown.read(file);
      if (source.equals(Contents.FILE)) {
        Contents.asCards(markdown);
      }
      return new Html(targets).page(name, target, markdown);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static void put(Path file, String text) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Site.class.getResourceAsStream(name)) {
      return new String(
          Objects.requireNonNull(in).readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  /** Only what is a site is removed: a folder of something else is left alone. */
  private static void empty(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> all = files.sorted(java.util.Comparator.reverseOrder()).toList();
      if (all.size() > 1 && !Files.exists(folder.resolve("search.js"))) {
        throw new IllegalArgumentException(folder + " has something else than a site in it.");
      }
      for (Path file : all) {
        Files.delete(file);
      }
    }
  }
}
