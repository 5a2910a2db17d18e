package resguardo.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.BackupOptions;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.SchedulingOptions;
import resguardo.core.protocol.Command;

/** What has to be done so that a fleet is as it was written down. */
final class FleetPlan {
  /**
   * One thing to do.
   *
   * @param what {@code add}, {@code change} or {@code remove}
   * @param details what of it changes; for people
   */
  record Step(String what, RegistrationKey key, String details, Desk.Question command) {}

  private FleetPlan() {}

  /**
   * The steps, in the order of the keys, removals last.
   *
   * @param prune whether what is registered and not written down is removed
   */
  static List<Step> of(
      Map<RegistrationKey, FleetFile.Wanted> wanted, List<Registration> there, boolean prune) {
    Map<RegistrationKey, Registration> known = new TreeMap<>();
    there.forEach(registration -> known.put(registration.key(), registration));
    List<Step> steps = new ArrayList<>();
    for (FleetFile.Wanted one : wanted.values()) {
      step(one, known.get(one.key()), steps);
    }
    if (prune) {
      known.keySet().stream()
          .filter(key -> !wanted.containsKey(key))
          .forEach(key -> steps.add(removal(key)));
    }
    return steps;
  }

  private static void step(
      FleetFile.Wanted wanted, @Nullable Registration there, List<Step> steps) {
    FleetEntry entry = wanted.entry();
    RegistrationKey key = wanted.key();
    Desk.Question register =
        replyTo ->
            new Command.Register(
                key.node(),
                key.path(),
                entry.schedule(),
                entry.options(),
                entry.scheduling(),
                entry.retention(),
                entry.drills(),
                replyTo);
    if (there == null) {
      steps.add(new Step("add", key, entry.schedule().toString(), register));
      return;
    }
    List<String> changes = new ArrayList<>();
    if (!there.schedule().equals(entry.schedule())) {
      changes.add(there.schedule() + " -> " + entry.schedule());
    }
    if (!Objects.equals(there.options(), BackupOptions.orAbsent(entry.options()))) {
      changes.add("options");
    }
    if (!Objects.equals(there.scheduling(), SchedulingOptions.orAbsent(entry.scheduling()))) {
      changes.add("scheduling");
    }
    if (!Objects.equals(there.retention(), entry.retention())) {
      changes.add("retention");
    }
    if (!Objects.equals(there.drills(), entry.drills())) {
      changes.add("drills");
    }
    if (!changes.isEmpty()) {
      steps.add(new Step("change", key, String.join(", ", changes), register));
    }
  }

  private static Step removal(RegistrationKey key) {
    return new Step(
        "remove",
        key,
        "its versions stay",
        replyTo -> new Command.Unregister(key.node(), key.path(), replyTo));
  }
}
