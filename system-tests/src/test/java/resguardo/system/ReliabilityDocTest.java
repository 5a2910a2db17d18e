package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/reliability.md says what is survived and which test shows it; that test is there. With
 * {@code -Dresguardo.docs=write} the table is made anew.
 */
class ReliabilityDocTest {
  private static final Path PROJECT = Path.of("..");
  private static final Path DOC = PROJECT.resolve("docs/reliability.md");
  private static final String BEGIN =
      "<!-- made by ReliabilityDocTest with -Dresguardo.docs=write -->\n";
  private static final String END = "<!-- end -->\n";
  private static final Set<String> VERDICTS =
      Set.of("once", "refused", "waits", "reported", "archived");

  /** A method that JUnit or jqwik runs, or a contract has run. */
  private static final Pattern TEST =
      Pattern.compile(
          "@(?:Test|Property|ParameterizedTest)\\b[^;{}]*?(?:\\{[^}]*\\}[^;{}]*?)?\\bvoid (\\w+)\\(");

  private static final Path FAULTS = Path.of("src/test/resources/resguardo/system/faults.txt");

  /** All tests there are, as {@code Class.method}. */
  static Set<String> tests() throws IOException {
    try (Stream<Path> files = Files.walk(PROJECT)) {
      return files
          .filter(
              file -> file.toString().matches(".*/src/(test|main)/java/.*(Test|Contract)\\.java"))
          .flatMap(ReliabilityDocTest::testsOf)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static Stream<String> testsOf(Path file) {
    String name = file.getFileName().toString().replace(".java", "");
    try {
      Matcher matcher = TEST.matcher(Files.readString(file));
      List<String> found = new ArrayList<>();
      while (matcher.find()) {
        found.add(name + "." + matcher.group(1));
      }
      return found.stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String table(Set<String> tests) throws IOException {
    StringBuilder out = new StringBuilder();
    for (String line : Files.readAllLines(FAULTS)) {
      if (line.startsWith("= ")) {
        out.append("\n## ").append(line.substring(2)).append("\n\n");
        out.append("| what happens | verdict | shown by |\n| --- | --- | --- |\n");
      } else if (!line.isBlank() && !line.startsWith("#")) {
        out.append(row(line, tests));
      }
    }
    return out.append('\n').toString();
  }

  private static String row(String line, Set<String> tests) {
    String[] parts = line.split(" \\| ");
    assertThat(parts).as(line).hasSize(3);
    assertThat(VERDICTS).contains(parts[1]);
    if (parts[2].startsWith("- ")) {
      return String.format("| %s | (%s) | %s |%n", parts[0], parts[1], parts[2].substring(2));
    }
    List<String> shown = List.of(parts[2].split(", "));
    assertThat(tests).as(line).containsAll(shown);
    String names = shown.stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "));
    return String.format("| %s | %s | %s |%n", parts[0], parts[1], names);
  }

  @Test
  void theTableIsThatOfTheTests() throws Exception {
    String doc = Files.readString(DOC);
    int begin = doc.indexOf(BEGIN) + BEGIN.length();
    int end = doc.indexOf(END);
    String made = doc.substring(0, begin) + table(tests()) + doc.substring(end);
    if ("write".equals(System.getProperty("resguardo.docs"))) {
      Files.writeString(DOC, made);
    }
    assertThat(Files.readString(DOC)).isEqualTo(made);
  }
}
