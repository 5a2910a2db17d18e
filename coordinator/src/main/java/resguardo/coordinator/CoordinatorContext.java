package resguardo.coordinator;

import java.time.Clock;
import resguardo.core.Peer;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.ControlChannel;
import resguardo.core.port.EventChannel;
import resguardo.core.port.JobQueue;
import resguardo.core.port.Platform;
import resguardo.core.port.ReplyChannel;
import resguardo.infra.runtime.ActivityLog;

/** What a coordinator works with. */
public record CoordinatorContext(
    Peer self,
    Platform platform,
    ArchiveStore store,
    JobQueue jobs,
    CommandChannel commands,
    AgentChannel agents,
    ReplyChannel replies,
    EventChannel events,
    ControlChannel control,
    ActivityLog activity) {
  /** The time of day. */
  public Clock clock() {
    return platform.clock();
  }
}
