package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.junit.jupiter.api.Test;
import resguardo.site.Markdown;

/** What docs/troubleshooting.md explains is still what the programs say. */
class TroubleshootingDocTest {
  private static final Path PROJECT = Path.of("..");

  /** A part of a message that is shorter could stand anywhere. */
  private static final int TELLING = 11;

  private static List<String> messages() throws IOException {
    List<String> found = new ArrayList<>();
    Markdown page = Markdown.read(PROJECT.resolve("docs/troubleshooting.md"));
    for (Heading heading : Markdown.all(page.document(), Heading.class)) {
      if (heading.getLevel() == 3) {
        found.add(Markdown.all(heading, Code.class).get(0).getLiteral());
      }
    }
    return found;
  }

  /** All that the programs are made of: Java, and the scripts that start it. */
  private static List<String> sources() throws IOException {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(PROJECT)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = PROJECT.relativize(file).toString();
        if (name.matches(".*/src/main/java/.*\\.java|bin/[a-z.-]+") && !name.startsWith("site/")) {
          sources.add(Files.readString(file));
        }
      }
    }
    return sources;
  }

  @Test
  void eachMessageIsInThePrograms() throws Exception {
    List<String> sources = sources();
    assertThat(messages())
        .hasSizeGreaterThan(30)
        .doesNotHaveDuplicates()
        .allSatisfy(message -> assertThat(said(sources, message)).as(message).isTrue());
  }

  @Test
  void aMessageThatNoProgramHasIsNoticed() throws Exception {
    assertThat(said(sources(), "the moon is in the wrong quarter: …")).isFalse();
  }

  /** Its parts stand in one file, and one of them is long enough to be no other's. */
  private static boolean said(List<String> sources, String message) {
    List<String> parts =
        Stream.of(message.split("…")).map(String::strip).filter(part -> !part.isEmpty()).toList();
    return parts.stream().anyMatch(part -> part.length() >= TELLING)
        && sources.stream().anyMatch(source -> parts.stream().allMatch(source::contains));
  }
}
