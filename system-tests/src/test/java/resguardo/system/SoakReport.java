package resguardo.system;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A soak, what was done to it and what it came to.
 *
 * @param seed of the changes and the kills
 * @param minutes of changes and kills
 * @param changes of files
 * @param eventsPerSecond that were heard
 * @param jobsPerSecond whose end was heard
 * @param kills by role
 * @param memory by role
 */
record SoakReport(
    long seed,
    double minutes,
    long changes,
    SoakLedger ledger,
    double eventsPerSecond,
    double jobsPerSecond,
    Map<String, Integer> kills,
    Map<String, SoakFleet.Memory> memory) {
  /** As a table in Markdown. */
  String markdown() {
    StringBuilder out = new StringBuilder("| what | how much |\n| --- | --- |\n");
    out.append(SoakLedger.row("seed", seed));
    out.append(SoakLedger.row("minutes of changes, and of kills if there were any", minutes));
    out.append(SoakLedger.row("changes of files", changes));
    out.append(ledger.rows());
    out.append(
        SoakLedger.row(
            "heard a second",
            String.format(
                Locale.ROOT, "%.1f events, %.2f ends of jobs", eventsPerSecond, jobsPerSecond)));
    out.append("\n| role | kills | MiB by quarters of the time | at most |\n");
    out.append("| --- | --- | --- | --- |\n");
    memory.forEach(
        (role, mib) ->
            out.append(
                String.format(
                    "| %s | %d | %s | %d |%n",
                    role,
                    kills.getOrDefault(role, 0),
                    mib.quarters().stream().map(String::valueOf).collect(Collectors.joining(", ")),
                    mib.max())));
    return out.toString();
  }
}
