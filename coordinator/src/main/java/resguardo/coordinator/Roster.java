package resguardo.coordinator;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.Role;
import resguardo.core.protocol.Event;

/**
 * When each process last gave a sign of life. Times are the coordinator's own, of the arrival: the
 * clock of a node may be wrong by a day.
 */
public final class Roster {
  /** Three signs of life that did not come: then a process is taken as gone (decision 5). */
  public static final Duration GONE_AFTER = Duration.ofSeconds(15);

  /**
   * More workers, coordinators and others than any fleet has. There are as many agents as have a
   * user at the broker; of the others one user may give as many names as it likes.
   */
  static final int MOST_OTHERS = 5000;

  private final Map<Peer, Instant> seen = new ConcurrentHashMap<>();
  private final Map<Peer, Duration> ahead = new ConcurrentHashMap<>();
  private final Map<Peer, Event.ProcessAlive> said = new ConcurrentHashMap<>();
  private final Twins twins = new Twins();
  private final Set<Peer> others = new HashSet<>();
  private Instant cleared = Instant.MIN;

  /** Takes note of an event; of one more process than there can be, none. */
  public void note(Event event, Instant now) {
    if (event instanceof Event.ProcessStopped) {
      forget(event.by());
    } else if (event.by().role() == Role.AGENT || hasRoom(event.by(), now)) {
      ahead.put(event.by(), Duration.between(now, event.time()));
      seen.put(event.by(), now);
      if (event instanceof Event.ProcessAlive alive) {
        said.put(event.by(), alive);
        twins.note(alive, now);
      }
    }
  }

  private synchronized void forget(Peer peer) {
    others.remove(peer);
    seen.remove(peer);
    ahead.remove(peer);
    said.remove(peer);
    twins.forget(peer);
  }

  /** The agents of whose name there is more than one. */
  List<Peer> twins(Instant now) {
    return twins.now(now);
  }

  /** Those that are gone, of which nobody asks when they were seen, make room. */
  private synchronized boolean hasRoom(Peer other, Instant now) {
    if (others.size() >= MOST_OTHERS && !others.contains(other) && alive(cleared, now)) {
      return false; // it was just looked, and not for each of a flood again
    }
    if (others.size() >= MOST_OTHERS && !others.contains(other)) {
      cleared = now;
      for (Peer known : List.copyOf(others)) {
        if (!alive(seen.get(known), now)) {
          forget(known);
        }
      }
    }
    return others.contains(other) || others.size() < MOST_OTHERS && others.add(other);
  }

  /** The broker says that the agent of this node is connected. */
  void connected(NodeName node, Instant now) {
    seen.put(Peer.agent(node), now);
  }

  /** What each process that is there last said of itself. */
  public List<Event.ProcessAlive> there(Instant now) {
    return said.values().stream()
        .filter(word -> alive(seen.get(word.by()), now))
        .sorted(Comparator.comparing(word -> word.by().prefix()))
        .toList();
  }

  /**
   * When the agent of this node was last seen; empty: not since this coordinator started, or it has
   * ended in order.
   */
  public Optional<Instant> lastSeen(NodeName node) {
    return Optional.ofNullable(seen.get(Peer.agent(node)));
  }

  /**
   * Which build the agent of this node said last that it is of; empty: it did not say, or as {@link
   * #lastSeen}.
   */
  public Optional<String> program(NodeName node) {
    return Optional.ofNullable(said.get(Peer.agent(node))).map(Event.ProcessAlive::program);
  }

  /**
   * How far the clock of each process that is there is ahead of this one, by the last that it said;
   * negative: behind. It holds the time that the word was on its way.
   */
  public Map<Peer, Duration> ahead(Instant now) {
    Map<Peer, Duration> there = new TreeMap<>(Comparator.comparing(Peer::prefix));
    ahead.forEach(
        (peer, time) -> {
          if (alive(seen.get(peer), now)) {
            there.put(peer, time);
          }
        });
    return there;
  }

  /** Whether the agent of this node is there to take an order. */
  public boolean alive(NodeName node, Instant now) {
    return alive(seen.get(Peer.agent(node)), now);
  }

  /** The processes of this role that are there. */
  public List<Peer> alive(Role role, Instant now) {
    return seen.entrySet().stream()
        .filter(entry -> entry.getKey().role() == role && alive(entry.getValue(), now))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static boolean alive(@org.jspecify.annotations.Nullable Instant last, Instant now) {
    return last != null && !last.plus(GONE_AFTER).isBefore(now);
  }
}
