package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The threat model of SECURITY.md names tests that are there, and says where there is none. */
class SecurityDocTest {
  private static final Pattern NAME = Pattern.compile("`(\\w+(?:Test|Contract)\\.\\w+)`");

  private static List<String> rows() throws Exception {
    return Files.readAllLines(Path.of("../SECURITY.md")).stream()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| ---"))
        .skip(1)
        .toList();
  }

  @Test
  void eachTestThatIsNamedIsThere() throws Exception {
    List<String> named =
        rows().stream()
            .flatMap(row -> NAME.matcher(row).results().map(found -> found.group(1)))
            .toList();
    assertThat(named).hasSizeGreaterThan(20);
    assertThat(ReliabilityDocTest.tests()).containsAll(named);
  }

  @Test
  void aRowWithoutOneSaysThatItIsOpenOrWhereToLook() throws Exception {
    assertThat(rows())
        .allSatisfy(
            row ->
                assertThat(NAME.matcher(row).find() || row.contains("**open**"))
                    .as(row)
                    .isEqualTo(!row.endsWith("| see below |")));
  }
}
