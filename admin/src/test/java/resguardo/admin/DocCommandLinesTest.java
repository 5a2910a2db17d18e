package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Each command of the documentation that begins a line is one that this program takes. */
class DocCommandLinesTest {
  private static final Pattern COMMAND =
      Pattern.compile("^ *(?:\\$ )?(?:bin/admin|resguardo-admin) ([a-z][^|>;&#]*?) *$");

  /** Quoted, or up to the next space. */
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

  private static List<String> commands() throws IOException {
    List<Path> files = new ArrayList<>(List.of(Path.of("../README.md"), Path.of("../SECURITY.md")));
    try (Stream<Path> docs = Files.walk(Path.of("../docs"))) {
      docs.filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.toString().contains("decisions"))
          .forEach(files::add);
    }
    List<String> found = new ArrayList<>();
    for (Path file : files) {
      for (String line : Files.readAllLines(file)) {
        Matcher matcher = COMMAND.matcher(line.replaceFirst(" +# .*", ""));
        if (matcher.matches()) {
          found.add(matcher.group(1));
        }
      }
    }
    return found;
  }

  static String[] words(String command) {
    return WORD.matcher(command)
        .results()
        .map(
            word ->
                word.group(1) != null
                    ? word.group(1)
                    : word.group(2) != null ? word.group(2) : word.group(3))
        .toArray(String[]::new);
  }

  /** Options have to be there; what is shortened to … or put in by a shell is no value. */
  static String problem(String command) {
    if (command.contains("…") || command.contains("$")) {
      return "";
    }
    String[] words = words(command.replace("~/", "/home/you/"));
    try {
      Main.commandLine(words).parseArgs(words);
      return "";
    } catch (CommandLine.ParameterException e) {
      return command + ": " + e.getMessage();
    }
  }

  @Test
  void eachCommandIsTaken() throws IOException {
    assertThat(commands()).hasSizeGreaterThan(60);
    assertThat(commands().stream().map(DocCommandLinesTest::problem).filter(p -> !p.isEmpty()))
        .isEmpty();
  }

  @Test
  void oneWithAnOptionThatIsNotThereIsNoticed() {
    assertThat(problem("list --no-such-option")).isNotEmpty();
    assertThat(problem("history --node alpha")).as("--path is left out").isNotEmpty();
  }
}
