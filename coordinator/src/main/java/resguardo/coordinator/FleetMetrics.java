package resguardo.coordinator;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import resguardo.core.Registration;
import resguardo.core.Schedule;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;

/**
 * What a coordinator tells Prometheus of the whole fleet; {@code docs/metrics.md} has the list.
 * Only the one that leads has figures of registrations and nodes: else each would be there twice.
 */
final class FleetMetrics {
  private static final String PREFIX = "resguardo.";

  private final Map<String, MultiGauge> gauges = new TreeMap<>();
  private final AtomicReference<Answer.Load> load = new AtomicReference<>();
  private final Counter published;
  private final Counter missed;
  private volatile boolean leads;

  /** The rows of each gauge, in the making. */
  private static final class Rows {
    private final Map<String, List<MultiGauge.Row<?>>> all = new TreeMap<>();

    void add(String gauge, Tags tags, double value) {
      all.computeIfAbsent(gauge, any -> new ArrayList<>()).add(MultiGauge.Row.of(tags, value));
    }
  }

  FleetMetrics(MeterRegistry registry) {
    gauge(
        registry,
        "registration.last.success.timestamp",
        "seconds",
        "Slot of the last good backup.");
    gauge(registry, "registration.interval", "seconds", "Time between its next two slots.");
    gauge(registry, "registration.lag", "seconds", "For how long its oldest due slot has waited.");
    gauge(registry, "registration.failing", null, "1 if its last attempt failed.");
    gauge(registry, "registration.paused", null, "1 if an operator has paused it.");
    gauge(registry, "registration.missed.slots", null, "How many of its slots were never run.");
    gauge(registry, "registration.alarms.open", null, "Suspicious versions that nobody accepted.");
    gauge(
        registry,
        "registration.last.proven.timestamp",
        "seconds",
        "When it was last proven that it can be restored.");
    gauge(registry, "registration.drill.interval", "seconds", "Time from one drill to the next.");
    gauge(registry, "registration.drill.lag", "seconds", "For how long its next drill is due.");
    gauge(registry, "registration.drill.failing", null, "1 if its last drill failed.");
    gauge(registry, "node.up", null, "1 if the agent of the node gives signs of life.");
    gauge(registry, "node.flooding", null, "1 if more comes from a node than any agent sends.");
    registry.gauge(PREFIX + "leading", this, metrics -> metrics.leads ? 1 : 0);
    loadGauge(registry, "jobs.waiting", Answer.Load::waiting);
    loadGauge(registry, "jobs.open", Answer.Load::openCount);
    loadGauge(registry, "dead.letters", Answer.Load::dead);
    loadGauge(registry, "workers", told -> told.workers().size());
    published = registry.counter(PREFIX + "jobs.published");
    missed = registry.counter(PREFIX + "slots.missed");
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      @org.jspecify.annotations.Nullable String unit,
      String description) {
    gauges.put(
        name,
        MultiGauge.builder(PREFIX + name)
            .baseUnit(unit)
            .description(description)
            .register(registry));
  }

  /** One that does not lead knows nothing of it. */
  private void loadGauge(
      MeterRegistry registry, String name, java.util.function.ToLongFunction<Answer.Load> value) {
    registry.gauge(
        PREFIX + name,
        load,
        last -> last.get() == null ? Double.NaN : value.applyAsLong(last.get()));
  }

  /** Counts a job that is on the queue. */
  void published() {
    published.increment();
  }

  /** Counts slots that will not be run. */
  void missed(long count) {
    missed.increment(count);
  }

  /** This coordinator does not lead: another has the figures. */
  void standsBy() {
    leads = false;
    load.set(null);
    set(new Rows());
  }

  /** How all stand. */
  void update(
      List<Answer.RegistrationLine> lines,
      Map<String, Boolean> up,
      Map<String, Boolean> flooding,
      Answer.Load now) {
    Rows rows = new Rows();
    lines.forEach(line -> add(line, now.now(), rows));
    up.forEach((node, alive) -> rows.add("node.up", Tags.of("node", node), alive ? 1 : 0));
    flooding.forEach(
        (node, does) -> rows.add("node.flooding", Tags.of("node", node), does ? 1 : 0));
    set(rows);
    load.set(now);
    leads = true;
  }

  private void set(Rows rows) {
    gauges.forEach((name, gauge) -> gauge.register(rows.all.getOrDefault(name, List.of()), true));
  }

  private static void add(Answer.RegistrationLine line, Instant now, Rows rows) {
    Tags tags = Tags.of("node", line.key().node().value(), "path", line.key().path().text());
    Status status = line.status();
    if (status != null && status.lastGood() != null) {
      rows.add("registration.last.success.timestamp", tags, status.lastGood().getEpochSecond());
    }
    interval(line.registration(), now)
        .ifPresent(interval -> rows.add("registration.interval", tags, interval.toSeconds()));
    Instant due = line.nextDue();
    rows.add(
        "registration.lag",
        tags,
        due == null || due.isAfter(now) ? 0 : Duration.between(due, now).toSeconds());
    boolean failing = status != null && status.lastOutcome() == Status.Outcome.FAILED;
    rows.add("registration.failing", tags, failing ? 1 : 0);
    rows.add("registration.paused", tags, line.pause() == null ? 0 : 1);
    rows.add(
        "registration.missed.slots",
        tags,
        status == null || status.missed() == null ? 0 : status.missed());
    drills(line, now, tags, rows);
    rows.add("registration.alarms.open", tags, line.alarms() == null ? 0 : line.alarms().size());
  }

  private static void drills(Answer.RegistrationLine line, Instant now, Tags tags, Rows rows) {
    Proof.Drill proven = line.proof() == null ? null : line.proof().proven();
    if (proven != null) {
      long at = Ahead.earlier(proven.ordered(), now).getEpochSecond();
      rows.add("registration.last.proven.timestamp", tags, at);
    }
    if (line.drillSeconds() != null) {
      rows.add("registration.drill.interval", tags, line.drillSeconds());
    }
    Instant due = line.drillDue();
    boolean waits = due != null && !due.isAfter(now) && line.pause() == null;
    rows.add(
        "registration.drill.lag",
        tags,
        waits && due != null ? Duration.between(due, now).toSeconds() : 0);
    rows.add("registration.drill.failing", tags, line.failsDrills() ? 1 : 0);
  }

  private static Optional<Duration> interval(Registration registration, Instant now) {
    if (registration.schedule() instanceof Schedule.Every every) {
      return Optional.of(Duration.ofSeconds(every.seconds()));
    }
    Optional<Instant> next = Slots.next(registration.schedule(), registration.since(), now);
    return next.flatMap(
        first ->
            Slots.next(registration.schedule(), registration.since(), first)
                .map(second -> Duration.between(first, second)));
  }
}
