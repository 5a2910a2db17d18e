package resguardo.core.catalog;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.DrillPolicy;
import resguardo.core.NodeName;
import resguardo.core.Pause;
import resguardo.core.RegistrationKey;
import resguardo.core.SchedulingOptions;
import resguardo.core.SourcePath;

/**
 * What operators have set for more than one registration.
 *
 * @param pauses absent: none
 * @param maxParallel by the name of a label, how many registrations with the same value of it are
 *     backed up at once at the most; absent: see {@link #limits}
 * @param drills how often it is tried whether registrations can be restored that do not say
 *     otherwise; absent: as usual
 */
public record FleetSettings(
    @Nullable List<Pause> pauses,
    @Nullable Map<String, Integer> maxParallel,
    @Nullable DrillPolicy drills) {
  /** Nothing is set. */
  public static final FleetSettings NONE = new FleetSettings(null, null, null);

  /** A label that every registration has, with the name of its node as its value. */
  public static final String NODE = "node";

  /**
   * Where nothing else is set, so many of one node are backed up at once: more its agent does not
   * send, and whatever it does, it keeps no more slots of workers from others.
   */
  public static final int OF_A_NODE = 2;

  /** All stand in one small object. Whoever needs more pauses the node, or all. */
  private static final int MOST_PAUSES = 50;

  private static final int MOST_LIMITS = 100;

  /** With drills as usual. */
  public FleetSettings(@Nullable List<Pause> pauses, @Nullable Map<String, Integer> maxParallel) {
    this(pauses, maxParallel, null);
  }

  public FleetSettings {
    drills = DrillPolicy.USUAL.equals(drills) ? null : drills;
    pauses = pauses == null || pauses.isEmpty() ? null : List.copyOf(pauses);
    maxParallel =
        maxParallel == null || maxParallel.isEmpty()
            ? null
            : Collections.unmodifiableMap(new TreeMap<>(maxParallel));
    if (pauses != null && pauses.size() > MOST_PAUSES) {
      throw new IllegalArgumentException(
          "at most " + MOST_PAUSES + " pauses at once: pause a whole node, or all");
    }
    if (maxParallel != null) {
      maxParallel.keySet().forEach(SchedulingOptions::refuseNoLabel);
      if (maxParallel.size() > MOST_LIMITS) {
        throw new IllegalArgumentException("at most " + MOST_LIMITS + " limits");
      }
    }
  }

  /** The pauses, those that are over among them. */
  public List<Pause> allPauses() {
    return pauses == null ? List.of() : pauses;
  }

  /** The limits that count, by the name of the label; there always is one of {@link #NODE}. */
  public Map<String, Integer> limits() {
    Map<String, Integer> limits = set();
    limits.putIfAbsent(NODE, OF_A_NODE);
    return Collections.unmodifiableMap(limits);
  }

  private Map<String, Integer> set() {
    return maxParallel == null ? new TreeMap<>() : new TreeMap<>(maxParallel);
  }

  /** The pause that keeps this from beginning now; empty: none does. */
  public Optional<Pause> pauseOf(RegistrationKey key, Instant now) {
    return allPauses().stream().filter(pause -> pause.holds(key, now)).findFirst();
  }

  /** The same without the pauses that are over. */
  public FleetSettings current(Instant now) {
    return new FleetSettings(
        allPauses().stream().filter(pause -> !pause.isOver(now)).toList(), maxParallel, drills);
  }

  /**
   * The same with this pause in the place of any for the same.
   *
   * @param now those that are over by now are left out
   */
  public FleetSettings with(Pause pause, Instant now) {
    List<Pause> all = new ArrayList<>(without(pause.node(), pause.path(), now).allPauses());
    all.add(pause);
    return new FleetSettings(all, maxParallel, drills);
  }

  /**
   * The same without the pause for just this.
   *
   * @param now those that are over by now are left out too
   */
  public FleetSettings without(@Nullable NodeName node, @Nullable SourcePath path, Instant now) {
    return new FleetSettings(
        allPauses().stream().filter(one -> !one.isFor(node, path) && !one.isOver(now)).toList(),
        maxParallel,
        drills);
  }

  /** Whether there is a pause for just this. */
  public boolean pauses(@Nullable NodeName node, @Nullable SourcePath path, Instant now) {
    return allPauses().stream().anyMatch(one -> one.isFor(node, path) && !one.isOver(now));
  }

  /**
   * The same with another limit.
   *
   * @param most absent: none, or for {@link #NODE} the usual one
   */
  public FleetSettings limited(String label, @Nullable Integer most) {
    Map<String, Integer> limits = set();
    if (most == null) {
      limits.remove(label);
    } else {
      limits.put(label, most);
    }
    return new FleetSettings(pauses, limits, drills);
  }

  /**
   * The same with other drills.
   *
   * @param policy absent: as usual
   */
  public FleetSettings drilled(@Nullable DrillPolicy policy) {
    return new FleetSettings(pauses, maxParallel, policy);
  }
}
