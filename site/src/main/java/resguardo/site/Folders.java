package resguardo.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What the page of a folder says: what is in it, by its README where it has one. */
final class Folders {
  /** Of these there is one page, and none of each file. */
  static final String CHANGES = "changelog/unreleased";

  private Folders() {}

  /** The page as Markdown. */
  static String markdown(Path folder, String name) throws IOException {
    if (name.equals(CHANGES)) {
      return changes(folder);
    }
    if (Files.exists(folder.resolve("README.md"))) {
      return Files.readString(folder.resolve("README.md"));
    }
    return name.endsWith("/man") ? manual(folder) : list(folder);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static String manual(Path folder) throws IOException {
    StringBuilder out = new StringBuilder("# Manual pages\n\n");
    out.append(
        "Made of what `bin/admin` says of itself; `bin/admin COMMAND --help` has the same.\n\n");
    out.append("| page | what the command does |\n| --- | --- |\n");
    for (Path file : files(folder)) {
      String[] lines = Files.readString(file).split("\n");
      String what = lines[3].replaceFirst("^.* \\\\- ", "").replace("\\-", "-").replace("|", "\\|");
      String page = file.getFileName().toString();
      out.append("| [").append(page.replace(".1", "")).append("](").append(page).append(") | ");
      out.append(what).append(" |\n");
    }
    return out.toString();
  }

  private static String list(Path folder) throws IOException {
    StringBuilder out =
        new StringBuilder(
            "# Decisions\n\nWhat was decided, and why, in the order of its time.\n\n");
    for (Path file : files(folder)) {
      out.append("- [").append(Markdown.read(file).title().replace("[", "\\["));
      out.append("](").append(file.getFileName()).append(")\n");
    }
    return out.toString();
  }

  /** Each line begins with its kind, as in {@code New: …}; lines that go on have none. */
  private static String changes(Path folder) throws IOException {
    Map<String, List<String>> kinds = new TreeMap<>();
    for (Path file : files(folder)) {
      List<String> current = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        if (line.matches("(New|Changed|Fixed|Security|Removed): .*")) {
          current = kinds.computeIfAbsent(line.replaceFirst(":.*", ""), kind -> new ArrayList<>());
          current.add("- " + line.replaceFirst("^\\w+: ", ""));
        } else if (!line.isBlank()) {
          current.add("  " + line.strip());
        }
      }
    }
    StringBuilder out = new StringBuilder("# What is new\n\nNot in a release yet.\n");
    kinds.forEach(
        (kind, lines) ->
            out.append("\n## ")
                .append(kind)
                .append("\n\n")
                .append(String.join("\n", lines))
                .append('\n'));
    return out.toString();
  }
}
