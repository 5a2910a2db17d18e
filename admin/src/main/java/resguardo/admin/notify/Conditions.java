package resguardo.admin.notify;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.Serial;
import resguardo.core.Texts;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;

/**
 * What counts as wrong.
 *
 * @param failing whether a failed attempt does
 * @param withoutBackup how old the last good backup may be; absent: two of its intervals and an
 *     hour are not known here, so it does not count
 * @param nodeUnseen for how long a node with registrations may not be seen; absent: for ever
 * @param suspicious whether a suspicious version that nobody has accepted does
 * @param deadLetters whether a message that was given up does
 * @param drills whether a drill that failed does, or one that is overdue
 */
public record Conditions(
    boolean failing,
    @Nullable Duration withoutBackup,
    @Nullable Duration nodeUnseen,
    boolean suspicious,
    boolean deadLetters,
    boolean drills) {
  private static final int LONGEST_REASON = 200;

  /** Those of whoever says nothing about them. */
  public static final Conditions USUAL =
      new Conditions(true, Duration.ofHours(26), Duration.ofHours(1), true, true, true);

  /**
   * What is wrong now. What an operator has paused is not.
   *
   * @param lines all registrations
   * @param load what the coordinator says of queue and workers
   * @param unseenSince of nodes that are not seen, since when; kept by the caller, as a coordinator
   *     that has just taken over has not seen anybody before
   */
  public List<Trouble> troubles(
      List<Answer.RegistrationLine> lines,
      Answer.Load load,
      TreeMap<NodeName, Instant> unseenSince) {
    List<Trouble> found = new ArrayList<>();
    for (Answer.RegistrationLine line : lines) {
      if (line.pause() == null) {
        ofBackups(line, load.now(), found);
      }
      ofVersions(line, found);
      ofDrills(line, load.now(), found);
    }
    if (nodeUnseen != null) {
      unseenSince.forEach(
          (node, since) -> {
            if (!since.plus(nodeUnseen).isAfter(load.now())) {
              found.add(
                  new Trouble(
                      "unseen " + node,
                      Trouble.Kind.NODE_UNSEEN,
                      "the agent of " + node + " is not seen since " + since));
            }
          });
    }
    if (deadLetters && load.dead() > 0) {
      found.add(
          new Trouble(
              "dead letters",
              Trouble.Kind.DEAD_LETTERS,
              "messages that were given up: " + load.dead() + " (admin dead list)"));
    }
    if (load.workers().isEmpty()) {
      found.add(
          new Trouble(
              "no worker", Trouble.Kind.NO_WORKER, "no worker is there: nothing is backed up"));
    }
    return found;
  }

  private void ofBackups(Answer.RegistrationLine line, Instant now, List<Trouble> found) {
    Status status = line.status();
    if (failing && status != null && status.lastOutcome() == Status.Outcome.FAILED) {
      found.add(
          new Trouble(
              "failing " + line.key().text(),
              Trouble.Kind.FAILING,
              line.key() + " failed: " + reason(status.lastReason())));
    }
    Instant good = status == null ? null : status.lastGood();
    Instant from = good == null ? line.registration().since() : good;
    if (withoutBackup != null && !from.plus(withoutBackup).isAfter(now)) {
      found.add(
          new Trouble(
              "without " + line.key().text(),
              Trouble.Kind.WITHOUT_BACKUP,
              good == null
                  ? line.key() + " was never backed up, and is registered since " + from
                  : line.key() + " has no good backup since " + good));
    }
  }

  /** What failed is told whatever is paused: it is of what is stored. */
  private void ofDrills(Answer.RegistrationLine line, Instant now, List<Trouble> found) {
    if (!drills || line.proof() == null && line.drillDue() == null) {
      return;
    }
    Proof.Drill good = line.proof() == null ? null : line.proof().proven();
    String last = good == null ? "never" : "at " + good.ordered() + ", version " + good.serial();
    if (line.proof() != null && line.failsDrills()) {
      Proof.Drill failed = line.proof().last();
      found.add(
          new Trouble(
              "drill " + line.key().text() + " " + failed.serial(),
              Trouble.Kind.DRILL_FAILED,
              "version "
                  + failed.serial()
                  + " of "
                  + line.key()
                  + " cannot be restored: "
                  + reason(failed.problems() == null ? null : failed.problems().get(0))
                  + "; proven restorable "
                  + last));
    } else if (line.pause() == null && line.unprovenTooLong(now)) {
      found.add(
          new Trouble(
              "unproven " + line.key().text(),
              Trouble.Kind.UNPROVEN,
              line.key() + " was proven restorable " + last + ", and its next drill is overdue"));
    }
  }

  private void ofVersions(Answer.RegistrationLine line, List<Trouble> found) {
    if (suspicious && line.alarms() != null) {
      for (Serial serial : line.alarms()) {
        found.add(
            new Trouble(
                "suspicious " + line.key().text() + " " + serial,
                Trouble.Kind.SUSPICIOUS,
                "version "
                    + serial
                    + " of "
                    + line.key()
                    + " is suspicious, and no older one is expired (admin alarms)"));
      }
    }
  }

  /** A node says it: on one line, and short, so that it hides nothing else. */
  private static String reason(@Nullable String said) {
    String shown = Texts.shown(String.valueOf(said)).replaceAll("\\R", " ");
    return shown.length() <= LONGEST_REASON ? shown : shown.substring(0, LONGEST_REASON) + "…";
  }
}
