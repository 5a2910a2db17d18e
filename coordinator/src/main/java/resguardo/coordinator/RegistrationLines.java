package resguardo.coordinator;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;

/** How registrations and nodes stand, as operators see it. Not for several threads. */
final class RegistrationLines {
  private static final int REGISTRATIONS_A_PAGE = 500;
  private static final int NODES_A_PAGE = 1000;

  private final RegistrationBook book;
  private final Scheduler scheduler;
  private final Roster roster;
  private final Statuses statuses;
  private final Alarms alarms;
  private final Drills drills;

  RegistrationLines(
      CoordinatorContext context,
      RegistrationBook book,
      Scheduler scheduler,
      Roster roster,
      Statuses statuses,
      Drills drills) {
    this.book = book;
    this.scheduler = scheduler;
    this.roster = roster;
    this.statuses = statuses;
    this.drills = drills;
    this.alarms = new Alarms(context.store());
  }

  /** A page of those that are active, as far as is known; see {@link Looks}. */
  Answer.Registrations page(@Nullable RegistrationKey after, Instant now) throws IOException {
    List<Registration> page = book.page(after, REGISTRATIONS_A_PAGE + 1);
    Map<RegistrationKey, List<Serial>> open = alarms.open(AlarmDesk::leaveOut);
    List<Answer.RegistrationLine> lines =
        page.stream()
            .limit(REGISTRATIONS_A_PAGE)
            .map(registration -> line(registration, open, now))
            .toList();
    return new Answer.Registrations(lines, page.size() > REGISTRATIONS_A_PAGE);
  }

  /** How one stands. Of the others nothing is read: this is asked for often. */
  Answer.RegistrationLine line(Registration registration, Instant now) throws IOException {
    statuses.look(registration.key(), AlarmDesk::leaveOut);
    drills.look(registration.key(), AlarmDesk::leaveOut);
    return line(registration, alarms.open(AlarmDesk::leaveOut), now);
  }

  private Answer.RegistrationLine line(
      Registration registration, Map<RegistrationKey, List<Serial>> open, Instant now) {
    RegistrationKey key = registration.key();
    return new Answer.RegistrationLine(
        registration,
        statuses.of(key).orElse(null),
        roster.lastSeen(key.node()).orElse(null),
        scheduler.nextDue(key, now).orElse(null),
        scheduler.openSince(key).orElse(null),
        open.get(key),
        scheduler.settings().pauseOf(key, now).orElse(null),
        drills.of(key).orElse(null),
        drills.policy(registration).every().map(Duration::toSeconds).orElse(null),
        drills.due(registration, statuses.of(key), now).orElse(null));
  }

  /** A page of nodes, as far as is known. */
  Answer.Nodes nodes(@Nullable NodeName after, Instant now) {
    Map<String, List<Registration>> nodes = new TreeMap<>();
    for (Peer peer : roster.alive(Role.AGENT, now)) {
      nodes.put(peer.instance(), new ArrayList<>());
    }
    book.all().stream()
        .filter(Registration::active)
        .forEach(
            one ->
                nodes.computeIfAbsent(one.key().node().value(), any -> new ArrayList<>()).add(one));
    List<String> names =
        nodes.keySet().stream()
            .filter(name -> after == null || name.compareTo(after.value()) > 0)
            .limit(NODES_A_PAGE + 1)
            .toList();
    Map<Peer, Duration> clocks = roster.ahead(now);
    List<Answer.NodeLine> lines =
        names.stream()
            .limit(NODES_A_PAGE)
            .map(name -> node(new NodeName(name), nodes.getOrDefault(name, List.of()), clocks, now))
            .toList();
    return new Answer.Nodes(lines, names.size() > NODES_A_PAGE);
  }

  private Answer.NodeLine node(
      NodeName node, List<Registration> registrations, Map<Peer, Duration> clocks, Instant now) {
    TreeSet<Instant> successes = new TreeSet<>();
    TreeSet<Instant> next = new TreeSet<>();
    int failing = 0;
    int never = 0;
    int running = 0;
    int paused = 0;
    TreeSet<Instant> proven = new TreeSet<>();
    int neverProven = 0;
    int failingDrills = 0;
    for (Registration one : registrations) {
      Optional<Status> status = statuses.of(one.key());
      Optional<Instant> success = status.map(Status::lastGood);
      success.ifPresent(successes::add);
      never += success.isEmpty() ? 1 : 0;
      failing += status.filter(s -> s.lastOutcome() == Status.Outcome.FAILED).isPresent() ? 1 : 0;
      running += scheduler.openSince(one.key()).isPresent() ? 1 : 0;
      paused += scheduler.settings().pauseOf(one.key(), now).isPresent() ? 1 : 0;
      scheduler.nextDue(one.key(), now).ifPresent(next::add);
      Optional<Proof> proof = drills.of(one.key());
      Optional<Instant> good = proof.map(Proof::proven).map(Proof.Drill::ordered);
      good.ifPresent(proven::add);
      neverProven += good.isEmpty() && drills.due(one, status, now).isPresent() ? 1 : 0;
      failingDrills += proof.filter(known -> !known.last().good()).isPresent() ? 1 : 0;
    }
    Instant first = next.isEmpty() ? null : next.first();
    Duration ahead = clocks.get(Peer.agent(node));
    return new Answer.NodeLine(
        node,
        roster.lastSeen(node).orElse(null),
        ahead == null ? null : ahead.toSeconds(),
        registrations.size(),
        failing,
        never,
        successes.isEmpty() ? null : successes.first(),
        successes.isEmpty() ? null : successes.last(),
        first,
        first == null || first.isAfter(now) ? null : Duration.between(first, now).toSeconds(),
        running,
        paused,
        neverProven,
        failingDrills,
        proven.isEmpty() ? null : proven.first(),
        roster.program(node).orElse(null));
  }

  /** That nothing of this node, or this path of it, is registered. */
  Answer.Refused notFoundOf(NodeName node, @Nullable SourcePath path) {
    return path == null
        ? new Answer.Refused(
            Answer.Refused.Reason.NOT_FOUND,
            "nothing of node " + node + " is registered",
            nearestNodes(node))
        : notFound(
            new RegistrationKey(node, path), "nothing is registered at " + node + ":" + path);
  }

  /**
   * A refusal that names what may have been meant.
   *
   * @param why one sentence for a person
   */
  Answer.Refused notFound(RegistrationKey key, String why) {
    boolean nodeKnown =
        book.all().stream().anyMatch(known -> known.key().node().equals(key.node()));
    String hint = nodeKnown ? nearestPaths(key) : nearestNodes(key.node());
    return new Answer.Refused(Answer.Refused.Reason.NOT_FOUND, why, hint);
  }

  private String nearestPaths(RegistrationKey key) {
    List<String> paths =
        book.all().stream()
            .filter(known -> known.key().node().equals(key.node()) && !known.key().equals(key))
            .map(known -> known.key().path().text())
            .toList();
    return hint("paths", Nearest.to(key.path().text(), paths));
  }

  private String nearestNodes(NodeName node) {
    List<String> nodes =
        book.all().stream().map(known -> known.key().node().value()).distinct().toList();
    return hint("nodes", Nearest.to(node.value(), nodes));
  }

  private static String hint(String what, List<String> near) {
    return near.isEmpty()
        ? "admin list shows what is registered."
        : "Nearest " + what + ": " + String.join(", ", near);
  }
}
