package resguardo.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What many runs came to. For any threads. */
final class Ledger {
  private static final double MINUTES_AN_HOUR = 60;

  private final Map<String, Long> counts = new TreeMap<>();
  private final Map<String, Long> faults = new TreeMap<>();
  private final Map<Weather.Kind, Long> kinds = new EnumMap<>(Weather.Kind.class);
  private final List<Simulation.Result> bad = new ArrayList<>();
  private Duration simulated = Duration.ZERO;
  private long runs;

  synchronized void add(Simulation.Result result) {
    runs++;
    simulated = simulated.plus(result.simulated());
    kinds.merge(result.kind(), 1L, Long::sum);
    result.counts().forEach((what, count) -> counts.merge(what, count, Long::sum));
    result.faults().forEach((what, count) -> faults.merge(what, count, Long::sum));
    if (!result.violations().isEmpty()) {
      bad.add(result);
    }
  }

  /** Runs in which something was that must not be. */
  synchronized List<Simulation.Result> bad() {
    return List.copyOf(bad);
  }

  synchronized long count(String what) {
    return counts.getOrDefault(what, 0L);
  }

  synchronized Map<String, Long> faults() {
    return Map.copyOf(faults);
  }

  /** As tables in Markdown. */
  synchronized String markdown() {
    StringBuilder out = new StringBuilder("| what | how much |\n| --- | --- |\n");
    row(out, "runs", runs);
    row(
        out,
        "simulated hours",
        String.format(Locale.ROOT, "%.1f", simulated.toMinutes() / MINUTES_AN_HOUR));
    counts.forEach((what, count) -> row(out, what, count));
    row(out, "runs in which something was that must not be", bad.size());
    out.append("\n| fault | how often |\n| --- | --- |\n");
    faults.forEach((what, count) -> row(out, what, count));
    out.append("\n| weather | runs |\n| --- | --- |\n");
    kinds.forEach((kind, count) -> row(out, kind.name().toLowerCase(Locale.ROOT), count));
    return out.toString();
  }

  private static void row(StringBuilder out, String what, Object much) {
    out.append("| ").append(what).append(" | ").append(much).append(" |\n");
  }
}
