package resguardo.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site of this repository, as it is written. */
class SiteTest {
  private static final Path PROJECT = Path.of("..");
  @TempDir private static Path folder;

  @BeforeAll
  static void write() throws Exception {
    Site.of(PROJECT).write(folder);
  }

  private static List<Path> pages() throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".html")).sorted().toList();
    }
  }

  private static Document read(Path page) throws Exception {
    return Jsoup.parse(page, "UTF-8");
  }

  @Test
  void everyLinkLeadsToAFileOfTheSiteAndToAnAnchorThatIsThere() throws Exception {
    List<String> dead = new ArrayList<>();
    int followed = 0;
    for (Path page : pages()) {
      for (Element element : read(page).select("[href], [src]")) {
        String to = element.hasAttr("href") ? element.attr("href") : element.attr("src");
        if (!to.matches("https?:.*")) {
          followed++;
          if (!leadsSomewhere(page, to)) {
            dead.add(folder.relativize(page) + " -> " + to);
          }
        }
      }
    }
    assertThat(dead).isEmpty();
    assertThat(followed).isGreaterThan(1000);
  }

  private static boolean leadsSomewhere(Path page, String to) throws Exception {
    String path = to.replaceFirst("#.*", "");
    Path aim = path.isEmpty() ? page : page.resolveSibling(path).normalize();
    if (!Files.isRegularFile(aim) || !aim.startsWith(folder)) {
      return false;
    }
    return !to.contains("#") || read(aim).getElementById(to.replaceFirst(".*#", "")) != null;
  }

  /** Pages are read from a disk, in a train: nothing is loaded from elsewhere. */
  @Test
  void nothingIsLoadedFromAnotherHost() throws Exception {
    for (Path page : pages()) {
      assertThat(read(page).select("[src], link[href]"))
          .allSatisfy(
              element ->
                  assertThat(element.attr("src") + element.attr("href"))
                      .doesNotContain(":")
                      .doesNotStartWith("/"));
    }
    assertThat(Files.readString(folder.resolve("style.css")))
        .doesNotContain("url(", "@import", "http");
    assertThat(Files.readString(folder.resolve("site.js")))
        .doesNotContain("http", "fetch(", "XMLHttpRequest", "innerHTML", "eval(");
  }

  @Test
  void everyPageCanBeReadWithoutEyesAndWithoutAMouse() throws Exception {
    for (Path file : pages()) {
      Document page = read(file);
      String name = file.toString();
      assertThat(page.select("html[lang]")).as(name).hasSize(1);
      assertThat(page.title()).as(name).isNotBlank();
      assertThat(page.select("h1")).as(name).hasSize(1);
      assertThat(page.select("main")).as(name).hasSize(1);
      assertThat(page.select("a.skip[href=#content]")).as(name).hasSize(1);
      assertThat(page.select("img:not([alt])")).as(name).isEmpty();
      assertThat(page.select("nav:not([aria-label])")).as(name).isEmpty();
      assertThat(page.select("pre:not([tabindex])")).as(name).isEmpty();
      assertThat(page.select("a").eachText()).as(name).doesNotContain("here", "this");
      assertThat(levels(page)).as(name).isEmpty();
      assertThat(repeated(page)).as(name).isEmpty();
    }
  }

  /** Headings in the text that are more than one level below the one before. */
  private static List<String> levels(Document page) {
    List<String> found = new ArrayList<>();
    int before = 0;
    for (Element heading : page.select("article :is(h1, h2, h3, h4, h5)")) {
      int level = heading.normalName().charAt(1) - '0';
      if (level > before + 1) {
        found.add(heading.text());
      }
      before = level;
    }
    return found;
  }

  private static List<String> repeated(Document page) {
    Set<String> seen = new HashSet<>();
    return page.select("[id]").stream().map(Element::id).filter(id -> !seen.add(id)).toList();
  }

  @Test
  void everyPageOfTheDocumentationIsInTheContents() throws Exception {
    Contents contents = Contents.read(PROJECT);
    List<Path> listed = contents.entries().stream().map(Contents.Entry::source).toList();
    try (Stream<Path> files = Files.walk(PROJECT.resolve("docs"))) {
      assertThat(
              files
                  .map(PROJECT::relativize)
                  .filter(file -> file.toString().matches(".*\\.(md|1)"))
                  .filter(file -> !file.endsWith("README.md")))
          .isNotEmpty()
          .allSatisfy(file -> assertThat(listed).contains(file));
    }
  }

  @Test
  void theSearchKnowsTheSectionsOfAllPages() throws Exception {
    String index = Files.readString(folder.resolve("search.js"));
    for (Path page : pages()) {
      assertThat(index).contains("[\"" + folder.relativize(page) + "\"");
    }
    assertThat(index).contains("operating.html#retention-which-versions-are-kept");
  }

  @Test
  void aFolderOfSomethingElseIsNotEmptied(@TempDir Path other) throws Exception {
    Path file = Files.writeString(other.resolve("thesis.txt"), "mine");
    assertThatThrownBy(() -> Site.of(PROJECT).write(other))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(file).exists();
  }

  @Test
  void anOlderSiteIsReplaced(@TempDir Path other) throws Exception {
    Site.of(PROJECT).write(other);
    Path old = Files.writeString(other.resolve("old.html"), "old");
    Site.of(PROJECT).write(other);
    assertThat(old).doesNotExist();
    assertThat(other.resolve("index.html")).exists();
  }
}
