package resguardo.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import resguardo.core.JobId;
import resguardo.core.RegistrationKey;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Event;

/**
 * What a fleet does now, as one picture: made of what events tell and of what the coordinator says
 * is waiting. For several threads.
 */
final class WatchBoard {
  /** Workers tell of a job every 5 seconds; a rate is over what they told in this time. */
  private static final Duration RATE_OVER = Duration.ofSeconds(20);

  private static final int ENDS_SHOWN = 8;
  private static final String NONE = "-";

  private final Map<String, Worker> workers = new TreeMap<>();
  private final Map<JobId, Progress> jobs = new HashMap<>();
  private final Deque<String> ends = new ArrayDeque<>();

  /** What a worker has done since this board is looked at. */
  private static final class Worker {
    private final Map<Status.Outcome, Integer> ended = new HashMap<>();
    private final Deque<Moved> moved = new ArrayDeque<>();
    private int returned;

    int count(Status.Outcome outcome) {
      return ended.getOrDefault(outcome, 0);
    }
  }

  private record Moved(Instant time, long bytes) {}

  private record Progress(long entries, long bytes) {}

  /**
   * Takes note of an event.
   *
   * @param now when it came, by the clock of this machine
   */
  synchronized void note(Event event, Instant now) {
    if (event instanceof Event.JobRunning running) {
      Progress before =
          jobs.put(running.job().id(), new Progress(running.entries(), running.bytes()));
      long bytes = running.bytes() - (before == null ? 0 : before.bytes());
      worker(event).moved.add(new Moved(now, Math.max(0, bytes)));
    } else if (event instanceof Event.JobEnded ended) {
      jobs.remove(ended.job().id());
      worker(event).ended.merge(ended.status().lastOutcome(), 1, Integer::sum);
      end(now, ended.job().registration(), words(ended.status()));
    } else if (event instanceof Event.JobReturned returned) {
      worker(event).returned++;
      end(
          now,
          returned.job().registration(),
          "returned" + (returned.why() == null ? "" : ": " + returned.why()));
    } else if (event instanceof Event.RestoreEnded restored) {
      end(
          now,
          restored.registration(),
          restored.why() == null
              ? "restored version " + restored.serial() + " to " + restored.to()
              : "failed to restore to " + restored.to() + ": " + restored.why());
    } else if (event instanceof Event.DrillEnded drill && drill.proof() != null) {
      String outcome = drill.proof().last().good() ? "was proven restorable" : "FAILED a drill";
      end(now, drill.registration(), "version " + drill.serial() + " " + outcome);
    } else if (event instanceof Event.SlotsMissed missed) {
      end(now, missed.registration(), "missed " + missed.count() + ": " + missed.why());
    }
  }

  private Worker worker(Event event) {
    return workers.computeIfAbsent(event.by().instance(), any -> new Worker());
  }

  private void end(Instant now, RegistrationKey key, String what) {
    ends.addLast(clock(now) + "  " + key + "  " + what);
    if (ends.size() > ENDS_SHOWN) {
      ends.removeFirst();
    }
  }

  private static String clock(Instant time) {
    return time.truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
  }

  private static String words(Status status) {
    String word = status.lastOutcome().name().toLowerCase(java.util.Locale.ROOT);
    return switch (status.lastOutcome()) {
      case COMMITTED -> word + " version " + status.lastVersion();
      case UNCHANGED -> word;
      default -> word + ": " + status.lastReason();
    };
  }

  /**
   * The picture as lines, at most so many.
   *
   * @param load what the coordinator says; absent: it did not answer
   */
  synchronized List<String> picture(Answer.@Nullable Load load, Instant now, int most) {
    List<String> lines = new ArrayList<>();
    if (load == null) {
      lines.add(clock(now) + "  no coordinator answers");
    } else {
      lines.add(
          String.format(
              "%s  waiting: %d  open: %d  workers: %d  dead letters: %d",
              clock(now), load.waiting(), load.openCount(), load.workers().size(), load.dead()));
      load.workers().forEach(peer -> workers.computeIfAbsent(peer.instance(), any -> new Worker()));
    }
    List<Answer.OpenJob> inHand =
        load == null
            ? List.of()
            : load.open().stream().filter(job -> job.worker() != null).toList();
    if (load != null && load.drill() != null) {
      lines.add(drill(load.drill()));
    }
    lines.add("");
    lines.addAll(workers(inHand, now).lines().toList());
    if (!ends.isEmpty()) {
      lines.add("");
      lines.addAll(ends);
    }
    if (!inHand.isEmpty()) {
      lines.add("");
      lines.addAll(jobs(inHand, load == null ? now : load.now()).lines().toList());
    }
    return lines.subList(0, Math.min(most, lines.size()));
  }

  private static String drill(Answer.OpenDrill drill) {
    return String.format(
        "drill: version %s of %s  %s  entries: %d  %s",
        drill.serial(),
        drill.registration(),
        drill.worker() == null ? "waits for a worker" : "by " + drill.worker().instance(),
        drill.entries(),
        Listing.size(drill.bytes()));
  }

  private String workers(List<Answer.OpenJob> inHand, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    workers.forEach(
        (name, worker) -> {
          long hand =
              inHand.stream()
                  .filter(job -> job.worker() != null && job.worker().instance().equals(name))
                  .count();
          rows.add(
              List.of(
                  name,
                  String.valueOf(hand),
                  Listing.size(rate(worker, now)) + "/s",
                  String.valueOf(worker.count(Status.Outcome.COMMITTED)),
                  String.valueOf(worker.count(Status.Outcome.UNCHANGED)),
                  String.valueOf(worker.count(Status.Outcome.FAILED)),
                  String.valueOf(worker.returned)));
        });
    return Tables.of(
        List.of("WORKER", "IN HAND", "RATE", "COMMITTED", "UNCHANGED", "FAILED", "RETURNED"), rows);
  }

  private static long rate(Worker worker, Instant now) {
    worker.moved.removeIf(moved -> moved.time().isBefore(now.minus(RATE_OVER)));
    return worker.moved.stream().mapToLong(Moved::bytes).sum() / RATE_OVER.toSeconds();
  }

  private String jobs(List<Answer.OpenJob> inHand, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    for (Answer.OpenJob job : inHand) {
      Progress told = jobs.getOrDefault(job.job().id(), new Progress(job.entries(), job.bytes()));
      rows.add(
          List.of(
              job.job().registration().node().value(),
              job.job().registration().path().toString(),
              job.worker() == null ? NONE : job.worker().instance(),
              String.valueOf(told.entries()),
              Listing.size(told.bytes()),
              TimeSpan.rough(Duration.between(job.published(), now)),
              String.valueOf(job.job().attempt())));
    }
    return Tables.of(List.of("NODE", "PATH", "WORKER", "ENTRIES", "BYTES", "FOR", "ATTEMPT"), rows);
  }
}
