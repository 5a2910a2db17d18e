package resguardo.transfer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import resguardo.transfer.copy.ExportSummary;

/**
 * Counts what is copied to another bucket, for Prometheus: {@code docs/metrics.md} has the list.
 * Copies are told apart by their target. For any threads.
 */
final class CopyTally {
  private final Counter versions;
  private final Counter archives;
  private final Counter bytes;
  private final Counter pruned;
  private final AtomicLong lastComplete = new AtomicLong();
  private final AtomicLong problems = new AtomicLong();
  private volatile @Nullable String trouble;

  /**
   * @param target what is copied to, without its key
   * @param every how long it waits after a round
   */
  CopyTally(MeterRegistry metrics, String target, Duration every) {
    Tags of = Tags.of("target", target);
    versions = metrics.counter("resguardo.export.versions", of);
    archives = metrics.counter("resguardo.export.archives", of);
    bytes = metrics.counter("resguardo.export.bytes", of);
    pruned = metrics.counter("resguardo.export.pruned.versions", of);
    Gauge.builder(
            "resguardo.export.last.complete.timestamp.seconds",
            lastComplete,
            AtomicLong::doubleValue)
        .tags(of)
        .register(metrics);
    Gauge.builder("resguardo.export.problems", problems, AtomicLong::doubleValue)
        .tags(of)
        .register(metrics);
    Gauge.builder("resguardo.export.interval.seconds", every, Duration::toSeconds)
        .tags(of)
        .register(metrics);
  }

  /**
   * A round has ended.
   *
   * @param began when it began: what was committed later may not be in the copy
   */
  void ended(ExportSummary summary, Instant began) {
    versions.increment(summary.versions());
    archives.increment(summary.archives());
    bytes.increment(summary.bytes());
    pruned.increment(summary.pruned());
    problems.set(summary.problems());
    if (summary.problems() == 0) {
      lastComplete.set(began.getEpochSecond());
    }
    trouble = null;
  }

  /** A round was broken off, as one of the buckets could not be used. */
  void brokenOff(String why) {
    problems.set(1);
    trouble = why;
  }

  /** Why the last round was broken off; empty: it was not. */
  Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }
}
