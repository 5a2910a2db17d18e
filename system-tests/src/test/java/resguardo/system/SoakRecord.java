package resguardo.system;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import resguardo.core.FetchJob;
import resguardo.core.JobId;
import resguardo.core.RegistrationKey;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Event;

/**
 * What the programs told of jobs: by events, and, where a broker that was killed took them along,
 * by the lines of their logs.
 */
final class SoakRecord {
  private static final Pattern LINE =
      Pattern.compile(
          ".*ActivityLog - (\\S+Z) (?:coordinator|fetch-worker) \\S+ \\S+ \\S+ (\\S+\\.\\S+) (.*)");
  private static final Pattern MISSED = Pattern.compile("(\\d+) slots before it were missed");

  /** A worker or an agent that was killed is missed this long: see Scheduler and Roster. */
  private static final Duration AFTER_A_KILL = Duration.ofSeconds(60);

  private final Map<JobId, Told> told = new HashMap<>();
  private final Map<RegistrationKey, FetchJob> newest = new HashMap<>();
  private long events;
  private long jobs;

  /** What is known of a job. */
  private static final class Told {
    private @Nullable Instant published;
    private @Nullable Instant ended;
    private Status.@Nullable Outcome outcome;
    private long missedBefore;
  }

  /** A registration's slots, and how often they come. */
  record Slots(RegistrationKey key, long generation, List<Instant> due, Duration every) {
    JobId job(Instant slot) {
      return JobId.of(key, generation, slot);
    }
  }

  private Told of(JobId job) {
    return told.computeIfAbsent(job, any -> new Told());
  }

  /** Takes note of an event. */
  synchronized void note(Event event) {
    events++;
    if (event instanceof Event.JobPublished published) {
      newest.put(published.job().registration(), published.job());
      published(published.job().id(), published.time());
    } else if (event instanceof Event.SlotsMissed missed) {
      FetchJob job = newest.get(missed.registration());
      if (job != null) {
        of(job.id()).missedBefore = missed.count();
      }
    } else if (event instanceof Event.JobEnded ended) {
      jobs++;
      boolean own = ended.status().lastJob().equals(ended.job().id());
      ended(ended.job().id(), ended.time(), own ? ended.status().lastOutcome() : null);
    }
  }

  /** Takes from the log of a coordinator or a worker what no event told. */
  synchronized void read(String line) {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      return;
    }
    Instant time = Instant.parse(parts.group(1));
    JobId job = new JobId(parts.group(2));
    String what = parts.group(3);
    Matcher missed = MISSED.matcher(what);
    if (what.startsWith("published the job")) {
      published(job, time);
    } else if (missed.matches()) {
      of(job).missedBefore = Long.parseLong(missed.group(1));
    } else if (what.startsWith("committed version")) {
      ended(job, time, Status.Outcome.COMMITTED);
    } else if (what.startsWith("unchanged:")) {
      ended(job, time, Status.Outcome.UNCHANGED);
    } else if (what.startsWith("failed:")) {
      ended(job, time, Status.Outcome.FAILED);
    } else if (what.startsWith("cancelled:")) {
      ended(job, time, Status.Outcome.CANCELLED);
    } else if (what.equals("was done before")) {
      ended(job, time, null);
    }
  }

  private void published(JobId job, Instant time) {
    Told of = of(job);
    of.published = of.published == null ? time : of.published;
  }

  private void ended(JobId job, Instant time, Status.@Nullable Outcome outcome) {
    Told of = of(job);
    of.ended = of.ended == null ? time : of.ended;
    of.outcome = of.outcome == null ? outcome : of.outcome;
  }

  /** How many events there were. */
  synchronized long events() {
    return events;
  }

  /** How many of them told the end of a job. */
  synchronized long jobs() {
    return jobs;
  }

  /** How the jobs of these slots ended, where that was told. */
  synchronized Map<Instant, Status.Outcome> ended(Slots slots) {
    Map<Instant, Status.Outcome> ended = new HashMap<>();
    for (Instant slot : slots.due()) {
      Told known = told.get(slots.job(slot));
      if (known != null && known.outcome != null) {
        ended.put(slot, known.outcome);
      }
    }
    return ended;
  }

  /** Why slots were missed, as far as that is known; also of those that were not. */
  synchronized Map<Instant, String> reasons(Slots slots, SoakFleet fleet) {
    Map<Instant, String> reasons = new HashMap<>();
    Set<Instant> missed = new TreeSet<>();
    List<Instant> before = new ArrayList<>();
    for (Instant slot : slots.due()) {
      Told known = of(slots.job(slot));
      for (long i = 1; i <= known.missedBefore; i++) {
        missed.add(slot.minus(slots.every().multipliedBy(i)));
      }
      reason(slots, slot, before, fleet).ifPresent(why -> reasons.put(slot, why));
      before.add(slot);
    }
    missed.forEach(
        slot -> reasons.merge(slot, "", (why, any) -> why + ", as the coordinator told"));
    reasons.replaceAll((slot, why) -> why.isEmpty() ? "as the coordinator told" : why);
    return reasons;
  }

  private java.util.Optional<String> reason(
      Slots slots, Instant slot, List<Instant> before, SoakFleet fleet) {
    Instant next = slot.plus(slots.every());
    Set<String> down =
        new TreeSet<>(fleet.down(slots.key().node().value(), slot, next, AFTER_A_KILL));
    Told own = of(slots.job(slot));
    if (own.ended != null) {
      return java.util.Optional.of("its job was done, and how it ended was told by nobody");
    } else if (own.published != null) {
      return java.util.Optional.of("its job was published, and its end was told by nobody");
    } else if (before.stream().map(slots::job).anyMatch(job -> isUnderWay(of(job), slot))) {
      return java.util.Optional.of(
          "an older slot was still under way" + (down.isEmpty() ? "" : ", after a kill"));
    } else if (!down.isEmpty()) {
      return java.util.Optional.of(String.join(" and ", down) + " down, or just back");
    }
    return java.util.Optional.empty();
  }

  private static boolean isUnderWay(Told job, Instant slot) {
    return job.published != null
        && job.ended != null
        && !job.published.isAfter(slot.plusSeconds(1)) // it is looked every second
        && job.ended.isAfter(slot);
  }
}
