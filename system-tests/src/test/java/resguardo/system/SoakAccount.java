package resguardo.system;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import resguardo.core.catalog.Status;

/**
 * What became of one registration.
 *
 * @param name for a person
 * @param due its slots, oldest first
 * @param versions in the bucket, by ascending serial
 * @param ended how jobs ended, as it was told
 * @param reasons why slots have neither a version nor an end that was told
 * @param compared its newest version against what is there; absent: it was not compared
 */
record SoakAccount(
    String name,
    List<Instant> due,
    List<Version> versions,
    Map<Instant, Status.Outcome> ended,
    Map<Instant, String> reasons,
    @Nullable SoakComparison compared) {
  /** For a slot that went by, and nobody knows why. */
  static final String NO_REASON = "no reason known";

  /** A version in the bucket. */
  record Version(long serial, Instant slot) {}

  /** The slots that a version was made for; those of a slot that is doubled count once. */
  Set<Instant> committed() {
    Set<Instant> slots = new HashSet<>();
    versions.forEach(version -> slots.add(version.slot()));
    return slots;
  }

  /** What is lost, in words: none in a sound system. */
  List<String> lost() {
    List<String> lost = new ArrayList<>();
    if (versions.isEmpty()) {
      lost.add(name + " has no version");
    }
    for (int i = 0; i < versions.size(); i++) {
      if (versions.get(i).serial() != i + 1) {
        lost.add(name + " has no version " + (i + 1) + " and later ones");
        break;
      }
    }
    Set<Instant> committed = committed();
    ended.forEach(
        (slot, outcome) -> {
          if (outcome == Status.Outcome.COMMITTED && !committed.contains(slot)) {
            lost.add(name + " has no version for " + slot + ", which was told as committed");
          }
        });
    if (compared != null && !compared.differences().isEmpty()) {
      lost.add(name + " is not what its newest version has: " + compared.differences());
    }
    return lost;
  }

  /** The slots that have more than one version, in words: none in a sound system. */
  List<String> doubled() {
    List<String> doubled = new ArrayList<>();
    Set<Instant> seen = new HashSet<>();
    for (Version version : versions) {
      if (!seen.add(version.slot())) {
        doubled.add(name + " has more than one version for " + version.slot());
      }
    }
    return doubled;
  }
}
