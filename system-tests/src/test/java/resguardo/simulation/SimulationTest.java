package resguardo.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Runs of many seeds, and what holds in all of them. {@code -Dresguardo.simulation.runs} says how
 * many, {@code -Dresguardo.simulation.first} from which on; {@code -Dresguardo.simulation.seed} has
 * one of them again, with each step in target/simulation.
 */
class SimulationTest {
  private static final int RUNS = 1500;

  /** So many show each kind of fault; fewer may not. */
  private static final int ENOUGH = 200;

  private static final Path OUT = Path.of("target/simulation");

  @Test
  void whateverGoesWrongNothingIsLostOrDoubledAndAllCanBeRestored() throws Exception {
    Files.createDirectories(OUT);
    Ledger ledger = new Ledger();
    Long one = Long.getLong("resguardo.simulation.seed");
    if (one != null) {
      ledger.add(traced(one));
    } else {
      runAll(ledger, Long.getLong("resguardo.simulation.first", 1));
    }
    Files.writeString(OUT.resolve("ledger.md"), ledger.markdown());
    assertThat(ledger.bad().stream().map(SimulationTest::told)).isEmpty();
  }

  private static void runAll(Ledger ledger, long first) throws Exception {
    int runs = Integer.getInteger("resguardo.simulation.runs", RUNS);
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      List<Future<?>> all = new ArrayList<>();
      for (long seed = first; seed < first + runs; seed++) {
        Simulation simulation = new Simulation(seed, Mutant.NONE, null);
        all.add(
            threads.submit(
                () -> {
                  ledger.add(simulation.run());
                  return null;
                }));
      }
      for (Future<?> run : all) {
        run.get();
      }
    } finally {
      threads.shutdownNow();
    }
    if (runs >= ENOUGH) {
      assertSomethingHappened(ledger, runs);
    }
  }

  /** A simulation in which nothing goes wrong, or nothing is done, shows nothing. */
  private static void assertSomethingHappened(Ledger ledger, int runs) {
    assertThat(ledger.faults().keySet())
        .contains(
            "answer of the store lost",
            "broker error before the effect",
            "chunk lost",
            "chunk twice",
            "clock set",
            "confirm of the broker lost",
            "connection cut",
            "clock of a node wrong by a day",
            "ended in order",
            "event lost",
            "killed after a call",
            "killed before a call",
            "killed while it waits",
            "paused",
            "queue of a node lost",
            "store down");
    assertThat(ledger.count("versions compared")).isGreaterThan(runs);
    assertThat(ledger.count("slices")).isPositive();
    assertThat(ledger.count("versions expired")).isPositive();
    assertThat(ledger.count("queries that overtook backups")).isPositive();
  }

  private static Simulation.Result traced(long seed) throws Exception {
    List<String> trace = new ArrayList<>();
    Simulation.Result result = new Simulation(seed, Mutant.NONE, trace).run();
    Files.write(OUT.resolve("trace-" + seed + ".txt"), trace);
    return result;
  }

  private static String told(Simulation.Result bad) {
    return "seed %d (to have it again: make simulate SEED=%d), %s: %s%nafter%n%s"
        .formatted(
            bad.seed(),
            bad.seed(),
            bad.kind(),
            String.join("; ", bad.violations()),
            String.join("\n", bad.lastSteps()));
  }
}
