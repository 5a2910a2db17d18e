package resguardo.site;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConsolesTest {
  private static final Markdown PAGE =
      Markdown.of(
          """
          # Page

          ```console
          $ first \\
          > second
          A  B
          1  …
          $ quiet
          ```

          <!-- console
          $ hidden
          -->

          ```sh not run: needs Docker
          docker ps
          ```
          """);

  @Test
  void commandsComeInTheirOrderWithWhatTheyPrint() {
    assertThat(Consoles.commands(PAGE))
        .extracting(Consoles.Command::text)
        .containsExactly("first \\\nsecond", "quiet", "hidden");
    assertThat(Consoles.commands(PAGE).get(0).printed()).containsExactly("A  B", "1  …");
    assertThat(Consoles.commands(PAGE).get(0).line()).isEqualTo(4);
  }

  @Test
  void whatIsNotRunSaysWhy() {
    assertThat(Consoles.notRun(PAGE))
        .containsExactly(new Consoles.NotRun("needs Docker", "docker ps\n"));
  }

  @Test
  void anOutputFitsWhereOnlyWhatIsLeftOpenDiffers() {
    Consoles.Command command = Consoles.commands(PAGE).get(0);
    assertThat(command.fits("A  B\n1  two words\n")).isTrue();
    assertThat(command.fits("A      B\n1    2")).as("wider columns").isTrue();
    assertThat(command.fits("A  B\n2  x\n")).isFalse();
    assertThat(command.fits("A  B\n1  x\nmore\n")).isFalse();
    assertThat(command.fits("")).isFalse();
  }

  @Test
  void aLineOfThreeDotsStandsForAnyLines() {
    Consoles.Command command =
        Consoles.commands(Markdown.of("```console\n$ x\na\n…\nz\n```\n")).get(0);
    assertThat(command.fits("a\nb\nc\nz\n")).isTrue();
    assertThat(command.fits("a\nz\n")).isTrue();
    assertThat(command.fits("a\nb\n")).isFalse();
  }
}
