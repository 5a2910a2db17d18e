package resguardo.site;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.commonmark.node.Code;
import org.commonmark.node.Image;
import org.commonmark.node.Link;

/**
 * Finds what leads nowhere in the Markdown of a repository, as GitHub shows it: links to files that
 * are not there, to anchors that no heading has, and names of Markdown files, as {@code
 * `docs/design.md`}. Addresses of other hosts are not asked for: that would need a network.
 */
public final class LinkCheck {
  /** Not of the repository: what is built, and what tools keep there. */
  private static final Set<String> LEFT_OUT = Set.of("target", ".git", ".local", "node_modules");

  private static final Pattern NAMED = Pattern.compile("[\\w./-]+\\.md");
  private static final Pattern OTHER_HOST = Pattern.compile("(https?|mailto):.+");

  private final Path project;
  private final Map<Path, Set<String>> anchors = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  private LinkCheck(Path project) {
    this.project = project;
  }

  /** What leads nowhere, a sentence each. */
  public static List<String> problems(Path project) throws IOException {
    LinkCheck check = new LinkCheck(project);
    for (Path file : files(project)) {
      check.look(file);
    }
    return check.problems;
  }

  /** All Markdown of the repository. */
  public static List<Path> files(Path project) throws IOException {
    List<Path> found = new ArrayList<>();
    collect(project, found);
    return found;
  }

  private static void collect(Path folder, List<Path> found) throws IOException {
    List<Path> there;
    try (Stream<Path> files = Files.list(folder)) {
      there = files.sorted().toList();
    }
    for (Path file : there) {
      String name = file.getFileName().toString();
      if (Files.isDirectory(file) && !LEFT_OUT.contains(name)) {
        collect(file, found);
      } else if (name.endsWith(".md")) {
        found.add(file);
      }
    }
  }

  private void look(Path file) throws IOException {
    Markdown markdown = Markdown.read(file);
    for (Link link : Markdown.all(markdown.document(), Link.class)) {
      follow(file, link.getDestination());
    }
    for (Image image : Markdown.all(markdown.document(), Image.class)) {
      follow(file, image.getDestination());
    }
    for (Code code : Markdown.all(markdown.document(), Code.class)) {
      named(file, code.getLiteral());
    }
  }

  private void follow(Path file, String destination) throws IOException {
    if (OTHER_HOST.matcher(destination).matches()) {
      return;
    }
    int hash = destination.indexOf('#');
    String path = hash < 0 ? destination : destination.substring(0, hash);
    Path aim = path.isEmpty() ? file : file.resolveSibling(decoded(path)).normalize();
    if (!Files.exists(aim)
        || !aim.toAbsolutePath().normalize().startsWith(project.toAbsolutePath().normalize())) {
      problems.add(name(file) + " leads to " + destination + ", which is not there.");
    } else if (hash >= 0 && !anchorsOf(aim).contains(decoded(destination.substring(hash + 1)))) {
      problems.add(name(file) + " leads to " + destination + ": there is no such heading.");
    }
  }

  /** With a folder in front it is meant from the top of the repository on, or from the file's. */
  private void named(Path file, String name) {
    if (NAMED.matcher(name).matches()
        && name.contains("/")
        && !Files.exists(project.resolve(name))
        && !Files.exists(file.resolveSibling(name))) {
      problems.add(name(file) + " names " + name + ", which is not there.");
    }
  }

  private Set<String> anchorsOf(Path file) throws IOException {
    if (!file.toString().endsWith(".md")) {
      return Set.of();
    }
    Set<String> known = anchors.get(file);
    if (known == null) {
      known = Set.copyOf(Markdown.read(file).anchors().values());
      anchors.put(file, known);
    }
    return known;
  }

  private String name(Path file) {
    return project.relativize(file).toString();
  }

  private static String decoded(String part) {
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
