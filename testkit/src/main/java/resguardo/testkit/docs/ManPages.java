package resguardo.testkit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * The manual pages in docs/man, which are made of what the commands of a program say of themselves.
 */
public final class ManPages {
  private static final Path FOLDER = Path.of("..", "docs", "man");
  private static final String END = ".1";

  private ManPages() {}

  /**
   * Holds the pages of a program against what it says now. With -Dresguardo.docs=write they are
   * written anew before. Called from the folder of a module.
   *
   * @param program its name is that of the command, and the first word of each page's after {@code
   *     resguardo-}
   */
  public static void hold(CommandLine program) throws IOException {
    String name = "resguardo-" + program.getCommandName();
    Map<String, String> pages = ManPage.all(program);
    if ("write".equals(System.getProperty("resguardo.docs"))) {
      write(name, pages);
    }
    assertThat(there(name))
        .as("written anew with -Dresguardo.docs=write -Dtest=ManPageDocTest")
        .isEqualTo(pages);
  }

  private static void write(String name, Map<String, String> pages) throws IOException {
    Files.createDirectories(FOLDER);
    for (String old : there(name).keySet()) {
      Files.delete(FOLDER.resolve(old + END));
    }
    for (Map.Entry<String, String> page : pages.entrySet()) {
      Files.writeString(FOLDER.resolve(page.getKey() + END), page.getValue());
    }
  }

  private static Map<String, String> there(String name) throws IOException {
    Map<String, String> there = new TreeMap<>();
    if (Files.isDirectory(FOLDER)) {
      try (Stream<Path> files = Files.list(FOLDER)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          String page = file.getFileName().toString().replaceFirst("\\.1$", "");
          if (page.equals(name) || page.startsWith(name + "-")) {
            there.put(page, Files.readString(file));
          }
        }
      }
    }
    return there;
  }
}
