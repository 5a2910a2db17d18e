package resguardo.coordinator;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import resguardo.core.RegistrationKey;
import resguardo.core.protocol.Answer;

/** Finds out, now and then, how the whole fleet stands, for {@link FleetMetrics}. */
final class Measurement {
  private final CoordinatorContext context;
  private final Lock lock;
  private final RegistrationLines lines;
  private final FleetDesk fleet;
  private final Roster roster;
  private final Floods floods;
  private final Looks looks;
  private final FleetMetrics metrics;

  /**
   * @param lock whoever holds it has the lines and the desk alone
   */
  Measurement(
      CoordinatorContext context,
      Lock lock,
      RegistrationLines lines,
      FleetDesk fleet,
      Roster roster,
      Floods floods,
      Looks looks,
      FleetMetrics metrics) {
    this.context = context;
    this.lock = lock;
    this.looks = looks;
    this.lines = lines;
    this.fleet = fleet;
    this.roster = roster;
    this.floods = floods;
    this.metrics = metrics;
  }

  /**
   * Looks at all. A page at a time: what cron expressions mean takes long to find out, and jobs are
   * to go on meanwhile.
   *
   * @param leads whether this coordinator does
   * @throws IOException when store or broker could not be asked; what was told before stays
   */
  void run(boolean leads) throws IOException {
    if (!leads) {
      metrics.standsBy();
      return;
    }
    looks.freshen();
    List<Answer.RegistrationLine> all = new ArrayList<>();
    boolean more = true;
    while (more) {
      RegistrationKey after = all.isEmpty() ? null : all.get(all.size() - 1).key();
      lock.lock();
      try {
        Answer.Registrations page = lines.page(after, now());
        all.addAll(page.lines());
        more = page.more();
      } finally {
        lock.unlock();
      }
    }
    Answer.Load load;
    lock.lock();
    try {
      load = fleet.load();
    } finally {
      lock.unlock();
    }
    Map<String, Boolean> up = new TreeMap<>();
    all.forEach(
        line -> up.put(line.key().node().value(), roster.alive(line.key().node(), load.now())));
    Map<String, Boolean> flooding = new TreeMap<>();
    up.keySet().forEach(node -> flooding.put(node, false));
    floods.now().forEach(flood -> flooding.put(flood.node().value(), true));
    metrics.update(all, up, flooding, load);
  }

  private Instant now() {
    return context.clock().instant();
  }
}
