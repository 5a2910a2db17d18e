package resguardo.coordinator;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Status;
import resguardo.core.port.BrokerException;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Answer.Finding;

/** A look at everything that a coordinator can see: what is there, what is late, what is wrong. */
final class Checkup {
  /** Of one kind; whoever has more has read enough. */
  private static final int MOST = 20;

  /** What is backed up every few seconds is not late because a round took longer. */
  private static final Duration LATE = Duration.ofMinutes(5);

  static final String POISON =
      "something that a node sent has ended the connections of those who hear nodes";

  static final String AGAINST_POISON =
      "No agent does that, and backups go on. Look on the broker's machine who speaks AMQP 1.0, which no"
          + " program of ours does: rabbitmqctl list_connections user protocol. admin node revoke ends it.";

  private static final Duration CLOCKS_APART = Duration.ofSeconds(30);

  private final CoordinatorContext context;
  private final List<Registration> registrations;
  private final Roster roster;
  private final List<Finding> findings = new ArrayList<>();
  private Map<RegistrationKey, Status> ends = Map.of();
  private List<DamagedException> damaged = List.of();
  private @Nullable String unread;
  private List<Finding> drills = List.of();
  private List<Floods.Flood> floods = List.of();
  private int poisonings;
  private final Map<RegistrationKey, Answer.OpenJob> open = new HashMap<>();

  /**
   * @param registrations those that are active
   */
  Checkup(CoordinatorContext context, List<Registration> registrations, Roster roster) {
    this.context = context;
    this.registrations = registrations;
    this.roster = roster;
  }

  /**
   * Says how the last attempts ended. Returns this.
   *
   * @param broken what should say so, and is damaged
   * @param why why it could not be read just now; absent: it was
   */
  Checkup ends(
      Map<RegistrationKey, Status> known, List<DamagedException> broken, @Nullable String why) {
    ends = known;
    damaged = broken;
    unread = why;
    return this;
  }

  /** Says what is wrong with drills. Returns this. */
  Checkup drills(List<Finding> wrong) {
    drills = wrong;
    return this;
  }

  /** Says who floods the broker. Returns this. */
  Checkup floods(List<Floods.Flood> seen) {
    floods = seen;
    return this;
  }

  /** Says how often a message of a node ended a connection of late. Returns this. */
  Checkup poisonings(int times) {
    poisonings = times;
    return this;
  }

  /** Says which jobs have not ended, and who has them. Returns this. */
  Checkup openJobs(List<Answer.OpenJob> jobs) {
    jobs.forEach(one -> open.put(one.job().registration(), one));
    return this;
  }

  List<Finding> run() {
    Instant now = context.clock().instant();
    findings.addAll(new StoreCheck(context.store(), context.platform()).run());
    processes(now);
    findings.addAll(new ProgramCheck(roster.there(now), roster.twins(now)).run());
    nodes(now);
    flooding();
    poisoning();
    clocks(now);
    deadLetters();
    retention(now);
    backups(now);
    alarms();
    add(drills, "no drill failed, and none is overdue");
    return findings;
  }

  private void add(Finding.Grade grade, String what, @Nullable String advice) {
    findings.add(new Finding(grade, what, advice));
  }

  /** Adds those of one kind, or that all are fine. */
  private void add(List<Finding> ofOneKind, String fine) {
    findings.addAll(ofOneKind.subList(0, Math.min(MOST, ofOneKind.size())));
    if (ofOneKind.size() > MOST) {
      int more = ofOneKind.size() - MOST;
      add(ofOneKind.get(MOST).grade(), "and " + more + " more like these", null);
    } else if (ofOneKind.isEmpty()) {
      add(Finding.Grade.FINE, fine, null);
    }
  }

  private void processes(Instant now) {
    int workers = roster.alive(Role.WORKER, now).size();
    if (workers == 0) {
      add(
          Finding.Grade.BROKEN,
          "no worker is there: nothing is backed up",
          "Start bin/fetch-worker, or make scale-workers N=1.");
    } else {
      add(Finding.Grade.FINE, "workers that are there: " + workers, null);
    }
    int others = roster.alive(Role.COORDINATOR, now).size();
    if (others <= 1) { // its own sign of life comes back to it
      add(
          Finding.Grade.WARNING,
          "there is one coordinator: nobody takes over when it dies",
          "Start bin/coordinator on a second machine.");
    } else {
      add(Finding.Grade.FINE, "coordinators that are there: " + others, null);
    }
  }

  /** That what is to be expired is. */
  private void retention(Instant now) {
    long policies = registrations.stream().filter(one -> one.retentionNow().isPresent()).count();
    int there = roster.alive(Role.RETENTION, now).size();
    if (policies > 0 && there == 0) {
      add(
          Finding.Grade.WARNING,
          "registrations with a policy of retention: "
              + policies
              + ", and nobody expires their versions",
          "Start bin/retention.");
    } else {
      add(
          Finding.Grade.FINE,
          "registrations with a policy of retention: "
              + policies
              + ", retention that is there: "
              + there,
          null);
    }
  }

  private void nodes(Instant now) {
    List<Finding> missing = new ArrayList<>();
    TreeSet<String> nodes = new TreeSet<>();
    for (Registration registration : registrations) {
      if (nodes.add(registration.key().node().value())
          && !roster.alive(registration.key().node(), now)) {
        String node = registration.key().node().value();
        String seen =
            roster.lastSeen(registration.key().node()).map(at -> ", last at " + at).orElse("");
        missing.add(
            new Finding(
                Finding.Grade.BROKEN,
                "the agent of " + node + " is not seen" + seen,
                "Start bin/agent --node " + node + " there, and look whether it has a broker."));
      }
    }
    add(missing, "nodes with registrations, all with an agent that is there: " + nodes.size());
  }

  private void flooding() {
    List<Finding> wrong =
        floods.stream()
            .map(
                flood ->
                    new Finding(
                        Finding.Grade.BROKEN,
                        flood.text(),
                        "No agent does that: admin node revoke "
                            + flood.node()
                            + " ends it. Look at the node before it is enrolled again."
                            + " Where agents share a user, it may be any of them."))
            .toList();
    add(wrong, "no node floods the broker");
  }

  private void poisoning() {
    if (poisonings > 0) {
      String times = poisonings == 1 ? "" : ", " + poisonings + " times of late";
      add(Finding.Grade.BROKEN, POISON + times, AGAINST_POISON);
    }
  }

  private void clocks(Instant now) {
    List<Finding> wrong = new ArrayList<>();
    for (Map.Entry<Peer, Duration> clock : roster.ahead(now).entrySet()) {
      if (clock.getValue().abs().compareTo(CLOCKS_APART) > 0) {
        wrong.add(
            new Finding(
                Finding.Grade.WARNING,
                "the clock of "
                    + clock.getKey()
                    + " is "
                    + clock.getValue().abs().toSeconds()
                    + " s "
                    + (clock.getValue().isNegative() ? "behind" : "ahead"),
                "Have all machines follow time servers: orders have a deadline."));
      }
    }
    add(wrong, "all clocks agree within " + CLOCKS_APART.toSeconds() + " s");
  }

  private void deadLetters() {
    try {
      long dead = context.jobs().deadLetters();
      if (dead > 0) {
        add(
            Finding.Grade.WARNING,
            "messages in dead.letters: " + dead,
            "admin dead list shows them and says why; admin dead retry, or drop.");
      } else {
        add(Finding.Grade.FINE, "there are no dead letters", null);
      }
    } catch (BrokerException e) {
      add(Finding.Grade.BROKEN, "the broker does not say: " + e.getMessage(), null);
    }
  }

  private void backups(Instant now) {
    if (unread != null) {
      add(Finding.Grade.BROKEN, "how backups ended cannot be read: " + unread, null);
      return;
    }
    List<Finding> wrong = new ArrayList<>();
    for (DamagedException one : damaged) {
      wrong.add(new Finding(Finding.Grade.BROKEN, String.valueOf(one.getMessage()), null));
    }
    for (Registration registration : registrations) {
      Status status = ends.get(registration.key());
      backup(registration, Optional.ofNullable(status), now).ifPresent(wrong::add);
    }
    add(wrong, "registrations, none of them failed or late: " + registrations.size());
  }

  /** Also of what is registered no more: its versions stay, and the alarm with them. */
  private void alarms() {
    List<Finding> wrong = new ArrayList<>();
    try {
      Alarms alarms = new Alarms(context.store());
      Map<RegistrationKey, List<Serial>> open =
          alarms.open(
              damaged ->
                  wrong.add(
                      new Finding(
                          Finding.Grade.BROKEN, String.valueOf(damaged.getMessage()), null)));
      open.forEach((key, serials) -> wrong.add(suspicious(key, serials)));
    } catch (IOException e) {
      add(Finding.Grade.BROKEN, "alarms cannot be read: " + e.getMessage(), null);
      return;
    }
    add(wrong, "no version is suspicious that nobody has accepted");
  }

  private static Finding suspicious(RegistrationKey key, List<Serial> serials) {
    String numbers = serials.stream().map(Serial::text).collect(Collectors.joining(", "));
    return new Finding(
        Finding.Grade.BROKEN,
        key + " has suspicious versions, and no older ones are expired: " + numbers,
        "admin alarms says why. Look at the files; if all is well: admin alarm accept.");
  }

  /** A worker that is slow, one that hangs, and one that only says so look the same from here. */
  private String withWhom(RegistrationKey key) {
    Answer.OpenJob job = open.get(key);
    if (job == null || job.worker() == null) {
      return "";
    }
    return String.format(
        "; its job of %s is with %s, which says that %d bytes have come",
        job.published(), job.worker(), job.bytes());
  }

  private Optional<Finding> backup(
      Registration registration, Optional<Status> status, Instant now) {
    Instant good = status.map(Status::lastSuccess).orElse(null);
    Instant from = good == null ? registration.since() : good;
    boolean late =
        from.plus(LATE).isBefore(now)
            && Slots.due(registration.schedule(), registration.since(), good, now)
                .filter(due -> due.missed() > 0)
                .isPresent();
    String last = good == null ? "it was never backed up" : "its last good backup is of " + good;
    if (late) {
      return Optional.of(
          new Finding(
              Finding.Grade.BROKEN,
              registration.key() + " is late: " + last + withWhom(registration.key()),
              status.map(Status::lastReason).map(why -> "The last attempt: " + why).orElse(null)));
    }
    return status
        .filter(known -> known.lastOutcome() == Status.Outcome.FAILED)
        .map(
            known ->
                new Finding(
                    Finding.Grade.WARNING,
                    registration.key() + " failed: " + known.lastReason(),
                    last + "."));
  }
}
