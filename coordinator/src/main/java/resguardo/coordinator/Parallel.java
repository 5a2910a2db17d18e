package resguardo.coordinator;

import java.util.HashMap;
import java.util.Map;
import resguardo.core.NodeName;
import resguardo.core.catalog.FleetSettings;

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

  /** Counts one that is under way; its node is counted by {@link #addOf}. */
  void add(Map<String, String> labels) {
    labels.forEach(this::add);
  }

  /** Counts one of a node that is under way. */
  void addOf(NodeName node) {
    add(FleetSettings.NODE, node.toString());
  }

  private void add(String name, String value) {
    counts.merge(name + "=" + value, 1, Integer::sum);
  }

  /** Whether there is room for one more, which is counted then. */
  boolean admits(NodeName node, Map<String, String> labels) {
    boolean room =
        labels.entrySet().stream().allMatch(label -> hasRoom(label.getKey(), label.getValue()));
    if (!room || !admitsOf(node)) {
      return false;
    }
    add(labels);
    return true;
  }

  /** Whether a node has room for one more, which is counted then as of the node. */
  boolean admitsOf(NodeName node) {
    boolean room = hasRoom(FleetSettings.NODE, node.toString());
    if (room) {
      addOf(node);
    }
    return room;
  }

  /** Whether there is room for one more with this label. */
  boolean hasRoom(String name, String value) {
    Integer most = limits.get(name);
    return most == null || counts.getOrDefault(name + "=" + value, 0) < most;
  }
}
