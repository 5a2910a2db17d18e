package resguardo.worker;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.SliceLimit;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.EventChannel;
import resguardo.core.port.JobQueue;
import resguardo.core.port.Platform;
import resguardo.core.port.ReplyChannel;
import resguardo.infra.runtime.ActivityLog;

/**
 * What a worker works with.
 *
 * @param spool a folder for manifests in the making
 * @param slices how much of a set goes in one attempt
 * @param patience how long an agent may take for one attempt, however many signs of life it gives
 * @param metrics where it counts: {@code resguardo_jobs_total} by outcome, {@code
 *     resguardo_stored_bytes_total}, {@code resguardo_queries_total} by outcome
 * @param longestLock a job that asks to lock its version for longer fails; absent: none does
 */
public record WorkerContext(
    Peer self,
    Platform platform,
    Path spool,
    ArchiveStore store,
    JobQueue jobs,
    AgentChannel agents,
    ReplyChannel replies,
    EventChannel events,
    ActivityLog activity,
    SliceLimit slices,
    Duration patience,
    MeterRegistry metrics,
    @Nullable Duration longestLock) {
  /** One that locks for as long as is asked for. */
  public WorkerContext(
      Peer self,
      Platform platform,
      Path spool,
      ArchiveStore store,
      JobQueue jobs,
      AgentChannel agents,
      ReplyChannel replies,
      EventChannel events,
      ActivityLog activity,
      SliceLimit slices,
      Duration patience,
      MeterRegistry metrics) {
    this(
        self, platform, spool, store, jobs, agents, replies, events, activity, slices, patience,
        metrics, null);
  }

  /** The time of day. */
  public Clock clock() {
    return platform.clock();
  }
}
