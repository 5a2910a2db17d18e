package resguardo.coordinator;

import java.util.HashMap;
import java.util.Map;

/** Counts how many registrations with the same value of a label are being backed up. */
final class Parallel {
  private final Map<String, Integer> limits;
  private final Map<String, Integer> counts = new HashMap<>();

  /**
   * @param limits how many at the most, by the name of the label
   */
  Parallel(Map<String, Integer> limits) {
    this.limits = limits;
  }

  /** Counts one that is under way. */
  void add(Map<String, String> labels) {
    labels.forEach((name, value) -> counts.merge(name + "=" + value, 1, Integer::sum));
  }

  /** Whether there is room for one more, which is counted then. */
  boolean admits(Map<String, String> labels) {
    boolean room =
        labels.entrySet().stream().allMatch(label -> hasRoom(label.getKey(), label.getValue()));
    if (room) {
      add(labels);
    }
    return room;
  }

  /** Whether there is room for one more with this label. */
  boolean hasRoom(String name, String value) {
    Integer most = limits.get(name);
    return most == null || counts.getOrDefault(name + "=" + value, 0) < most;
  }
}
