package resguardo.coordinator;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.ControlChannel;
import resguardo.core.port.DeadLetterQueue;
import resguardo.core.port.EventChannel;
import resguardo.core.port.JobQueue;
import resguardo.core.port.Platform;
import resguardo.core.port.ReplyChannel;
import resguardo.infra.runtime.ActivityLog;

/**
 * What a coordinator works with.
 *
 * @param metrics where it tells of the fleet; absent: nobody asks
 */
public record CoordinatorContext(
    Peer self,
    Platform platform,
    ArchiveStore store,
    JobQueue jobs,
    DeadLetterQueue dead,
    CommandChannel commands,
    AgentChannel agents,
    ReplyChannel replies,
    EventChannel events,
    ControlChannel control,
    ActivityLog activity,
    @Nullable MeterRegistry metrics) {
  /** Of whose fleet nobody asks for figures. */
  public CoordinatorContext(
      Peer self,
      Platform platform,
      ArchiveStore store,
      JobQueue jobs,
      DeadLetterQueue dead,
      CommandChannel commands,
      AgentChannel agents,
      ReplyChannel replies,
      EventChannel events,
      ControlChannel control,
      ActivityLog activity) {
    this(
        self, platform, store, jobs, dead, commands, agents, replies, events, control, activity,
        null);
  }

  /** The time of day. */
  public Clock clock() {
    return platform.clock();
  }
}
