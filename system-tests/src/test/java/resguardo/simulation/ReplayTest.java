package resguardo.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReplayTest {
  private static final int SEEDS = 30;

  @Test
  void theSameSeedIsTheSameRunToTheLastStep() throws Exception {
    Set<Weather.Kind> kinds = EnumSet.noneOf(Weather.Kind.class);
    for (long seed = 1; seed <= SEEDS; seed++) {
      List<String> first = new ArrayList<>();
      List<String> second = new ArrayList<>();
      Simulation.Result before = new Simulation(seed, Mutant.NONE, first).run();
      Simulation.Result again = new Simulation(seed, Mutant.NONE, second).run();
      kinds.add(before.kind());
      assertThat(second).as("seed " + seed).isEqualTo(first);
      assertThat(again).isEqualTo(before);
    }
    assertThat(kinds).containsExactlyInAnyOrder(Weather.Kind.values());
  }

  /** Nothing that Java draws at its start decides: the order of a set, or the hash of an object. */
  @Test
  void theSameSeedIsTheSameRunInAnotherProgramToo() throws Exception {
    List<String> seeds = List.of("1", "2", "3", "4", "5", "6");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                "-cp",
                System.getProperty("java.class.path"),
                Replay.class.getName()));
    command.addAll(seeds);
    Process other = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
    String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(other.waitFor()).isZero();
    List<String> here = new ArrayList<>();
    for (String seed : seeds) {
      here.add(Long.toString(new Simulation(Long.parseLong(seed), Mutant.NONE, null).run().hash()));
    }
    assertThat(said.lines()).containsExactlyElementsOf(here);
  }

  @Test
  void anotherSeedIsAnotherRun() throws Exception {
    assertThat(new Simulation(1, Mutant.NONE, null).run().hash())
        .isNotEqualTo(new Simulation(2, Mutant.NONE, null).run().hash());
  }
}
