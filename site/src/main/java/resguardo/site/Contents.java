package resguardo.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.commonmark.node.Heading;
import org.commonmark.node.Link;
import org.commonmark.node.ListItem;
import org.commonmark.node.Node;
import org.commonmark.node.Text;

/**
 * What pages there are and in which order: the headings and links of docs/README.md, which is also
 * what GitHub shows of that folder. A link to a folder stands for all that is in it.
 */
record Contents(List<Section> sections) {
  /** The file that has it. */
  static final Path FILE = Path.of("docs/README.md");

  /** A heading and what is below it. */
  record Section(String title, List<Entry> entries) {}

  /**
   * A page, or a folder of pages.
   *
   * @param source its file, relative to the project
   * @param label what the link says
   * @param hidden it has a page, which the list of its folder has a link to, and no other list
   */
  record Entry(Path source, String label, boolean hidden) {}

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException a link leads to no file of the project
   */
  static Contents read(Path project) throws IOException {
    List<Section> sections = new ArrayList<>();
    Markdown markdown = Markdown.read(project.resolve(FILE));
    for (Node node = markdown.document().getFirstChild(); node != null; node = node.getNext()) {
      if (node instanceof Heading heading && heading.getLevel() == 2) {
        sections.add(new Section(Markdown.text(heading), new ArrayList<>()));
      } else if (!sections.isEmpty()) {
        List<Entry> entries = sections.get(sections.size() - 1).entries();
        for (ListItem item : Markdown.all(node, ListItem.class)) {
          Markdown.all(item, Link.class).stream()
              .limit(1)
              .forEach(link -> add(project, link, entries));
        }
      }
    }
    return new Contents(sections);
  }

  private static void add(Path project, Link link, List<Entry> entries) {
    String target = link.getDestination();
    Path source = Path.of("docs").resolve(target.replaceFirst("#.*", "")).normalize();
    if (!Files.exists(project.resolve(source))) {
      throw new IllegalArgumentException(FILE + " names " + target + ", which is not there.");
    }
    entries.add(new Entry(source, Markdown.text(link), false));
    if (Files.isDirectory(project.resolve(source)) && !source.equals(Path.of(Folders.CHANGES))) {
      below(project, source).forEach(file -> entries.add(new Entry(file, "", true)));
    }
  }

  private static List<Path> below(Path project, Path folder) {
    try (Stream<Path> files = Files.list(project.resolve(folder))) {
      return files
          .filter(file -> file.toString().matches(".*\\.(md|1)"))
          .filter(file -> !file.endsWith("README.md"))
          .map(file -> folder.resolve(file.getFileName()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** What follows a link begins a line of its own there: it needs no colon. */
  static void asCards(Markdown markdown) {
    for (ListItem item : Markdown.all(markdown.document(), ListItem.class)) {
      Markdown.all(item, Text.class).stream()
          .filter(text -> text.getPrevious() instanceof Link)
          .forEach(text -> text.setLiteral(text.getLiteral().replaceFirst("^: ", "")));
    }
  }

  /** All entries, in the order that they are read in. */
  List<Entry> entries() {
    return sections.stream().flatMap(section -> section.entries().stream()).toList();
  }
}
