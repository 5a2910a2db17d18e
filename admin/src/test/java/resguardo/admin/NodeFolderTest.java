package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import resguardo.core.NodeName;
import resguardo.core.SourcePath;

class NodeFolderTest {
  @Test
  void aNodeAndAFolderAreApartAtTheFirstColonAndTheFolderMayHaveMore() {
    NodeFolder folder = NodeFolder.parse("beta:/srv/a:b c");
    assertThat(folder.node()).isEqualTo(new NodeName("beta"));
    assertThat(folder.folder()).isEqualTo(SourcePath.parse("/srv/a:b c"));
    assertThat(folder).hasToString("beta:/srv/a:b c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "beta", "/srv/a", ":/srv/a", "beta:", "beta:srv/a", "be ta:/srv/a"})
  void whatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> NodeFolder.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRestoreGoesToOneOfTheTwoPlacesAndNotToNeitherOrBoth() {
    assertThat(exit("--to", "x", "--to-node", "beta:/srv/a")).isEqualTo(2);
    assertThat(exit()).isEqualTo(2);
    assertThat(exit("--to-node", "beta")).isEqualTo(2);
  }

  private static int exit(String... where) {
    CommandLine line = Main.commandLine("restore");
    java.io.StringWriter err = new java.io.StringWriter();
    line.setErr(new java.io.PrintWriter(err));
    String[] words = new String[5 + where.length];
    System.arraycopy(
        new String[] {"restore", "--node", "alpha", "--path", "/srv/data"}, 0, words, 0, 5);
    System.arraycopy(where, 0, words, 5, where.length);
    int exit = line.execute(words);
    assertThat(err.toString()).contains("--to");
    return exit;
  }
}
