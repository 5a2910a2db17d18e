package resguardo.coordinator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import resguardo.core.Peer;
import resguardo.core.protocol.Answer.Finding;
import resguardo.core.protocol.Event;

/**
 * What the processes that are there say of themselves: of which build they are, and what is wrong.
 */
final class ProgramCheck {
  private static final String UNSAID = "one that does not say";

  /** Whoever has more of one build has read enough. */
  private static final int NAMED = 5;

  private final List<Event.ProcessAlive> there;
  private final List<Peer> twins;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param twins agents of whose name there is more than one
   */
  ProgramCheck(List<Event.ProcessAlive> there, List<Peer> twins) {
    this.there = there;
    this.twins = twins;
  }

  List<Finding> run() {
    builds();
    twins.stream().limit(NAMED).forEach(this::twin);
    for (Event.ProcessAlive process : there) {
      List<String> concerns = process.concerns();
      if (concerns != null) {
        concerns.forEach(
            what ->
                findings.add(new Finding(Finding.Grade.WARNING, process.by() + ": " + what, null)));
      }
    }
    return findings;
  }

  private void twin(Peer agent) {
    String node = agent.instance();
    findings.add(
        new Finding(
            Finding.Grade.BROKEN,
            "two agents go by the name "
                + node
                + ": what is backed up as "
                + node
                + " may be of either machine",
            "Is one a copy of the other's machine? End it there, and enroll it by a name of its own."));
  }

  private void builds() {
    Map<String, List<String>> builds = new TreeMap<>();
    for (Event.ProcessAlive process : there) {
      String build = process.program() == null ? UNSAID : process.program();
      builds.computeIfAbsent(build, any -> new ArrayList<>()).add(process.by().toString());
    }
    if (builds.size() > 1) {
      findings.add(
          new Finding(
              Finding.Grade.WARNING,
              "processes of different versions: "
                  + builds.entrySet().stream()
                      .map(build -> build.getKey() + " (" + named(build.getValue()) + ")")
                      .collect(Collectors.joining(", ")),
              "Renew them all: coordinators first, then agents, workers last."));
    } else {
      builds
          .keySet()
          .forEach(
              build ->
                  findings.add(
                      new Finding(
                          Finding.Grade.FINE, "all processes are of version " + build, null)));
    }
  }

  private static String named(List<String> processes) {
    String some = processes.stream().limit(NAMED).collect(Collectors.joining(", "));
    return processes.size() <= NAMED ? some : some + " and " + (processes.size() - NAMED) + " more";
  }
}
