package resguardo.retention;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what is done: {@code resguardo_retention_expired_versions_total}, {@code
 * resguardo_retention_freed_archives_total}, {@code resguardo_retention_freed_bytes_total}, {@code
 * resguardo_retention_failures_total} (registrations that could not be looked at), and {@code
 * resguardo_retention_last_round_timestamp_seconds}, when the last look at all ended; 0: none did
 * yet. For any threads.
 */
final class Tally {
  private final Counter expired;
  private final Counter freedArchives;
  private final Counter freedBytes;
  private final Counter failures;
  private final AtomicLong lastRound = new AtomicLong();

  Tally(MeterRegistry metrics) {
    expired = metrics.counter("resguardo.retention.expired.versions");
    freedArchives = metrics.counter("resguardo.retention.freed.archives");
    freedBytes = metrics.counter("resguardo.retention.freed.bytes");
    failures = metrics.counter("resguardo.retention.failures");
    Gauge.builder(
            "resguardo.retention.last.round.timestamp.seconds", lastRound, AtomicLong::doubleValue)
        .register(metrics);
  }

  void expired() {
    expired.increment();
  }

  void freed(long bytes) {
    freedArchives.increment();
    freedBytes.increment(bytes);
  }

  void failed() {
    failures.increment();
  }

  void roundEnded(Instant now) {
    lastRound.set(now.getEpochSecond());
  }

  long versions() {
    return Math.round(expired.count());
  }

  long bytes() {
    return Math.round(freedBytes.count());
  }
}
