package resguardo.retention;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import resguardo.core.Peer;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.EventChannel;
import resguardo.core.port.Platform;
import resguardo.infra.runtime.ActivityLog;

/**
 * What the process that expires versions works with.
 *
 * @param grace how long a version that is to be expired stays one, and how long after that its
 *     archives stay: whoever is reading it then has so much time to end
 * @param interval from the end of a look at all registrations to the next
 * @param metrics where it counts, see {@link Tally}
 */
public record RetentionContext(
    Peer self,
    Platform platform,
    ArchiveStore store,
    EventChannel events,
    ActivityLog activity,
    Duration grace,
    Duration interval,
    MeterRegistry metrics) {
  public RetentionContext {
    if (grace.isNegative()) {
      throw new IllegalArgumentException("a time of grace is 0 seconds or more: " + grace);
    }
    if (interval.isZero() || interval.isNegative()) {
      throw new IllegalArgumentException("an interval is 1 second or more: " + interval);
    }
  }
}
