package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The manual pages in docs/man are made of what the commands say of themselves. With
 * -Dresguardo.docs=write they are written anew.
 */
class ManPageDocTest {
  private static final Path FOLDER = Path.of("..", "docs", "man");

  @Test
  void thePagesAreThoseOfTheCommands() throws IOException {
    Map<String, String> pages = ManPage.all(Main.commandLine());
    if ("write".equals(System.getProperty("resguardo.docs"))) {
      write(pages);
    }
    assertThat(there())
        .as("written anew with -Dresguardo.docs=write -Dtest=ManPageDocTest")
        .isEqualTo(pages);
  }

  private static void write(Map<String, String> pages) throws IOException {
    Files.createDirectories(FOLDER);
    for (String old : there().keySet()) {
      Files.delete(FOLDER.resolve(old + ".1"));
    }
    for (Map.Entry<String, String> page : pages.entrySet()) {
      Files.writeString(FOLDER.resolve(page.getKey() + ".1"), page.getValue());
    }
  }

  private static Map<String, String> there() throws IOException {
    Map<String, String> there = new TreeMap<>();
    if (Files.isDirectory(FOLDER)) {
      try (Stream<Path> files = Files.list(FOLDER)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          String name = file.getFileName().toString();
          there.put(name.substring(0, name.length() - ".1".length()), Files.readString(file));
        }
      }
    }
    return there;
  }
}
