package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Help.Ansi;

class PaintTest {
  private static final List<String> HEAD = List.of("NODE", "OUTCOME", "AGENT");
  private static final List<List<String>> ROWS =
      List.of(
          List.of("failed", "failed (full)", "seen 1 s ago"),
          List.of("b", "committed", "no agent seen"),
          List.of("\u001b[31mc", "missed", ""));

  @Test
  void onATerminalWhatIsNotToBeOverlookedHasAColour() {
    assertThat(Tables.of(HEAD, ROWS, new Paint(Ansi.ON)))
        .contains("\u001b[1mNODE\u001b[0m")
        .contains("failed  ")
        .contains("\u001b[1m\u001b[31mfailed (full)\u001b[0m")
        .contains("b       ")
        .contains("\u001b[33mno agent seen\u001b[0m")
        .contains("\u001b[33mmissed\u001b[0m")
        .doesNotContain("\u001b[31mc");
  }

  @Test
  void withoutItsColoursItIsTheSameText() {
    String coloured = Tables.of(HEAD, ROWS, new Paint(Ansi.ON));
    assertThat(coloured.replaceAll("\u001b\\[[0-9]*m", ""))
        .isEqualTo(Tables.of(HEAD, ROWS, new Paint(Ansi.OFF)))
        .doesNotContain("\u001b");
  }
}
